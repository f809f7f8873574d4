"""Moodle's gradebook file: columns about the user, one or more for each grade item, and when it was made.

What Moodle reads is written down in docs/exports.md, with where that is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from autograder.course.csv_table import CsvTable, read_csv_table
from autograder.course.roster_file import Enrolled
from autograder.errors import UsageError
from autograder.exports.gradebook_file import GradebookFile, GradeColumn, Key, Person, folded

MAPS_TO = {
    "id number": "useridnumber",
    "idnumber": "useridnumber",
    "email address": "useremail",
    "email": "useremail",
    "username": "username",
}
ID_NUMBER, EMAIL = "ID number", "Email address"
NO_GRADE = "-"
# "Assignment: Layers (Real)": what the item is, its name, how its marks are shown.
_PARTS = re.compile(r"(?:[^:]{1,40}:\s+)?(?P<name>.*\S)(?:\s+\((?P<shown>[^()]+)\))", re.DOTALL)
_KIND = re.compile(r"[^:]{1,40}:\s+(?P<name>.*\S)", re.DOTALL)
_NOT_POINTS = {"feedback", "percentage", "letter"}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_MOMENT = re.compile(r"\d{9,11}")


def read_moodle(path: Path, match: str | None = None) -> GradebookFile:
    """Read a gradebook that Moodle exported as a text file, or an earlier export to it.

    Args:
        path: The file.
        match: The heading of the column that says who is who, where it is neither Moodle's English one nor holds
            addresses.

    Raises:
        UsageError: It is none, or has no such column.
    """
    table = read_csv_table(path, "Moodle's gradebook")
    places = _key_places(table, match)
    last = max(places)
    stamp = _stamp(table)
    return GradebookFile(
        platform="moodle",
        source=path.name,
        headers=table.columns,
        carried=tuple(place for place in range(last + 1) if place not in places),
        keys=tuple(Key(place, "known") for place in places),
        columns=tuple(_columns(table, last + 1, stamp)),
        people=tuple(Person(row.line, _name(row.cells, places), row.cells) for row in table.rows),
        downloaded=True,
        stamp=stamp,
    )


def user_field(file: GradebookFile, place: int) -> str:
    """What Moodle calls the field that a column holds, on the page where columns are mapped; empty where unknown."""
    cells = [one.cells[place].strip() for one in file.people if one.cells[place].strip()]
    addresses = bool(cells) and all(_ADDRESS.fullmatch(cell) for cell in cells)
    return MAPS_TO.get(folded(file.headers[place]), "useremail" if addresses else "")


def moodle_from_roster(students: Sequence[Enrolled], columns: Mapping[str, Fraction]) -> GradebookFile:
    """The file that Moodle has nothing in yet: one row for each student, one column for each title."""
    return GradebookFile(
        platform="moodle",
        source="the roster",
        headers=(ID_NUMBER, EMAIL, *columns),
        carried=(),
        keys=(Key(0, "known"), Key(1, "known")),
        columns=tuple(GradeColumn(2 + index, title, frozenset({folded(title)})) for index, title in enumerate(columns)),
        people=tuple(
            Person(one.line, one.name or one.id, (one.id, one.email, *("" for _ in columns))) for one in students
        ),
        downloaded=False,
    )


def _key_places(table: CsvTable, match: str | None) -> tuple[int, ...]:
    if match is not None:
        place = table.column(match)
        if place is None:
            raise UsageError(
                f"expected a column {match!r} in {table.path}, found {', '.join(map(repr, table.columns))}; correct "
                "--match"
            )
        return (place,)
    found = [place for place, one in enumerate(table.columns) if folded(one) in MAPS_TO]
    found += [place for place in range(len(table.columns)) if place not in found and _addresses(table, place)]
    if not found:
        raise UsageError(
            f"expected Moodle's gradebook at {table.path}, with a column {ID_NUMBER!r}, {EMAIL!r} or 'Username', found "
            f"{', '.join(map(repr, table.columns[:8]))}; say with --match which of them says who is who"
        )
    return tuple(found)


def _addresses(table: CsvTable, place: int) -> bool:
    """Whether a column holds e-mail addresses, whatever it is called in the language Moodle was set to."""
    cells = [row.cells[place].strip() for row in table.rows if row.cells[place].strip()]
    return bool(cells) and all(_ADDRESS.fullmatch(cell) for cell in cells)


def _stamp(table: CsvTable) -> int | None:
    place = len(table.columns) - 1
    cells = [row.cells[place].strip() for row in table.rows]
    return place if cells and all(_MOMENT.fullmatch(cell) for cell in cells) else None


def _columns(table: CsvTable, first: int, stamp: int | None) -> list[GradeColumn]:
    found = []
    for place in range(first, len(table.columns)):
        header = table.columns[place]
        parts = _PARTS.fullmatch(header)
        if not header or place == stamp or (parts and folded(parts["shown"]) in _NOT_POINTS):
            continue
        names = {folded(header)}
        if kind := _KIND.fullmatch(header):
            names.add(folded(kind["name"]))
        if parts:
            names |= {folded(parts["name"]), folded(header[: parts.end("name")])}
        found.append(GradeColumn(place, header, frozenset(names), listed=parts is not None))
    return found


def _name(cells: Sequence[str], places: Sequence[int]) -> str:
    named = " ".join(cell.strip() for cell in cells[: min(places)] if cell.strip())
    return named or next((cells[place].strip() for place in places if cells[place].strip()), "")
