"""What the grader could not judge, from the result records: a fault of ours is never anybody's zero."""

from __future__ import annotations

from autograder.grading.store import Store
from autograder.marks.submission_score import CellName

# A class has tens of thousands of records, and few of them say that; those that do not are not parsed.
_SIGNS = (b'"could_not_judge"', b'"notebooks": []')


class UnreadableRecordError(Exception):
    """A record says that something could not be judged, and not readably what."""


def unjudged_cells(store: Store, student: str, assignment: str) -> tuple[CellName, ...] | None:
    """The cells that the last grading could not judge; None where it could judge nothing of what was handed in.

    Args:
        store: The course's results.
        student: The student's id.
        assignment: The assignment's name.

    Raises:
        UnreadableRecordError: The record cannot be read, or is one of another version.
    """
    try:
        with store.result_path(student, assignment).open("rb") as file:
            content = file.read()
    except OSError:
        return ()  # graded by nbgrader alone, or elsewhere
    if not any(sign in content for sign in _SIGNS):
        return ()
    record = store.read(store.result_path(student, assignment))
    if record is None:
        raise UnreadableRecordError
    if not record.notebooks:
        return None
    return tuple(
        (notebook.notebook, cell.cell)
        for notebook in record.notebooks
        for cell in notebook.cells
        if cell.status == "could_not_judge"
    )
