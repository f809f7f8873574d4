"""A roster's file: one student a line, with the ids, name and address that other systems know them by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.course.csv_table import CsvRow, CsvTable, read_csv_table, seen
from autograder.errors import UsageError

COLUMNS = ("id", "lms_id", "name", "email")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A line of the roster.

    Attributes:
        id: The student's id in the course; empty where the line has none.
        lms_id: The learning platform's own.
        name: The student's name.
        email: The student's address.
        line: The line of the file.
    """

    id: str
    lms_id: str = ""
    name: str = ""
    email: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class RosterFile:
    """What stands in a roster.

    Attributes:
        path: The file.
        lines: Every line with something in a column that is known, those without an id too.
        problems: What is odd about how it is written, a sentence each.
    """

    path: Path
    lines: tuple[Enrolled, ...]
    problems: tuple[str, ...]


def read_roster_file(path: Path) -> RosterFile:
    """Read a roster: a CSV file with a column `id`, and any of `lms_id`, `name` and `email`.

    Raises:
        UsageError: It cannot be read, is no table, or has no column `id` (or two).
    """
    table = read_csv_table(path, "a roster")
    places = {name: table.column(name) for name in COLUMNS}
    if places["id"] is None:
        raise UsageError(
            f"expected a column `id` in {path}, found {', '.join(map(repr, table.columns))}; rename the one that has "
            "the students' ids, or add it"
        )
    problems: list[str] = []
    lines = []
    for row in table.rows:
        values = {name: seen(row.cells[place]) for name, place in places.items() if place is not None}
        if any(values.values()):
            lines.append(Enrolled(**values, line=row.line))
            problems += _oddities(table, row, values["id"], places["id"])
    return RosterFile(path, tuple(lines), tuple(problems))


def _oddities(table: CsvTable, row: CsvRow, student: str, place: int) -> list[str]:
    found = []
    if any(cell.strip() for cell in row.cells[len(table.columns) :]):
        found.append(
            f"{table.path.name}, line {row.line}: expected {len(table.columns)} cells, found {len(row.cells)}; what "
            "is too much is passed over: a cell with a separator in it stands between quotation marks."
        )
    if student != row.cells[place].strip():
        written = row.cells[place].strip().encode("unicode_escape").decode("ascii")
        found.append(
            f"{table.path.name}, line {row.line}: expected an id, found '{written}', which has characters that nobody "
            f"sees or letters in parts; read as {student!r}: write it again."
        )
    return found
