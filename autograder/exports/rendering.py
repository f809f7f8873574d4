"""A plan as the text of the file that the platform imports."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from autograder.exports.canvas import POINTS_POSSIBLE
from autograder.exports.gradebook_file import GradebookFile, Person, number
from autograder.exports.moodle import NO_GRADE
from autograder.exports.plan import Plan, PlannedRow, written
from autograder.spreadsheet import Value, render_table


def render_canvas(plan: Plan) -> str:
    """The text of a file that Canvas' gradebook imports."""
    file = plan.file
    headers = [file.headers[place] for place in file.carried]
    if file.points_row:
        points = [file.points_row[place] for place in file.carried]
        points += [file.points_row[one.column.place].strip() for one in plan.columns]
    else:
        full = [str(written(one.points)) for one in plan.columns]
        points = [POINTS_POSSIBLE, *("" for _ in file.carried[1:]), *full]
    rows: list[Sequence[Value]] = [points]
    rows += [[*_carried(file, row.person), *_cells(plan, row)] for row in plan.rows]
    # Canvas reads the file by the letter: with a byte order mark before a quotation mark it reads nothing.
    return render_table([*headers, *(one.column.header for one in plan.columns)], rows)


def render_moodle(plan: Plan, identity: int) -> str:
    """The text of a file that Moodle's gradebook imports.

    Args:
        plan: What is exported.
        identity: The one column that says who is who. Moodle gives a row with nothing in that column to the student of
            the row before, and so there is no second one that could be chosen by mistake.
    """
    file = plan.file
    stamp = [] if file.stamp is None else [file.stamp]
    headers = [_without_escapes(file.headers[place]) for place in (*file.carried, identity)]
    headers += [_without_escapes(one.column.header) for one in plan.columns]
    rows: list[Sequence[Value]] = [
        [
            *map(_without_escapes, _carried(file, row.person)),
            row.person.cells[identity].strip(),
            *_cells(plan, row),
            *(row.person.cells[place].strip() for place in stamp),
        ]
        for row in plan.rows
    ]
    return render_table([*headers, *(file.headers[place] for place in stamp)], rows)


def _without_escapes(text: str) -> str:
    """Text for PHP, which takes a backslash before a quotation mark for more than it is and reads on into the next."""
    return re.sub(r'\\(?="|\Z)', "\N{FULLWIDTH REVERSE SOLIDUS}", text)


def _carried(file: GradebookFile, person: Person) -> list[str]:
    return [person.cells[place] for place in file.carried]


def _cells(plan: Plan, row: PlannedRow) -> list[Value]:
    return [
        _as_it_is(row.person.cells[column.column.place]) if mark is None else mark
        for column, mark in zip(plan.columns, row.marks, strict=True)
    ]


def _as_it_is(cell: str) -> Value:
    """What the platform has: both take an empty cell for "no mark" and would erase one."""
    cell = cell.strip()
    if cell == NO_GRADE:
        return ""
    found = number(cell)
    return Decimal(cell) if found is not None and found < Fraction(0) and "," not in cell else cell
