"""What the gradebook has recorded of every submission of an assignment, read at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nbgrader.api import MissingEntry
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.course.gradebook_trouble import gradebook_error
from autograder.grading.given import FROM_NOTEBOOKS, CellName
from autograder.results import SubmissionResult

_GRADES = text(f"""
    SELECT submitted_assignment.student_id, notebook.name, base_cell.name, grade.auto_score
    {FROM_NOTEBOOKS}
    JOIN grade ON grade.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = grade.cell_id
    WHERE assignment.name = :assignment
""")

Marks = dict[CellName, float | None]
"""Automatic marks by cell; None where it has none."""


@dataclass(frozen=True)
class Recorded:
    """What the gradebook has of one submission.

    Attributes:
        arrived: When it was handed in, in UTC without tzinfo; None when unknown.
        late_seconds: How late that was, by nbgrader's own due date and extension.
        marks: The automatic marks.
    """

    arrived: datetime | None
    late_seconds: float
    marks: Marks


def automatic_marks(result: SubmissionResult) -> Marks:
    """What the gradebook has once a result is saved."""
    return {(one.notebook, cell.cell): cell.score for one in result.notebooks for cell in one.cells}


def read_recorded(course: Course, assignment: str) -> Mapping[str, Recorded]:
    """Read all submissions of an assignment, by student id.

    Raises:
        GradebookError: The gradebook cannot be read.
    """
    marks: dict[str, Marks] = {}
    try:
        with course.gradebook() as gradebook:
            for student, notebook, cell, score in gradebook.db.execute(_GRADES, {"assignment": assignment}):
                marks.setdefault(student, {})[notebook, cell] = score
            return {
                str(row.student_id): Recorded(
                    row.timestamp, float(row.total_seconds_late), marks.get(str(row.student_id), {})
                )
                for row in gradebook.find_assignment(assignment).submissions
            }
    except MissingEntry:
        return {}
    except SQLAlchemyError as error:
        raise gradebook_error(course.db_url, "to read the gradebook", error) from error
