"""Running one notebook in a slot: first its cells, then the questions of its checks.

Nothing the kernel shows is taken down any more once the first question is asked, so that what a question shows to
student code (hidden inputs, above all) cannot come out in a later cell. A kernel that dies costs the cell it died in:
a fresh one replays the others.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.utils import is_grade, is_locked, is_solution

from autograder.checks.declare import Check
from autograder.checks.run import Bench, not_judged, run_checks
from autograder.checks.student import Owner
from autograder.grading.faults import missing_module
from autograder.grading.live import LiveKernel, not_run, too_long
from autograder.grading.put_back import put_back
from autograder.results import CheckResult, LimitHit, Verdict
from autograder.sandbox import Limits, Slot
from autograder.sandbox.clock import RunClock
from autograder.sandbox.process import IDLE_SECONDS, StudentProcess

Begins = Callable[[str, bool], None]
"""Told what begins: the name of a cell, and whether it is the cell's checks."""


def nobody_listens(cell: str, checking: bool) -> None:
    """Nobody wants to know what runs."""


@dataclass(frozen=True)
class Execution:
    """What came of a notebook.

    Attributes:
        notebook: The executed notebook.
        verdicts: What the checks of each tests cell said, by grade_id.
        cell_seconds: Wall time by grade_id (cells without one: "cell N", counted from 1).
        limits: Limits that tripped, in order.
        notes: Sentences for the TA.
        flags: Why a person should look although there is a mark.
        seconds: Wall time of everything.
    """

    notebook: NotebookNode
    verdicts: dict[str, tuple[CheckResult, ...]]
    cell_seconds: dict[str, float]
    limits: tuple[LimitHit, ...]
    notes: tuple[str, ...]
    flags: tuple[str, ...]
    seconds: float


def run_notebook(
    notebook: NotebookNode,
    *,
    slot: Slot,
    files: Path,
    checks: tuple[Check, ...],
    limits: Limits,
    seed: str,
    owner: Owner | None = None,
    begins: Begins = nobody_listens,
) -> Execution:
    """Run every cell of `notebook` in a fresh kernel of `slot`, then ask the questions of its tests cells.

    `limits.total_seconds` bounds the cells; all questions together, and everything that has to be replayed, get as
    long again. Limits of time go by the clock of autograder/sandbox/clock.py.

    Args:
        notebook: A sanitised notebook; it is changed in place.
        slot: A warm slot.
        files: The folder whose plain files lie beside the notebook.
        checks: The lab's checks; a tests cell without one is only executed.
        limits: Seconds and output; the slot enforces the rest.
        seed: What every random number follows from: same seed, same submission, same result.
        owner: Whose submission it is, for checks that are declared to depend on it.
        begins: Told of every cell, and of the checks of one, when they begin.

    Raises:
        SlotLost: The sandbox failed; nothing is known of the submission, which is to be graded again elsewhere.
    """
    questions = _questions(notebook, checks)
    with _NotebookRun(notebook, slot, files, limits, seed, owner, questions, begins) as run:
        return run.run()


@dataclass(frozen=True)
class _Question:
    """Checks of one tests cell that run together."""

    cell: str
    checks: tuple[Check, ...]
    hidden: bool


def _questions(notebook: NotebookNode, checks: tuple[Check, ...]) -> list[_Question]:
    """What there is to ask, in the order of the notebook; about hidden data last of all."""
    found = []
    for hidden in (False, True):
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            mine = tuple(check for check in checks if name and check.cell == name and check.hidden == hidden)
            if mine:
                found.append(_Question(name, mine, hidden))
    return found


@dataclass
class _Clock:
    """Seconds that several kernels share."""

    left: float

    def start(self, clock: RunClock) -> float:
        self._clock, self._begun = clock, clock.now()
        return self._begun + self.left

    def stop(self) -> None:
        self.left -= self._clock.now() - self._begun


@dataclass
class _NotebookRun:
    notebook: NotebookNode
    slot: Slot
    files: Path
    limits: Limits
    seed: str
    owner: Owner | None
    waiting: list[_Question]
    begins: Begins
    results: dict[str, CheckResult] = field(default_factory=dict)  # by name of the check, in the order they ran
    asked: list[_Question] = field(default_factory=list)
    cell_seconds: dict[str, float] = field(default_factory=dict)
    hits: list[LimitHit] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    nonsense: int = 0
    deadly: dict[int, str] = field(default_factory=dict)  # cells that ended their kernel: they are not run again
    next: int = 0  # the first cell that has not had its turn
    over: bool = False  # whether the time for cells has run out
    tried_again: bool = False
    again: bool = False  # whether cells were run in more than one kernel
    end: str = ""  # why the last kernel ended

    def __enter__(self) -> _NotebookRun:
        self.checked = frozenset(question.cell for question in self.waiting)
        self._clean: LiveKernel | None = None
        self._stack = ExitStack()
        self._cells = _Clock(self.limits.total_seconds)
        self._replays = _Clock(self.limits.total_seconds)
        self._answers = _Clock(self.limits.total_seconds)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self) -> Execution:
        begun = time.monotonic()
        self.give_up_questions_of_deadly_cells()
        reason = ""
        while not reason:
            work = deepcopy(self.notebook)
            opening = time.monotonic()
            with LiveKernel.open(self.slot, work, self.files, self.limits, _kernel_seed(self.seed)) as kernel:
                if self.next:
                    self._replays.left -= time.monotonic() - opening
                reason = self.live(kernel)
            self.nonsense += kernel.nonsense
            if self.next >= len(self.notebook.cells) and not self.waiting:
                break
            self.again = not reason
        for index in range(self.next, len(self.notebook.cells)):
            self.skip(index, reason)
        for question in self.waiting:
            self.answered(question, tuple(not_judged(check, reason) for check in question.checks))
        return Execution(
            self.notebook,
            self.verdicts(),
            self.cell_seconds,
            tuple(self.limits_hit()),
            tuple(self.notes()),
            tuple(self.flags),
            round(time.monotonic() - begun, 3),
        )

    def live(self, kernel: LiveKernel) -> str:
        """One kernel's life; why there is no use in another one, "" when there is (or nothing left to do)."""
        if self.next:
            self.replay(kernel)
            if kernel.over:
                return f"{self.end}, and there was no time to run the other cells again"
        if not kernel.ended:
            self.go_on(kernel)
        if not kernel.ended:
            return self.ask(kernel)
        self.end = kernel.ended
        return ""

    # cells --------------------------------------------------------------------------------------------------------

    def replay(self, kernel: LiveKernel) -> None:
        """Bring a fresh kernel to where the last one was, as far as the time for it goes."""
        kernel.deadline = self._replays.start(kernel.process.clock)
        for index in range(self.next):
            cell = kernel.notebook.cells[index]
            if index in self.deadly:
                if not kernel.process.trouble and not is_grade(cell):
                    kernel.process.trouble = f"Look at cell `{_name(cell, index)}` first: {self.deadly[index]}."
            elif cell.cell_type == "code" and not kernel.ended:
                kernel.over = kernel.over or kernel.process.clock.now() >= kernel.deadline
                if not kernel.over:
                    self.begins(_name(cell, index), False)
                    kernel.execute(index, _name(cell, index))
                if kernel.ended:
                    self.deadly[index] = kernel.ended
        self._replays.stop()

    def go_on(self, kernel: LiveKernel) -> None:
        """Execute the cells that have not had their turn, and keep what they show."""
        kernel.hits.clear()  # of cells that are replayed, they are known
        kernel.deadline, kernel.over = self._cells.start(kernel.process.clock), self.over
        first = self.next
        while self.next < len(self.notebook.cells) and not kernel.ended:
            index = self.next
            self.next += 1
            if kernel.notebook.cells[index].cell_type == "code":
                self.turn(kernel, index)
        self._cells.stop()
        self.over = kernel.over
        self.notebook.cells[first : self.next] = kernel.notebook.cells[first : self.next]
        self.hits += kernel.hits
        if kernel.ended:
            self.deadly[self.next - 1] = kernel.ended
            self.give_up_questions_of_deadly_cells()

    def turn(self, kernel: LiveKernel, index: int) -> None:
        cell = kernel.notebook.cells[index]
        name = _name(cell, index)
        begun = time.monotonic()
        if not kernel.over and kernel.process.clock.now() >= kernel.deadline:
            kernel.over = True
            sentence = too_long(name, self.limits)
            seconds = self.limits.total_seconds
            self.hits.append(LimitHit(limit="total_seconds", cell=name, value=seconds, unit="s", sentence=sentence))
        if kernel.over:
            cell.outputs = [not_run(f"the notebook had used up its {self.limits.total_seconds:.0f} s")]
        else:
            self.begins(name, False)
            if is_grade(cell) and not is_solution(cell) and name not in self.checked:
                self.before_tests(kernel, cell)
            kernel.execute(index, name)
        self.cell_seconds[name] = round(time.monotonic() - begun, 3)

    def before_tests(self, kernel: LiveKernel, cell: NotebookNode) -> None:
        """Put back what student code may have changed: what this tests cell shows decides on its mark."""
        flag = put_back(kernel, cell, self.notebook)
        if flag and flag not in self.flags:
            self.flags.append(flag)

    def skip(self, index: int, reason: str) -> None:
        cell = self.notebook.cells[index]
        if cell.cell_type == "code":
            cell.outputs = [not_run(reason)]

    # questions ----------------------------------------------------------------------------------------------------

    def ask(self, kernel: LiveKernel) -> str:
        """Ask what is waiting, as long as the kernel lives; why there is no use in another one, or ""."""
        sources, given = _sources(self.notebook)
        bench = Bench(kernel.process, self.clean, self.seed, sources, self.limits.cell_seconds, given, self.owner)
        if self.waiting and not kernel.process.idle(IDLE_SECONDS):
            if kernel.process.alive or self.tried_again:
                return "the notebook's process no longer answers"
            self.tried_again = True  # it ended between the last cell and the first question: by no cell's doing
            return ""
        while self.waiting and not kernel.ended:
            question = self.waiting.pop(0)
            self.begins(question.cell, True)
            earlier: dict[str, Verdict] = {name: result.verdict for name, result in self.results.items()}
            begun = time.monotonic()
            self._answers.start(kernel.process.clock)
            self.answered(question, run_checks(question.checks, bench, earlier, self._answers.left))
            self._answers.stop()
            self.cell_seconds[question.cell] = round(
                self.cell_seconds.get(question.cell, 0.0) + time.monotonic() - begun, 3
            )
            if not kernel.process.alive:
                kernel.note_end(question.cell, told=not question.hidden)
            elif not kernel.process.idle(IDLE_SECONDS):
                kernel.end_stubborn(question.cell)
        if kernel.ended:
            self.end = kernel.ended
            self.hits += kernel.hits[-1:]
        return ""

    def answered(self, question: _Question, results: tuple[CheckResult, ...]) -> None:
        self.asked.append(question)
        self.results |= {result.name: result for result in results}

    def give_up_questions_of_deadly_cells(self) -> None:
        """The questions of a tests cell that ended its kernel: they ask for the same that has just failed."""
        reasons = {_name(self.notebook.cells[index], index): why for index, why in self.deadly.items()}
        for question in [one for one in self.waiting if one.cell in reasons]:
            self.waiting.remove(question)
            self.answered(question, tuple(not_judged(check, reasons[question.cell]) for check in question.checks))

    def clean(self) -> StudentProcess:
        """The line to a kernel that never runs student code, started when it is first needed."""
        if self._clean is None or not self._clean.process.alive:
            opening = LiveKernel.open(self.slot, new_notebook(), None, self.limits, _kernel_seed(self.seed))
            self._clean = self._stack.enter_context(opening)
        return self._clean.process

    def verdicts(self) -> dict[str, tuple[CheckResult, ...]]:
        """Results by tests cell, in the order of the notebook and, within a cell, that they ran in."""
        cells = {question.cell: None for question in self.asked}
        order = [_name(cell, index) for index, cell in enumerate(self.notebook.cells)]
        return {
            cell: tuple(
                self.results[check.name]
                for question in self.asked
                if question.cell == cell
                for check in question.checks
            )
            for cell in sorted(cells, key=order.index)
        }

    def limits_hit(self) -> Iterator[LimitHit]:
        """Limits that tripped; of a cell that ended its kernel, with what became of the others."""
        deadly = {_name(self.notebook.cells[index], index) for index in self.deadly}
        for hit in self.hits:
            if self.again and hit.cell in deadly and hit.limit != "output":
                hit = hit.model_copy(update={"sentence": f"{hit.sentence} The other cells were run again without it."})
            yield hit

    def notes(self) -> Iterator[str]:
        """Sentences for the TA."""
        if self.nonsense:
            yield f"{self.nonsense} messages of the kernel were no output Jupyter knows"
        for module in dict.fromkeys(missing_module(cell) for cell in self.notebook.cells):
            if module:
                yield (
                    f"the notebook imports `{module}`, which is not installed here: if the course uses it, install it "
                    "beside autograder and grade again"
                )


def _name(cell: NotebookNode, index: int) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", "")) or f"cell {index + 1}"


def _kernel_seed(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "little") >> 1


def _sources(notebook: NotebookNode) -> tuple[dict[str, str], frozenset[str]]:
    """The code cells by grade_id, or by number where they have none; and which of them are the instructor's."""
    named = {_name(cell, index): cell for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    given = frozenset(name for name, cell in named.items() if is_locked(cell))
    return {name: str(cell.source) for name, cell in named.items()}, given
