"""Every mark in nbgrader's gradebook as it stands, automatic ones and people's: what the log of changes compares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from nbgrader.api import Gradebook
from sqlalchemy import text

Value = float | str
_NOTEBOOKS = """
    FROM submitted_notebook
    JOIN notebook ON notebook.id = submitted_notebook.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
"""
_GRADES = f"""
    SELECT submitted_assignment.student_id, assignment.name, notebook.name, base_cell.name,
           grade.auto_score, grade.manual_score, grade.extra_credit
    {_NOTEBOOKS}
    JOIN grade ON grade.notebook_id = submitted_notebook.id
    JOIN base_cell ON base_cell.id = grade.cell_id
"""
_PENALTIES = f"""
    SELECT submitted_assignment.student_id, assignment.name, notebook.name,
           submitted_notebook.late_submission_penalty
    {_NOTEBOOKS}
"""
AUTOMATIC, MANUAL, EXTRA, PENALTY = "automatic", "manual", "extra credit", "late penalty"
IN_GRADEBOOK = frozenset({AUTOMATIC, MANUAL, EXTRA, PENALTY})


class Place(NamedTuple):
    """Where a mark stands.

    Attributes:
        student: The student's id.
        assignment: The assignment's name.
        notebook: The notebook's name; "" where it is the whole assignment's.
        cell: The cell's `grade_id`; "" where it is the whole notebook's.
        kind: What sort of mark it is: `AUTOMATIC`, `MANUAL`, `EXTRA`, `PENALTY` in the gradebook.
    """

    student: str
    assignment: str
    notebook: str
    cell: str
    kind: str


def read_marks(gradebook: Gradebook, assignment: str | None = None, student: str | None = None) -> dict[Place, Value]:
    """All marks there are; a place without a mark is not in it.

    Args:
        gradebook: nbgrader's gradebook; changes of its session that are not committed yet are seen.
        assignment: Only of this one; of all when None.
        student: Only of this one; of all when None.
    """
    wanted = {"assignment.name": assignment, "submitted_assignment.student_id": student}
    conditions = [f"{column} = :p{number}" for number, (column, one) in enumerate(wanted.items()) if one is not None]
    named = {f"p{number}": one for number, one in enumerate(wanted.values()) if one is not None}
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    run: Any = gradebook.db.execute
    found: dict[Place, Value] = {}
    for owner, name, notebook, cell, *values in run(text(_GRADES + where), named):
        for kind, value in zip((AUTOMATIC, MANUAL, EXTRA), values, strict=True):
            # nbgrader has no extra credit as null or as zero, as it comes
            if value is not None and (kind != EXTRA or value):
                found[Place(str(owner), str(name), str(notebook), str(cell), kind)] = _value(value)
    for owner, name, notebook, penalty in run(text(_PENALTIES + where), named):
        if penalty:
            found[Place(str(owner), str(name), str(notebook), "", PENALTY)] = _value(penalty)
    return found


def points(marks: Mapping[Place, Value]) -> float:
    """What the marks of one submission come to: a person's before the automatic one, extra credit, less the penalty."""
    numbers = {place: value for place, value in marks.items() if isinstance(value, float)}
    earned = sum(
        value
        for place, value in numbers.items()
        if place.kind in (MANUAL, EXTRA) or (place.kind == AUTOMATIC and place._replace(kind=MANUAL) not in numbers)
    )
    return max(0.0, earned - sum(value for place, value in numbers.items() if place.kind == PENALTY))


def _value(value: object) -> Value:
    """A number where it is one; SQLite keeps any text where a number should be, and JSON has no infinity."""
    try:
        number = float(str(value))
    except ValueError:
        return str(value)
    return number if math.isfinite(number) else str(number)
