"""nbgrader's gradebook as marks need it: read as it stands, and never changed.

nbgrader keeps its own late penalty beside the scores (`submitted_notebook.late_submission_penalty`, taken off only in
its feedback and exports). It is read to be shown and is not taken off: lateness costs what course.toml says, once.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.course.gradebook_trouble import gradebook_error
from autograder.course.roster_file import Enrolled
from autograder.marks.submission_score import Cell, Released, Submitted, total

_CELLS = text("""
    SELECT assignment.name, base_cell.id, base_cell.name, COALESCE(grade_cells.max_score, task_cells.max_score)
    FROM base_cell
    JOIN notebook ON notebook.id = base_cell.notebook_id
    JOIN assignment ON assignment.id = notebook.assignment_id
    LEFT JOIN grade_cells ON grade_cells.id = base_cell.id
    LEFT JOIN task_cells ON task_cells.id = base_cell.id
    WHERE grade_cells.id IS NOT NULL OR task_cells.id IS NOT NULL
""")
_GRADES = text("""
    SELECT submitted_notebook.assignment_id, base_cell.id, notebook.name, base_cell.name,
           grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade
    FROM grade
    JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    ORDER BY submitted_notebook.assignment_id, notebook.name, base_cell.name
""")
_PENALTIES = text("""
    SELECT assignment_id, late_submission_penalty FROM submitted_notebook WHERE late_submission_penalty > 0
""")

ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class GradebookContent:
    """What the gradebook holds that marks are made of.

    Attributes:
        assignments: The released assignments, by name.
        students: What the gradebook knows of all students, by id.
        submissions: The submissions, by the gradebook's own key.
        gradebook: Where their cells are read from.
    """

    assignments: Mapping[str, Released]
    students: Mapping[str, Enrolled]
    submissions: Mapping[str, Submitted]
    gradebook: Gradebook

    def graded(self) -> Iterator[tuple[Submitted, list[Cell]]]:
        """Every submission with its cells; one after the other, since a class has hundreds of thousands of cells."""
        run: Any = self.gradebook.db.execute
        max_points = {cell: _number(points) or 0.0 for _, cell, _, points in run(_CELLS)}
        without_cells = dict(self.submissions)
        rows = run(_GRADES).yield_per(ROWS_AT_ONCE)
        for key, found in groupby(rows, key=itemgetter(0)):
            cells = [
                Cell(max_points.get(cell, 0.0), *_marked(*named_and_marked)) for _, cell, *named_and_marked in found
            ]
            yield without_cells.pop(key), cells
        yield from ((submitted, []) for submitted in without_cells.values())


@contextmanager
def open_content(course: Course) -> Iterator[GradebookContent | None]:
    """Open the gradebook's content; None when there is no gradebook yet (asking must not make one).

    Raises:
        GradebookError: It cannot be read.
    """
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        yield None
        return
    try:
        with course.gradebook() as gradebook:
            yield _readable(gradebook, course.db_url)
    except SQLAlchemyError as error:
        raise gradebook_error(course.db_url, "to read the gradebook", error) from error


def _readable(gradebook: Gradebook, db_url: str) -> GradebookContent:
    try:
        return _read(gradebook)
    except ValueError as error:  # SQLite keeps any text where a moment should be
        raise gradebook_error(db_url, "to read the gradebook", error) from error


def _read(gradebook: Gradebook) -> GradebookContent:
    run: Any = gradebook.db.execute
    points_of: dict[str, dict[str, float]] = defaultdict(dict)
    for assignment, cell, name, points in run(_CELLS):
        points_of[assignment][f"{name} {cell}"] = _number(points) or 0.0
    assignments = {
        str(name): _released(_in_utc(due), points_of[name])
        for name, due in run(select(Assignment.name, Assignment.duedate))
    }
    columns = (SubmittedAssignment.id, SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
    joined: Any = select(*columns, SubmittedAssignment.extension, Assignment.name).join(
        Assignment, Assignment.id == SubmittedAssignment.assignment_id
    )
    submissions = {
        key: Submitted(str(student), str(name), _in_utc(moment), extension)
        for key, student, moment, extension, name in run(joined)
    }
    for key, penalty in run(_PENALTIES):
        submissions[key].penalty += _number(penalty) or 0.0
    known = (Student.id, Student.lms_user_id, Student.first_name, Student.last_name, Student.email)
    students = {
        str(student): Enrolled(str(student), lms_id or "", " ".join(filter(None, (first, last))), email or "")
        for student, lms_id, first, last, email in run(select(*known))
    }
    return GradebookContent(assignments, students, submissions, gradebook)


def _released(due: datetime | None, points: Mapping[str, float]) -> Released:
    """An assignment whose cells have those points, by name and key."""
    wrong = [f"{cell.split()[0]} has {found:g}" for cell, found in points.items() if not 0 <= found < math.inf]
    return Released(due, total(()) if wrong else total(points.values()), len(points), tuple(sorted(wrong)))


def _marked(
    notebook: str, cell: str, automatic: object, manual: object, extra: object, needs_manual_grade: bool
) -> tuple[str, str, float | None, float | None, float | None, bool]:
    return notebook, cell, _number(automatic), _number(manual), _number(extra), needs_manual_grade


def _number(value: object) -> float | None:
    """A number of the database as such; SQLite keeps any text where a number should be, and that is none."""
    if value is None or isinstance(value, float):
        return value
    try:
        return float(str(value))
    except ValueError:
        return math.nan


def _in_utc(moment: datetime | None) -> datetime | None:
    # nbgrader keeps UTC without saying so.
    return None if moment is None else moment.replace(tzinfo=UTC)
