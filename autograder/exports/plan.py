"""What is exported: for each student and column the mark, or nothing where there is none yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from autograder.exports.canvas import EXCUSED, NOT_ASSIGNED
from autograder.exports.gradebook_file import GradebookFile, GradeColumn, Person, Platform
from autograder.marks import StudentMark
from autograder.marks.rounding import round_half_away

DECIMALS = 2
"""Canvas and Moodle both show so many; more would be shown as a change that nobody can see."""
HUNDRED = Fraction(100)
COURSE_MARK = "the course mark"

Mark = Decimal | str | None
"""A mark as it is written: a number, a word the platform knows, or None where there is none to write."""


@dataclass(frozen=True)
class PlannedColumn:
    """A column that is exported.

    Attributes:
        name: The assignment's id, or `COURSE_MARK`.
        column: The platform's column.
        points: What full marks are written as.
        own_points: What full marks are here.
    """

    name: str
    column: GradeColumn
    points: Fraction
    own_points: Fraction


@dataclass(frozen=True)
class PlannedRow:
    """A student who is exported.

    Attributes:
        student: The student's id.
        person: The platform's row.
        marks: The mark for each planned column.
        states: How each stands: the state of the assignment.
    """

    student: str
    person: Person
    marks: tuple[Mark, ...]
    states: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What is exported.

    Attributes:
        file: The platform's gradebook.
        columns: Its columns that are written.
        rows: Its students, in its order.
    """

    file: GradebookFile
    columns: tuple[PlannedColumn, ...]
    rows: tuple[PlannedRow, ...]


def make_plan(
    file: GradebookFile,
    columns: Sequence[PlannedColumn],
    people: Mapping[str, Person],
    marks: Mapping[str, StudentMark],
) -> Plan:
    """Put marks and the platform's rows and columns together; columns without any mark are left out.

    Args:
        file: The platform's gradebook.
        columns: The columns that can be written.
        people: The rows of students, by id.
        marks: The marks of students, by id.
    """
    rows = []
    for student, person in sorted(people.items(), key=lambda item: item[1].line):
        parts = {one.standing.assignment.id: one.standing for one in marks[student].assignments}
        found: list[Mark] = []
        states = []
        for column in columns:
            if column.name == COURSE_MARK:
                final = marks[student].final and marks[student].rounded is not None
                states.append("final" if final else "waiting")
                found.append(_course_mark(marks[student].rounded, column.points) if final else None)
            else:
                standing = parts[column.name]
                states.append(standing.state)
                found.append(_mark(file.platform, standing.state, standing.normalised, column.points))
        rows.append(PlannedRow(student, person, tuple(found), tuple(states)))
    used = [index for index, _ in enumerate(columns) if any(row.marks[index] is not None for row in rows)]
    return Plan(
        file=file,
        columns=tuple(columns[index] for index in used),
        rows=tuple(
            PlannedRow(
                row.student,
                row.person,
                tuple(row.marks[index] for index in used),
                tuple(row.states[index] for index in used),
            )
            for row in rows
        ),
    )


def refused_by(platform: Platform, cell: str, mark: Mark) -> str:
    """Why a mark is not put over what the platform has in a cell; empty where it is."""
    has = cell.strip().upper()
    if mark is None or platform != "canvas":
        return ""
    if has == NOT_ASSIGNED:
        return "Canvas has not assigned it"
    return "Canvas has it excused, and exceptions.toml has not" if has == EXCUSED and mark != EXCUSED else ""


def written(number: Fraction, decimals: int = DECIMALS) -> Decimal:
    """A number as it is exported: rounded half away from zero, without zeros at its end."""
    rounded = round_half_away(number, decimals)
    whole = rounded.to_integral_value()
    return whole if whole == rounded else rounded.normalize()


def _course_mark(rounded: Decimal | None, points: Fraction) -> Mark:
    # It is rounded by the course's policy; rounded again it would not be what students were told.
    if rounded is None or points == HUNDRED:
        return rounded
    return written(Fraction(rounded) * points / HUNDRED)


def _mark(platform: Platform, state: str, normalised: Fraction | None, points: Fraction) -> Mark:
    if state == "excused":
        return EXCUSED if platform == "canvas" else None
    return None if normalised is None else written(normalised * points)
