"""Exporting again: what differs from earlier exports, and only that is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from autograder.exports.gradebook_file import GradebookFile, Person, number
from autograder.exports.plan import Mark, Plan, PlannedRow


@dataclass(frozen=True)
class Change:
    """One mark that is another one now.

    Attributes:
        student: The student's id.
        name: The assignment's id, or that it is the course mark.
        before: What the earlier export had; empty where it had nothing.
        after: What is written now.
    """

    student: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """What differs from earlier exports.

    Attributes:
        source: The earlier exports' files.
        changes: Every mark that differs, student by student.
        num_students: How many students have one.
        num_unchanged: How many have none.
        taken_back: What had a mark and has none now, as "assignment of student (mark)".
    """

    source: str
    changes: tuple[Change, ...]
    num_students: int
    num_unchanged: int
    taken_back: tuple[str, ...]


Earlier = tuple[GradebookFile, Mapping[str, Person]]
"""An earlier export, and its rows by student."""


def only_changes(plan: Plan, earlier: Sequence[Earlier]) -> tuple[Plan, Changes]:
    """Leave in a plan the students whose marks differ from earlier exports, and the columns they differ in.

    Args:
        plan: Everything that would be exported.
        earlier: The earlier exports, the oldest first. A later one may have changes only: what it does not have is
            looked up in those before it.
    """
    changes: list[Change] = []
    rows: list[PlannedRow] = []
    taken_back: list[str] = []
    for row in plan.rows:
        before = [_before(column.column.header, row.student, earlier) for column in plan.columns]
        found = list(_changed(plan, row, before))
        changes += found
        if found:
            rows.append(row)
        taken_back += [
            f"{column.name} of {row.student} ({cell})"
            for column, mark, cell in zip(plan.columns, row.marks, before, strict=True)
            if mark is None and number(cell) is not None
        ]
    changed = {change.name for change in changes}
    kept = [index for index, column in enumerate(plan.columns) if column.name in changed]
    narrowed = tuple(
        replace(row, marks=tuple(row.marks[one] for one in kept), states=tuple(row.states[one] for one in kept))
        for row in rows
    )
    left = replace(plan, columns=tuple(plan.columns[one] for one in kept), rows=narrowed)
    sources = ", ".join(file.source for file, _ in earlier)
    summary = Changes(sources, tuple(changes), len(rows), len(plan.rows) - len(rows), tuple(taken_back))
    return left, summary


def is_same(cell: str, mark: Mark) -> bool:
    """Whether a cell says what a mark says: "30.00" is 30."""
    if mark is None or isinstance(mark, str):
        return cell.strip() == (mark or "")
    return number(cell) == Fraction(mark)


def _before(header: str, student: str, earlier: Sequence[Earlier]) -> str:
    """What the latest export that has this cell at all has in it."""
    for file, people in reversed(earlier):
        place = next((one.place for one in file.columns if one.header == header), None)
        if place is not None and student in people:
            return people[student].cells[place].strip()
    return ""


def _changed(plan: Plan, row: PlannedRow, before: list[str]) -> Iterator[Change]:
    for column, mark, cell in zip(plan.columns, row.marks, before, strict=True):
        if mark is not None and not is_same(cell, mark):
            yield Change(row.student, column.name, cell, str(mark))
