"""What nbgrader's gradebook has of submissions, for the review's pages: a few queries, whatever the class's size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder.review.acts import Decision

_FROM = """
    FROM submitted_notebook
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
"""
_ASSIGNMENTS = text("""
    SELECT assignment.name, COUNT(DISTINCT submitted_assignment.id),
           COUNT(CASE WHEN grade.needs_manual_grade THEN 1 END)
    FROM assignment
    LEFT JOIN submitted_assignment ON submitted_assignment.assignment_id = assignment.id
    LEFT JOIN submitted_notebook ON submitted_notebook.assignment_id = submitted_assignment.id
    LEFT JOIN grade ON grade.notebook_id = submitted_notebook.id
    GROUP BY assignment.name ORDER BY MIN(assignment.duedate), assignment.name
""")
_STUDENTS = text("""
    SELECT submitted_assignment.student_id FROM submitted_assignment
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id WHERE assignment.name = :assignment
""")
_GRADES = f"""
    SELECT submitted_assignment.student_id, notebook.name, base_cell.name,
           grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade,
           COALESCE(grade_cells.max_score, task_cells.max_score)
    {_FROM}
    JOIN grade ON grade.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = grade.cell_id
    LEFT JOIN grade_cells ON grade_cells.id = base_cell.id
    LEFT JOIN task_cells ON task_cells.id = base_cell.id
    WHERE assignment.name = :assignment
"""
_COMMENTS = text(f"""
    SELECT notebook.name, base_cell.name, comment.manual_comment
    {_FROM}
    JOIN comment ON comment.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = comment.cell_id
    WHERE assignment.name = :assignment AND submitted_assignment.student_id = :student
""")

CellName = tuple[str, str]
"""A notebook's name and a cell's `grade_id`."""


@dataclass(frozen=True)
class AssignmentCounts:
    """An assignment: how many have handed it in, and how many questions of theirs wait for a person."""

    name: str
    submissions: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A question of a submission as the gradebook has it.

    Attributes:
        student: The student's id.
        name: Notebook and cell.
        points: The most it can earn.
        automatic: The grader's mark; None where there is none.
        mark: A person's mark; None where nobody has given one.
        extra: Extra credit.
        waits: Whether it waits for a person.
    """

    student: str
    name: CellName
    points: float
    automatic: float | None
    mark: float | None
    extra: float
    waits: bool

    @property
    def score(self) -> float | None:
        """What counts, extra credit not in it; None where nothing is decided."""
        return self.mark if self.mark is not None else self.automatic

    def decision(self, comment: str) -> Decision:
        """What a person has decided of it."""
        return Decision(mark=self.mark, comment=comment, waits=self.waits)

    def state(self, comment: str, work: str) -> str:
        """A digest of all that a person who marks it has seen: another one when anything of that has changed.

        Args:
            comment: What a person wrote.
            work: The key of the result: what was graded.
        """
        seen = [self.automatic, self.mark, self.extra, self.waits, comment, work]
        return hashlib.sha256(json.dumps(seen).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def all_assignments(gradebook: Gradebook) -> list[AssignmentCounts]:
    """Every assignment the gradebook knows, the first due first."""
    return [
        AssignmentCounts(str(name), submissions, waiting)
        for name, submissions, waiting in _rows(gradebook, _ASSIGNMENTS)
    ]


def students_of(gradebook: Gradebook, assignment: str) -> list[str]:
    """Who has a submission of an assignment."""
    return [str(student) for (student,) in _rows(gradebook, _STUDENTS, assignment=assignment)]


def questions_of(
    gradebook: Gradebook, assignment: str, student: str | None = None, *, waiting: bool = False
) -> list[Standing]:
    """The questions of an assignment's submissions.

    Args:
        gradebook: nbgrader's gradebook.
        assignment: The assignment's name.
        student: Only of this student's; of everybody's when None.
        waiting: Only those that wait for a person.
    """
    query = _GRADES
    named = {"assignment": assignment}
    if student is not None:
        query += " AND submitted_assignment.student_id = :student"
        named["student"] = student
    if waiting:
        query += " AND grade.needs_manual_grade"
    return [
        Standing(
            str(owner),
            (str(notebook), str(cell)),
            float(points or 0.0),
            None if automatic is None else float(automatic),
            None if manual is None else float(manual),
            float(extra or 0.0),
            bool(waits),
        )
        for owner, notebook, cell, automatic, manual, extra, waits, points in _rows(gradebook, text(query), **named)
    ]


def comments_of(gradebook: Gradebook, assignment: str, student: str) -> Mapping[CellName, str]:
    """What people wrote about a submission, by the cells that nbgrader keeps comments of: answers and tasks."""
    rows = _rows(gradebook, _COMMENTS, assignment=assignment, student=student)
    return {(str(notebook), str(cell)): (comment or "").strip() for notebook, cell, comment in rows}


def _rows(gradebook: Gradebook, query: Any, **named: str) -> Sequence[Any]:
    run: Any = gradebook.db.execute
    found: Sequence[Any] = run(query, named).all()
    return found
