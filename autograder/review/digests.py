"""What the queue needs of a result, read once and kept until its file changes: a class has a thousand of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.errors import UsageError
from autograder.grading.store import Store
from autograder.reports.places import page_path
from autograder.reports.sanitise import one_line
from autograder.results import DISAGREEMENT, CellResult, CheckResult, NotebookResult, SubmissionResult

Trouble = Literal["", "unjudged", "disagreement", "flagged"]
SENTENCE_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class CheckDigest:
    """A check that did not pass, or has a flag.

    Attributes:
        name: The check's name.
        sentence: What it establishes.
        failed: Whether the work did not pass it, wholly or in part.
        message: What it said, as one line.
    """

    name: str
    sentence: str
    failed: bool
    message: str


@dataclass(frozen=True, slots=True)
class CellDigest:
    """A question: what kind it is, what is the trouble with it and why, and its checks that did not pass."""

    kind: Literal["checks", "tests", "manual"]
    trouble: Trouble
    why: str
    checks: tuple[CheckDigest, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A submission: its questions by notebook and cell, and the first note where nothing of it could be judged."""

    cells: Mapping[tuple[str, str], CellDigest]
    unreadable: str


class Digests:
    """The digests of a store's results; safe to ask from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[tuple[str, str], tuple[tuple[int, int], Digest | None]] = {}
        self._lock = threading.Lock()

    def of(self, assignment: str, students: Iterable[str]) -> dict[str, Digest]:
        """The digests of these students' results; of those that have one that can be read."""
        found: dict[str, Digest] = {}
        with self._lock:
            for student in students:
                digest = self._one(student, assignment)
                if digest is not None:
                    found[student] = digest
        return found

    def _one(self, student: str, assignment: str) -> Digest | None:
        path = result_path(self._store, student, assignment)
        try:
            status = path.stat() if path is not None else None
        except OSError:
            status = None
        if path is None or status is None:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        kept = self._kept.get((student, assignment))
        if kept is None or kept[0] != stamp:
            result = self._store.read(path)
            kept = (stamp, None if result is None else digest_of(result))
            self._kept[student, assignment] = kept
        return kept[1]


def result_path(store: Store, student: str, assignment: str) -> Path | None:
    """The file of a result; None where a name is none that a file can have."""
    try:
        page_path(student, assignment)
    except UsageError:
        return None
    return store.result_path(student, assignment)


def digest_of(result: SubmissionResult) -> Digest:
    """What the queue needs of a result."""
    cells = {
        (notebook.notebook, cell.cell): _cell(notebook, cell)
        for notebook in result.notebooks
        for cell in notebook.cells
    }
    if result.notebooks:
        return Digest(cells, "")
    return Digest(cells, one_line(result.notes[0] if result.notes else "No reason was recorded.", SENTENCE_CHARACTERS))


def _cell(notebook: NotebookResult, cell: CellResult) -> CellDigest:
    checks = tuple(
        CheckDigest(
            check.name,
            one_line(check.sentence, SENTENCE_CHARACTERS),
            check.verdict == "failed",
            one_line(check.message, SENTENCE_CHARACTERS),
        )
        for check in cell.checks
        if check.verdict != "passed" or check.flags
    )
    trouble, why = _trouble(notebook, cell)
    return CellDigest(cell.kind, trouble, one_line(why, SENTENCE_CHARACTERS), checks)


def _trouble(notebook: NotebookResult, cell: CellResult) -> tuple[Trouble, str]:
    """What is the trouble with a question, and in what words."""
    if cell.status == "could_not_judge":
        return "unjudged", _fault(cell)
    flags = [flag for check in cell.checks for flag in check.flags]
    if differs := [flag for flag in flags if DISAGREEMENT in flag]:
        return "disagreement", differs[0]
    # A flag on the whole notebook waits at its first question with a mark, as grading has it.
    first = next((one.cell for one in notebook.cells if one.score is not None), None)
    if notebook.flags and cell.cell == first:
        flags += notebook.flags
    return ("flagged", flags[0]) if flags else ("", "")


def _fault(cell: CellResult) -> str:
    unjudged: list[CheckResult] = [check for check in cell.checks if check.verdict == "could_not_judge"]
    if not unjudged:
        return cell.message
    fault = unjudged[0].fault.strip().splitlines()
    return f"{unjudged[0].sentence} {fault[-1] if fault else ''}"
