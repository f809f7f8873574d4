"""The scores of a class from nbgrader's gradebook: read as it stands, and never changed.

A cell counts what a person gave it, else what was marked automatically, and its extra credit on top, as nbgrader has
it. Where nbgrader would count a zero because nothing is there, or a number cannot be right, work waits for a person.

nbgrader keeps its own late penalty beside the scores (`submitted_notebook.late_submission_penalty`, taken off only in
its feedback and exports). It is read to be shown and is not taken off: lateness costs what course.toml says, once.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.course.gradebook_trouble import gradebook_error
from autograder.marks.scores import Score, exact

_CELLS = text("""
    SELECT assignment.name, base_cell.id, COALESCE(grade_cells.max_score, task_cells.max_score)
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
    ORDER BY notebook.name, base_cell.name
""")
_PENALTIES = text("""
    SELECT assignment_id, late_submission_penalty FROM submitted_notebook WHERE late_submission_penalty > 0
""")

CellName = tuple[str, str]
"""A notebook's name and a cell's `grade_id`."""


class Cell(NamedTuple):
    """One marked cell of one submission, as the gradebook has it."""

    max_points: float
    notebook: str
    name: str
    automatic: float | None
    manual: float | None
    extra: float | None
    needs_manual_grade: bool


@dataclass
class Submitted:
    """One submission in the gradebook.

    Attributes:
        student: The student's id.
        assignment: The assignment's name.
        handed_in: When.
        extension: An extension that was entered with nbgrader.
        cells: Its cells that carry points.
        penalty: nbgrader's late penalty in points.
    """

    student: str
    assignment: str
    handed_in: datetime | None
    extension: timedelta | None
    cells: list[Cell] = field(default_factory=list)
    penalty: float = 0.0

    def settled(self) -> set[CellName]:
        """The cells that a person has marked, and that wait for no other look."""
        return {(one.notebook, one.name) for one in self.cells if one.manual is not None and not one.needs_manual_grade}


@dataclass(frozen=True)
class Released:
    """An assignment in the gradebook: its due date there, the points of its cells, and how many cells there are."""

    due: datetime | None
    max_points: Fraction
    num_cells: int


@dataclass(frozen=True)
class GradebookContent:
    """What the gradebook holds that marks are made of."""

    assignments: Mapping[str, Released]
    students: tuple[str, ...]
    submissions: tuple[Submitted, ...]


def read_gradebook(course: Course) -> GradebookContent | None:
    """Read the gradebook; None when there is none yet (asking must not make one).

    Raises:
        GradebookError: It cannot be read.
    """
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return None
    try:
        with course.gradebook() as gradebook:
            return _read(gradebook)
    except SQLAlchemyError as error:
        raise gradebook_error(course.db_url, "to read the gradebook", error) from error


def _read(gradebook: Gradebook) -> GradebookContent:
    run: Any = gradebook.db.execute
    max_points = {}
    of_assignment: dict[str, list[float]] = defaultdict(list)
    for assignment, cell, points in run(_CELLS):
        max_points[cell] = float(points or 0.0)
        of_assignment[assignment].append(float(points or 0.0))
    assignments = {
        str(name): Released(
            _in_utc(due), sum((exact(points) for points in of_assignment[name]), Fraction(0)), len(of_assignment[name])
        )
        for name, due in run(select(Assignment.name, Assignment.duedate))
    }
    submissions = {}
    columns = (SubmittedAssignment.id, SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
    joined: Any = select(*columns, SubmittedAssignment.extension, Assignment.name).join(
        Assignment, Assignment.id == SubmittedAssignment.assignment_id
    )
    for row, student, moment, extension, name in run(joined):
        submissions[row] = Submitted(str(student), str(name), _in_utc(moment), extension)
    for row, cell, notebook, name, *marks in run(_GRADES):
        submissions[row].cells.append(Cell(max_points.get(cell, 0.0), notebook, name, *marks))
    for row, penalty in run(_PENALTIES):
        submissions[row].penalty += float(penalty)
    students = tuple(sorted(str(student) for (student,) in run(select(Student.id))))
    return GradebookContent(assignments, students, tuple(submissions.values()))


def score_of(
    submitted: Submitted, released: Released, unjudged: Iterable[CellName] | None = ()
) -> tuple[Score, list[str]]:
    """The score of one submission, and what is wrong with it as sentences.

    Args:
        submitted: The submission.
        released: Its assignment.
        unjudged: The cells that the grader could not judge; None where it could not judge any of it.
    """
    who = f"{submitted.assignment} of {submitted.student}"
    settled = submitted.settled()
    could_not = {(one.notebook, one.name) for one in submitted.cells} if unjudged is None else set(unjudged)
    could_not -= settled
    points = open_points = Fraction(0)
    waiting: dict[str, list[str]] = {}
    problems = []
    for cell in submitted.cells:
        most, extra = _exact(cell.max_points), _exact(cell.extra or 0.0)
        value = cell.manual if cell.manual is not None else cell.automatic
        wrong = _wrong(cell, value)
        if wrong:
            problems.append(f"{who}, cell {cell.name}: {wrong}; it waits until that is corrected in the formgrader.")
        why = _why_waiting(cell, value, wrong, (cell.notebook, cell.name) in could_not)
        if why:
            waiting.setdefault(why, []).append(cell.name)
            open_points += most
        else:
            points += _exact(value or 0.0)
        points += Fraction(0) if extra is None else extra
    reasons = [f"{why}: {', '.join(names)}." for why, names in waiting.items()]
    if unjudged is None and (could_not or not submitted.cells):
        reasons = ["The grader could not judge what was handed in last."]
    if len(submitted.cells) < released.num_cells:
        lost = released.num_cells - len(submitted.cells)
        problems.append(
            f"{who}: expected {released.num_cells} marked cells in the gradebook, found {len(submitted.cells)}; it "
            f"waits until it is graded again (`autograder grade {submitted.assignment} --force`)."
        )
        reasons.append(f"The gradebook lacks {lost} of its {released.num_cells} cells.")
        open_points = max(open_points, released.max_points - points)
    score = Score(
        student=submitted.student,
        assignment=submitted.assignment,
        max_points=released.max_points,
        points=points,
        open_points=open_points,
        handed_in=submitted.handed_in,
        waiting=tuple(reasons),
        nbgrader_penalty=_exact(submitted.penalty) if math.isfinite(submitted.penalty) else Fraction(0),
    )
    return score, problems


def _wrong(cell: Cell, value: float | None) -> str:
    """What cannot be right about a cell's numbers; empty where all can."""
    if value is None:
        if cell.max_points > 0 and not cell.needs_manual_grade:
            return "expected a score, found none (or one that is no number), and nbgrader waits for nobody to give one"
        return ""
    if not math.isfinite(value) or not math.isfinite(cell.extra or 0.0):
        return f"expected a number, found {value:g} and {cell.extra or 0.0:g} of extra credit"
    if value < 0:
        return f"expected a score of at least 0, found {value:g}"
    if _exact(value) > _exact(cell.max_points):
        return f"expected at most {cell.max_points:g} points, found {value:g} without extra credit"
    return ""


def _why_waiting(cell: Cell, value: float | None, wrong: str, could_not_judge: bool) -> str:
    if wrong:
        return "A score cannot be right"
    if could_not_judge:
        return "The grader could not judge"
    if cell.max_points <= 0 and value is None:
        return ""  # nothing can be earned there
    if value is None:
        return "A person has to mark"
    return "A person has to look again at" if cell.needs_manual_grade else ""


@lru_cache(maxsize=4096)
def _exact(value: float) -> Fraction:
    # What is not finite counts nothing here; `_wrong` names it.
    return exact(value) if math.isfinite(value) else Fraction(0)


def _in_utc(moment: datetime | None) -> datetime | None:
    # nbgrader keeps UTC without saying so.
    return None if moment is None else moment.replace(tzinfo=UTC)
