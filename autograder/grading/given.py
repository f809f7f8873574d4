"""What people gave and lateness took, as nbgrader's gradebook has it: read for pages and tables, never changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from autograder.course import Course
from autograder.results import CellResult, NotebookResult, Status, SubmissionResult

FROM_NOTEBOOKS = """
    FROM submitted_notebook
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
"""
_GRADES = text(f"""
    SELECT submitted_assignment.student_id, notebook.name, base_cell.name,
           grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade
    {FROM_NOTEBOOKS}
    JOIN grade ON grade.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = grade.cell_id
    WHERE assignment.name = :assignment
""")
_COMMENTS = text(f"""
    SELECT submitted_assignment.student_id, notebook.name, base_cell.name, comment.manual_comment
    {FROM_NOTEBOOKS}
    JOIN comment ON comment.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = comment.cell_id
    WHERE assignment.name = :assignment AND comment.manual_comment IS NOT NULL
    ORDER BY base_cell.id
""")
_PENALTIES = text(f"""
    SELECT submitted_assignment.student_id, submitted_notebook.late_submission_penalty
    {FROM_NOTEBOOKS}
    WHERE assignment.name = :assignment AND submitted_notebook.late_submission_penalty IS NOT NULL
""")

CellName = tuple[str, str]
"""A notebook's name and a cell's `grade_id`."""


@dataclass
class Given:
    """What the gradebook knows of one submission beyond its automatic marks.

    Attributes:
        marks: Points people gave, by cell.
        extra: Extra credit in points, by cell.
        waiting: Cells that wait for a person; where one has a mark by a person, it was graded anew since.
        settled: Cells that have a mark and do not.
        comments: What people wrote, by cell, in the order of the notebook.
        penalty: Points taken off for lateness.
        standing: Points of all cells as they stand, the penalty not yet taken off.
    """

    marks: dict[CellName, float] = field(default_factory=dict)
    extra: dict[CellName, float] = field(default_factory=dict)
    waiting: set[CellName] = field(default_factory=set)
    settled: set[CellName] = field(default_factory=set)
    comments: dict[CellName, str] = field(default_factory=dict)
    penalty: float = 0.0
    standing: float = 0.0


def read_given(course: Course, assignment: str) -> dict[str, Given]:
    """What the gradebook has of an assignment's submissions, by student.

    Raises:
        GradebookError: The database cannot be opened.
    """
    with course.gradebook() as gradebook:
        return given_in(gradebook.db, assignment)


def given_in(database: Any, assignment: str) -> dict[str, Given]:
    """The same from an open database: whatever of SQLAlchemy's executes a statement."""
    found: dict[str, Given] = {}
    named = {"assignment": assignment}
    for student, notebook, cell, automatic, manual, extra, waits in database.execute(_GRADES, named):
        given = found.setdefault(student, Given())
        if waits:
            given.waiting.add((notebook, cell))
        elif manual is not None or automatic is not None:
            given.settled.add((notebook, cell))
        if manual is not None:
            given.marks[notebook, cell] = float(manual)
        if extra:
            given.extra[notebook, cell] = float(extra)
        given.standing += float(manual if manual is not None else automatic or 0.0) + float(extra or 0.0)
    for student, notebook, cell, comment in database.execute(_COMMENTS, named):
        if comment.strip():
            found.setdefault(student, Given()).comments[notebook, cell] = comment.strip()
    for student, penalty in database.execute(_PENALTIES, named):
        found.setdefault(student, Given()).penalty += float(penalty)
    return found


def with_given(result: SubmissionResult, given: Given | None) -> SubmissionResult:
    """The result as it stands for the student: marks and comments of people in it, a late penalty taken off.

    A submission that could not be marked says which earlier mark stands.
    """
    if given is None:
        return result
    if not result.notebooks:
        if not given.standing:
            return result
        stands = f"The mark of what was handed in before stands: {max(0.0, given.standing - given.penalty):g} points."
        return result.model_copy(update={"notes": (*result.notes, stands)})
    notebooks = tuple(_notebook(notebook, given) for notebook in result.notebooks)
    earned = sum(notebook.score for notebook in notebooks)
    notes = result.notes
    if given.penalty > 0:
        notes = (
            *notes,
            f"{given.penalty:g} of the {earned:g} points that were earned are taken off because it was late.",
        )
    return result.model_copy(
        update={
            "notebooks": notebooks,
            "score": max(0.0, earned - given.penalty),
            "status": _status((notebook.status for notebook in notebooks), result.status),
            "notes": notes,
        }
    )


def _notebook(notebook: NotebookResult, given: Given) -> NotebookResult:
    cells = tuple(_cell(notebook.notebook, cell, given) for cell in notebook.cells)
    marked = {cell.cell for cell in cells}
    comments = [
        f"A person wrote about `{cell}`: {comment}"
        for (name, cell), comment in given.comments.items()
        if name == notebook.notebook and cell not in marked
    ]
    # Flags stay, but once nothing waits in the gradebook, a person has looked at them.
    flagged = bool(notebook.flags) and any(name == notebook.notebook for name, _ in given.waiting)
    return notebook.model_copy(
        update={
            "cells": cells,
            "score": sum(cell.score or 0.0 for cell in cells),
            "status": "needs_review" if flagged else _status((cell.status for cell in cells), notebook.status),
            "notes": (*notebook.notes, *comments),
        }
    )


def _cell(notebook: str, cell: CellResult, given: Given) -> CellResult:
    name = (notebook, cell.cell)
    mark, extra, comment = given.marks.get(name), given.extra.get(name, 0.0), given.comments.get(name)
    if mark is None and not extra and comment is None:
        looked_at = cell.status == "needs_review" and cell.score is not None and name in given.settled
        return cell.model_copy(update={"status": "graded"}) if looked_at else cell
    said = [cell.message] if cell.message else []
    if mark is not None:
        automatic = "" if cell.kind == "manual" or cell.score is None else f", in place of {cell.score:g}"
        said.append(f"A person gave {mark:g} of {cell.points:g} points{automatic}.")
        if name in given.waiting:
            said.append("The work was graded anew since: this mark stands until a person has looked again.")
    if extra:
        said.append(f"{extra:+g} points of extra credit.")
    if comment is not None:
        said.append(f"A person wrote: {comment}")
    decided = mark if mark is not None else cell.score
    return cell.model_copy(
        update={
            "score": decided if decided is None else max(0.0, decided + extra),
            "status": cell.status if mark is None else "needs_review" if name in given.waiting else "graded",
            "message": "\n".join(said),
        }
    )


def _status(parts: Iterable[Status], otherwise: Status) -> Status:
    """The most urgent of the parts' statuses; `otherwise` where there is no part."""
    found = set(parts)
    urgent: Mapping[Status, int] = {"could_not_judge": 2, "needs_review": 1, "graded": 0}
    return max(found, key=urgent.__getitem__, default=otherwise)
