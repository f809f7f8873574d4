"""What a check sees of a submission: the student's functions, values and models, asked from outside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.checks.arguments import arguments, leaves
from autograder.checks.handles import Function, Handle, Layer, Model
from autograder.checks.hidden import HiddenData, Measured, by_row, coarse_recall, doubts
from autograder.checks.notes import note_asked
from autograder.checks.replies import gradients_by_path, gradients_in_order, kind_of, list_of
from autograder.checks.source import Sources
from autograder.errors import CheckError, NotThere, StudentFault
from autograder.results import DISAGREEMENT, ConfusionMatrix, Evidence, Figure
from autograder.sandbox.process import StudentProcess
from autograder.sandbox.wire import Kept

Array = np.ndarray[Any, Any]

MOST_ROWS_AGAIN = 512


@dataclass(frozen=True)
class Owner:
    """Whose submission it is.

    Attributes:
        student: The id it was handed in under; what the notebook says of itself does not count.
        drawn: What was drawn for the student: in a quiz, the keys of their questions.
    """

    student: str
    drawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """What a check asks through.

    Attributes:
        process: The line to the student's kernel.
        clean: Gives the line to a kernel that has never run student code, when a check needs one.
        seed: What the check's own random numbers follow from: same submission, same numbers.
        seconds: The check's budget in seconds by the process's clock, all its questions together.
        sources: The code cells by grade_id, in the notebook's order.
        hidden: Whether the check asks about hidden data: then nothing but numbers comes back.
        given: Which of the cells are the instructor's.
        owner: Whose submission it is; None for a check that is not to know.
    """

    process: StudentProcess
    clean: Callable[[], StudentProcess]
    seed: str
    seconds: float
    sources: Mapping[str, str]
    hidden: bool = False
    given: frozenset[str] = frozenset()
    owner: Owner | None = None


class Student:
    """A submission under judgement. One object per check.

    Args:
        line: What to ask through.

    Attributes:
        rng: The check's own random generator.
        figures: What `show` was given.
        flags: Why a person should look, although there is a verdict.
        evidence: How far the answers can be believed, where that is less than the check says; None otherwise.
        remarked: What `remark` was given.
        explained: What `explain` was given.
    """

    def __init__(self, line: Line) -> None:
        self._line, self._process = line, line.process
        self._deadline = self._process.clock.now() + line.seconds
        digest = hashlib.sha256(line.seed.encode()).digest()
        self.rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
        self.figures: list[Figure] = []
        self.flags: list[str] = []
        self.evidence: Evidence | None = None
        self.remarked = self.explained = ""
        self._reads_text = not line.hidden

    def call(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function, or make an object of their class, and return what it returns.

        Plain values and arrays come back as such, a Keras layer as `Layer` (a model as `Model`), anything else as
        `Handle`. Handles may be arguments.

        Raises:
            StudentFault: The function is missing, raised, or took longer than the check's budget.
        """
        return self._ask("call", function=function, args=list(args), kwargs=kwargs)

    def call_in_float64(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        """The same while float64 is Keras's default: layers that are made meanwhile compute in it for good.

        On JAX they do only where the notebook has enabled it.
        """
        return self._ask("call", function=function, args=list(args), kwargs=kwargs, float64=True)

    def value(self, name: str) -> Any:
        """The value of a name in the student's notebook.

        Raises:
            StudentFault: The notebook does not define it.
        """
        return self._ask("value", name=name)

    def has(self, name: str) -> bool:
        """Whether the notebook defines the name, by its own account."""
        return self._ask("has", name=name) is True

    def function(self, name: str) -> Function:
        """The student's function of that name, to hand to an expectation that calls it with inputs of its own."""
        return Function(self, name)

    def seed(self, number: int) -> None:
        """Fix the seeds of Python, NumPy and Keras in the notebook's process, as is done before every check."""
        self._ask("seed", seed=number)

    def gradients_of(
        self, function: str | Handle, inputs: Any, cotangent: Any, wrt: Sequence[int] | None = None
    ) -> list[Array | None]:
        """Gradients of sum(function(*inputs) * cotangent) for each input; None where none arrives.

        An input that is no array of floats has none; on JAX, a float that is not used has one of zeros.

        Args:
            function: The name of the student's function, or an object that can be called; it is given tensors.
            inputs: An array, or a tuple of all arguments; a list counts as one argument of several arrays.
            cotangent: An array of the output's shape; of several outputs, a list of arrays.
            wrt: Places of the inputs to return gradients for, all when None.
        """
        found = gradients_in_order(
            self._ask("function_gradients", function=function, inputs=arguments(inputs), cotangent=cotangent),
            len(leaves(inputs)),
        )
        return found if wrt is None else [found[place] for place in wrt]

    def chain_gradients(
        self, parts: Sequence[Layer], inputs: Any, cotangent: Any, training: bool = False
    ) -> list[dict[str, Array | None]]:
        """Gradients by path for the trainable weights of each of several models, the first of which feeds the next.

        They are those of sum(output * cotangent), output being the last part's.
        """
        found = list_of(
            self._ask(
                "chain_gradients",
                parts=list(parts),
                inputs=arguments(inputs),
                cotangent=cotangent,
                training=training,
            )
        )
        if len(found) != len(parts):
            raise StudentFault(f"expected gradients for {len(parts)} parts, received them for {len(found)}")
        return [gradients_by_path(part) for part in found]

    @property
    def sources(self) -> Sources:
        """All code cells of the submission, for `expect_no_use_of`."""
        return Sources(self._line.sources, self._line.given)

    def source(self, cell: str) -> str:
        """The text of the student's code cell with that grade_id; "" when the submission has none."""
        note_asked(cell)
        return self._line.sources.get(cell, "")

    @property
    def owner(self) -> Owner:
        """Whose submission it is.

        Raises:
            CheckError: The check is not declared with `personal=True`, or nobody knows.
        """
        if self._line.owner is None:
            raise CheckError(
                "expected a check declared with personal=True, on a submission that was handed in, to ask whose it is"
            )
        return self._line.owner

    def remark(self, words: str) -> None:
        """Say something beside the verdict of a check that passes; a `Failure` has words of its own."""
        self.remarked = words

    def explain(self, words: str) -> None:
        """Say what is right and why, in Markdown: on the student's page once the assignment is over for everybody."""
        self.explained = words

    def load_model(self, path: str) -> Model:
        """A model the notebook saved in its own folder, loaded inside the sandbox."""
        return self._a_model(self._ask("load_model", path=path))

    def show(self, figure: Figure) -> None:
        """Add a curve or a confusion matrix to the report, beside this check; on hidden data, bars in its place."""
        if self._line.hidden:
            if not isinstance(figure, ConfusionMatrix):
                raise CheckError("expected a confusion matrix from a check on hidden data, received another figure")
            figure = coarse_recall(figure)
        self.figures.append(figure)

    def measure(
        self,
        subject: Model | Handle | str,
        hidden: HiddenData,
        *,
        rows: int | None = None,
        batch_size: int = 256,
        repeatable: bool = True,
    ) -> Measured:
        """Ask about hidden data, its rows in an order (and, with `rows`, a choice) that nobody can foresee.

        Half of the rows are asked about once more in another order: answers that depend on a row's neighbours, or on
        being asked for the first time, flag the submission for a person.

        Args:
            subject: The model whose `predict` is asked, or the name of the student's function of one batch.
            hidden: The hidden data; the check is declared with `hidden=True`.
            rows: How many rows to ask about; all when None.
            batch_size: Rows in one batch of a model's `predict`.
            repeatable: False for a subject that is meant to draw at random.

        Raises:
            StudentFault: The student's code raised, hung or died.
            CheckError: The check is not declared with `hidden=True`.
        """
        if not self._line.hidden:
            raise CheckError("expected a check declared with hidden=True to ask about hidden data, found one without")
        order = self.rng.permutation(len(hidden))[:rows]
        inputs = hidden.inputs[order]
        begun = self._process.clock.now()
        outputs = self._asked(subject, inputs, batch_size)
        self._deadline += self._process.clock.now() - begun  # asking again is our wish: it takes nothing of the budget
        if not by_row(outputs, len(order)):
            # in our words alone: the lengths of an array's axes could carry the inputs out
            raise StudentFault(
                f"expected an answer for each of the {len(order)} rows that were asked about, received something else",
                "Does it give one row of output for each row of input?",
            )
        if repeatable:
            again = self.rng.permutation(len(order))[: min(max(1, len(order) // 2), MOST_ROWS_AGAIN)]
            self.flags += doubts(outputs, self._asked(subject, inputs[again], batch_size), again)
        return Measured(outputs, hidden.answers[order])

    def rebuild(self, model: Model) -> Model:
        """The same model in a kernel without student code, from its configuration and weights taken out as data.

        Where what it says of itself in the notebook's process disagrees with the copy, the submission is flagged, with
        both values. A model of the notebook's own classes cannot be rebuilt: it is given back as it is, and the check
        counts as "reported".

        Raises:
            StudentFault: It has no weights yet, or they do not fit its configuration.
        """
        try:
            original = self._readable(model)
            said = original.describe()
            configuration = original._request("configuration")
            weights = [weight.value for weight in original.weights()]
            clean = Student(replace(self._line, process=self._line.clean()))
            clean._deadline = self._deadline
            rebuilt = clean._a_model(clean._ask("rebuild", configuration=str(configuration), weights=weights))
        except NotThere:
            self.evidence = "reported"
            return model
        except StudentFault as fault:
            raise self._told(fault) from None
        found = clean._readable(rebuilt).describe()
        for name in ("num_params", "num_trainable_params", "input_shape", "output_shape"):
            if str(said.get(name)) != str(found[name]):  # as text: it may be anything, an array too
                self.flags.append(
                    f"the notebook's process says {name} = {str(said.get(name))[:60]} of its model, {DISAGREEMENT} "
                    f"{str(found[name])[:60]}"
                )
        return rebuilt

    def _readable(self, model: Model) -> Model:
        """The model with its words let through although the check is on hidden data: for what no student reads."""
        reader = Student(self._line)
        reader._deadline, reader._reads_text = self._deadline, True
        return Model(reader, model.kept)

    def _asked(self, subject: Model | Handle | str, inputs: Array, batch_size: int) -> Any:
        if isinstance(subject, Model):
            return subject.predict(inputs, batch_size=batch_size)
        if isinstance(subject, Handle):
            return subject.call("__call__", inputs)
        return self.call(subject, inputs)

    def _ask(self, request: str, /, **arguments: Any) -> Any:
        try:
            answer = self._put(request, **arguments)
        except StudentFault as fault:
            raise self._told(fault) from None
        if not self._reads_text and _has_text(answer):
            raise StudentFault("expected numbers in answer to a question on hidden data, received text")
        return answer

    def _told(self, fault: StudentFault) -> StudentFault:
        """The fault as it may be told: on hidden data, without a word of the notebook's process."""
        return type(fault)(fault.untold, fault.hint) if self._line.hidden else fault

    def _put(self, request: str, /, **arguments: Any) -> Any:
        for asked in (arguments.get("function"), arguments.get("name")):
            if isinstance(asked, str):
                note_asked(asked)
        left = self._deadline - self._process.clock.now()
        if left <= 0:
            raise StudentFault(
                f"expected all answers within {self._line.seconds:.0f} s, they took longer",
                "Is there far more work than the task needs?",
            )
        return self._process.ask(request, arguments, seconds=left, keep=self._keep)

    def _keep(self, kept: Kept) -> Handle:
        if self._line.hidden:
            kept = replace(kept, kind="Keras model" if kept.is_model else "Keras layer" if kept.is_layer else "object")
        return (Model if kept.is_model else Layer if kept.is_layer else Handle)(self, kept)

    def _a_model(self, value: Any) -> Model:
        if not isinstance(value, Model):
            raise StudentFault(f"expected a Keras model, received {kind_of(value)}")
        return value


def _has_text(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_text(part) for pair in value.items() for part in pair)
    if isinstance(value, (list, tuple)):
        return any(_has_text(part) for part in value)
    return isinstance(value, str)
