"""What a person should know of an export: a line for each column, and what else deserves a look."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from autograder.exports.changes import is_same
from autograder.exports.gradebook_file import TITLES, GradeColumn, number
from autograder.exports.matching import listed, unknown_columns
from autograder.exports.plan import Plan, PlannedColumn


@dataclass(frozen=True)
class ColumnSummary:
    """What is written into one column.

    Attributes:
        column: The column.
        written: How many marks.
        new: How many of them where the platform has none, as far as is known.
        changed: How many of them where it has another.
        zeros: How many of them are zeros for work that was not handed in.
        still_open: How many students have no mark there yet, or none that can be written.
    """

    column: PlannedColumn
    written: int
    new: int
    changed: int
    zeros: int
    still_open: int


def column_summary(plan: Plan, index: int) -> ColumnSummary:
    """What is written into the plan's column of that index."""
    column = plan.columns[index]
    here = [(row, row.marks[index]) for row in plan.rows if row.marks[index] is not None]
    cells = [(row.person.cells[column.column.place].strip(), mark) for row, mark in here]
    has = [(cell, mark) for cell, mark in cells if cell not in ("", "-")]
    return ColumnSummary(
        column=column,
        written=len(here),
        new=len(cells) - len(has),
        changed=sum(not is_same(cell, mark) for cell, mark in has),
        zeros=sum(row.states[index] == "missing" for row, _ in here),
        still_open=len(plan.rows) - len(here),
    )


def notes(plan: Plan, columns: Collection[GradeColumn]) -> list[str]:
    """What deserves a look and is no fault: sentences.

    Args:
        plan: What is exported.
        columns: All columns that belong to something here.
    """
    found = list(unknown_columns(plan.file, columns))
    above = [
        f"{column.name} of {row.student} ({mark} of {column.points})"
        for row in plan.rows
        for column, mark in zip(plan.columns, row.marks, strict=True)
        if mark is not None and not isinstance(mark, str) and Fraction(mark) > column.points
    ]
    if above and plan.file.platform == "moodle":
        found.append(
            f"Above full marks, which Moodle cuts off, or refuses the file for above 100, unless the site allows more: "
            f"{listed(above)}."
        )
    kept = [
        f"{column.name} of {row.student} ({cell})"
        for row in plan.rows
        for column, mark in zip(plan.columns, row.marks, strict=True)
        if mark is None and number(cell := row.person.cells[column.column.place].strip()) is not None
    ]
    if kept:
        found.append(
            f"Without a mark here, and with one in {TITLES[plan.file.platform]}, which stays as it is: {listed(kept)}."
        )
    return found
