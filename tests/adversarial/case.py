"""What a case is, how it changes an honest submission, and what came of it.

Try some of them by number: `ADVERSARIAL_ONLY=1,17 pytest tests/adversarial -k test_case`; all of them with
`ADVERSARIAL=all`, which `make adversarial` sets.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode

from autograder.results import CellResult, SubmissionResult
from tests.adversarial.courses import Edit

Promise = Literal["holds", "detected", "not promised"]

# Points of the arena's questions; what the honest submission earns, which leaves the written answer out.
POINTS = {"scale": 4.0, "classify": 6.0, "report": 1.0, "plain": 3.0, "essay": 2.0}
HONEST = {"scale": 4.0, "classify": 6.0, "report": 1.0, "plain": 3.0, "essay": 0.0}
KERAS_POINTS = {"network": 2.0, "learn": 6.0, "saved": 4.0}


@dataclass(frozen=True, repr=False)
class Outcome:
    """What became of one submission.

    Attributes:
        student: Whose it was.
        record: The result record.
        page: The feedback page as it was written; "" when there is none.
        notebook: The executed notebook in `autograded/`; None when there is none.
        marks: What the gradebook holds: automatic score by question, None where a person has to decide.
        shown: What the command printed on the terminal, the whole class's.
        course: The course's folder.
    """

    student: str
    record: SubmissionResult
    page: str
    notebook: NotebookNode | None
    marks: Mapping[str, float | None]
    shown: str
    course: Path

    @property
    def cells(self) -> dict[str, CellResult]:
        """The marked cells by question: `scale` for `scale-tests`."""
        return {cell.cell.removesuffix("-tests"): cell for notebook in self.record.notebooks for cell in notebook.cells}

    @property
    def scores(self) -> dict[str, float | None]:
        """What each question earned."""
        return {question: cell.score for question, cell in self.cells.items()}

    def said(self, question: str) -> str:
        """Everything the student is told about a question: messages and hints."""
        cell = self.cells[question]
        return "\n".join([cell.message, *(text for check in cell.checks for text in (check.message, check.hint))])

    @property
    def limits(self) -> dict[str, str]:
        """The limits that tripped, each with its (last) sentence."""
        return {hit.limit: hit.sentence for notebook in self.record.notebooks for hit in notebook.limits}

    @property
    def flags(self) -> tuple[str, ...]:
        """Why a person should look."""
        found: list[str] = []
        for notebook in self.record.notebooks:
            found += notebook.flags
            found += [flag for cell in notebook.cells for check in cell.checks for flag in check.flags]
        return tuple(found)

    @property
    def notes(self) -> str:
        """What the TA is told."""
        return "\n".join([*self.record.notes, *(note for one in self.record.notebooks for note in one.notes)])

    @property
    def outputs(self) -> str:
        """All outputs of the executed notebook, as JSON."""
        cells = self.notebook.cells if self.notebook is not None else []
        return json.dumps([cell.get("outputs", []) for cell in cells])

    @property
    def summary(self) -> str:
        """What came of it in a few words: mark, limits, whether a person is asked to look."""
        record = self.record
        words = [f"{record.score:g} of {record.max_score:g}" if record.notebooks else "refused", *self.limits]
        return ", ".join([*words, "flagged"] if self.flags else words)

    def __str__(self) -> str:
        """Tell the whole story, for a test that fails."""
        lines = [f"{self.student}: {self.record.score:g} of {self.record.max_score:g}, {self.record.status}"]
        lines += [f"  {question}: {score} {self.said(question).strip()!r}" for question, score in self.scores.items()]
        lines += [f"  limit {name}: {sentence}" for name, sentence in self.limits.items()]
        lines += [f"  flag: {flag}" for flag in self.flags]
        faults = [check.fault for cell in self.cells.values() for check in cell.checks if check.fault]
        return "\n".join([*lines, f"  notes: {self.notes}", *faults])


@dataclass(frozen=True)
class Case:
    """One submission that means harm, or looks as if it did.

    Attributes:
        number: Its number in the list of 78; several cases may share one.
        group: Its group's letter, "A" to "H".
        sentence: What it does and what must come of it, unique.
        submit: Changes the folder of an honest submission.
        expect: Asserts on what came of it.
        promise: What docs/security.md says: it "holds", it is "detected" (flagged for a person), or "not promised".
        slow: Left out of continuous integration.
        keras: Hands in the lab `networks`, in slots that hold Keras.
        soak: Takes part in the soak.
    """

    number: int
    group: str
    sentence: str
    submit: Edit
    expect: Callable[[Outcome], None]
    promise: Promise = "holds"
    slow: bool = False
    keras: bool = False
    soak: bool = True


# What a submission does -----------------------------------------------------------------------------------------------


def in_group(group: str) -> Callable[..., Case]:
    """Make cases of one group: `case(number, sentence, submit, expect, ...)`."""

    def case(number: int, sentence: str, submit: Edit, expect: Callable[[Outcome], None], **more: Any) -> Case:
        return Case(number, group, sentence, submit, expect, **more)

    return case


def answer(grade_id: str, source: str) -> Edit:
    """Replace what the student wrote in the cell."""
    return _edit_cell(grade_id, lambda _: _dedented(source))


def before(grade_id: str, source: str) -> Edit:
    """Put source in front of what the student wrote in the cell."""
    return _edit_cell(grade_id, lambda old: f"{_dedented(source)}\n{old}")


def append(grade_id: str, source: str) -> Edit:
    """Put source behind what the student wrote in the cell."""
    return _edit_cell(grade_id, lambda old: f"{old}\n{_dedented(source)}")


def new_cell(source: str, before: str = "scale", cell_type: Literal["code", "markdown"] = "code") -> Edit:
    """Insert a cell of the student's own in front of the cell `before`; at the end when that is ""."""

    def edit(notebook: dict[str, Any]) -> None:
        make = nbformat.v4.new_code_cell if cell_type == "code" else nbformat.v4.new_markdown_cell
        at = next((i for i, cell in enumerate(notebook["cells"]) if _grade_id(cell) == before), len(notebook["cells"]))
        # An id that is no draw: the same edit makes the same submission.
        notebook["cells"].insert(at, make(_dedented(source), id=f"own-{len(notebook['cells'])}"))

    return edit_json(edit)


def edit_json(edit: Callable[[dict[str, Any]], None]) -> Edit:
    """Change the notebook as the JSON it is."""

    def submit(folder: Path) -> None:
        path = folder / f"{folder.name}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        edit(notebook)
        path.write_text(json.dumps(notebook), encoding="utf-8")

    return submit


def write_file(name: str, content: bytes | str) -> Edit:
    """Put a file beside the notebook; folders in its name are made."""

    def submit(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return submit


def together(*edits: Edit) -> Edit:
    """Do all of it, in order."""

    def submit(folder: Path) -> None:
        for edit in edits:
            edit(folder)

    return submit


def cell_in(notebook: dict[str, Any], grade_id: str) -> dict[str, Any]:
    """The cell of a notebook (as JSON) with that grade_id."""
    found: dict[str, Any] = next(cell for cell in notebook["cells"] if _grade_id(cell) == grade_id)
    return found


# What must come of it -------------------------------------------------------------------------------------------------


def scores(**expected: float) -> Callable[[Outcome], None]:
    """Expect the honest marks, but for the questions named here."""

    def expect(outcome: Outcome) -> None:
        right = KERAS_POINTS if set(outcome.cells) == set(KERAS_POINTS) else HONEST
        assert outcome.scores == {**right, **expected}, str(outcome)
        assert outcome.marks == outcome.scores, f"the gradebook has {outcome.marks}\n{outcome}"

    return expect


def unaffected(outcome: Outcome) -> None:
    """Expect full marks, as if nothing had been tried."""
    scores()(outcome)


def zero(question: str, *words: str) -> Callable[[Outcome], None]:
    """Expect nothing for one question, with these words in what the student is told, and the rest as earned."""

    def expect(outcome: Outcome) -> None:
        scores(**{question: 0.0})(outcome)
        told = "\n".join([outcome.said(question), *outcome.limits.values()])
        for word in words:
            assert word in told, f"expected {word!r} in {told!r}\n{outcome}"

    return expect


def flagged(*words: str) -> Callable[[Outcome], None]:
    """Expect that a person is asked to look, and told these words."""

    def expect(outcome: Outcome) -> None:
        assert outcome.record.status == "needs_review", str(outcome)
        for word in words:
            assert any(word in flag for flag in outcome.flags), f"expected {word!r} in {outcome.flags}\n{outcome}"

    return expect


def refused(*words: str) -> Callable[[Outcome], None]:
    """Expect that nothing of it was run, and that the note says why."""

    def expect(outcome: Outcome) -> None:
        assert outcome.record.status == "needs_review", str(outcome)
        assert not outcome.record.notebooks, str(outcome)
        for word in words:
            assert word in outcome.notes, f"expected {word!r} in {outcome.notes!r}"

    return expect


def all_of(*expectations: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    """Expect all of it."""

    def expect(outcome: Outcome) -> None:
        for one in expectations:
            one(outcome)

    return expect


def _edit_cell(grade_id: str, change: Callable[[str], str]) -> Edit:
    def edit(notebook: dict[str, Any]) -> None:
        cell = cell_in(notebook, grade_id)
        old = cell["source"]
        cell["source"] = change(old if isinstance(old, str) else "".join(old))

    return edit_json(edit)


def _dedented(source: str) -> str:
    return textwrap.dedent(source).strip()


def _grade_id(cell: Mapping[str, Any]) -> str:
    found = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    return found if isinstance(found, str) else ""
