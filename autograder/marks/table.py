"""A class's marks as rows, for a spreadsheet: numbers as numbers, and no text that a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from autograder.course import CourseSettings
from autograder.marks.student_mark import StudentMark
from autograder.spreadsheet import Value, render_table

COLUMNS = ("student", "name", "mark", "letter", "final", "at_least", "at_most")
"""What the table begins with; a column for each component and each assignment follows, and what waits comes last."""


def render_class(settings: CourseSettings, marks: Sequence[StudentMark], names: Mapping[str, str]) -> str:
    """The text of the CSV file: a line for each student, marks in percent, nothing where there is none yet.

    Args:
        settings: The course.
        marks: The marks of the class.
        names: Students' names by id, as far as they are known.
    """
    columns, rows = class_table(settings, marks, names)
    return render_table(columns, rows, byte_order_mark=True)


def class_table(
    settings: CourseSettings, marks: Sequence[StudentMark], names: Mapping[str, str]
) -> tuple[list[str], list[list[Value]]]:
    """The headings and rows of the table, for a file of any kind; the arguments are those of `render_class`."""
    assignments = [one.standing.assignment.id for one in marks[0].assignments] if marks else []
    columns = [*COLUMNS, *(one.id for one in settings.components), *assignments, "waits"]
    return columns, [_row(one, names.get(one.student, "")) for one in marks]


def waiting(mark: StudentMark) -> list[str]:
    """The assignments that wait for a person, by id."""
    return [one.standing.assignment.id for one in mark.assignments if one.state == "waiting"]


def _row(mark: StudentMark, name: str) -> list[Value]:
    return [
        mark.student,
        name,
        None if mark.rounded is None else float(mark.rounded),
        mark.letter,
        "yes" if mark.final else "no",
        _percent(mark.lowest),
        _percent(mark.highest),
        *(_percent(None if one.mark is None else one.mark * 100) for one in mark.components),
        *(_percent(_times_hundred(one.standing.normalised)) for one in mark.assignments),
        " ".join(waiting(mark)),
    ]


def _times_hundred(value: Fraction | None) -> Fraction | None:
    return None if value is None else value * 100


def _percent(value: Fraction | None) -> float | None:
    return None if value is None else float(round(value, 4))
