"""How Canvas and Moodle read an import file, written down plainly: the oracle for what an export does to a gradebook.

By what their published importers do, as docs/exports.md describes it: an empty cell takes a mark away, Canvas finds a
student by its own number first, and Moodle gives a row without an id to the student of the row before.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Account:
    """A student as a platform has them, with marks by the title or number of what is marked."""

    number: int
    known_as: str
    login: str
    name: str
    marks: dict[str, str] = field(default_factory=dict)


class ImportRefusedError(Exception):
    """The platform takes nothing of the file."""


def import_into_canvas(text: str, accounts: list[Account], titles: dict[str, str]) -> None:
    """Change the marks as Canvas would.

    Args:
        text: The file.
        accounts: The students.
        titles: The assignments' titles by number.
    """
    if text.startswith("\ufeff"):
        raise ImportRefusedError("the first quotation mark does not stand first")
    header, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if "Student" not in header[0] or header[1] != "ID" or "Section" not in header:
        raise ImportRefusedError("Invalid header row")
    first = header.index("Section") + 1
    columns = {}
    for place, heading in enumerate(header[first:], start=first):
        number = re.search(r"\((\d+)\)$", heading)
        if number and number[1] in titles:
            columns[place] = number[1]
        else:
            columns[place] = next((one for one, title in titles.items() if title == heading), f"new: {heading}")
    for row in rows:
        if "Points Possible" in row[0]:
            continue
        account = _canvas_student(dict(zip(header, row, strict=True)), accounts)
        for place, assignment in columns.items():
            cell = row[place].strip()
            if account.marks.get(assignment) == "N/A":
                continue
            if cell:
                account.marks[assignment] = cell
            else:
                account.marks.pop(assignment, None)


def _canvas_student(row: dict[str, str], accounts: list[Account]) -> Account:
    begins = re.match(r"\d+", row["ID"])
    for found in (
        [one for one in accounts if begins and one.number == int(begins[0])],
        [one for one in accounts if row.get("SIS User ID") == one.known_as],
        [one for one in accounts if row.get("SIS Login ID") == one.login],
        [one for one in accounts if row["Student"] == one.name],
    ):
        if found:
            return found[0]
    raise ImportRefusedError(f"a new student: {row}")


def import_into_moodle(text: str, accounts: list[Account], map_from: str, map_to: str, items: dict[str, str]) -> None:
    """Change the marks as Moodle would: of the whole file or, where a row is refused, of none of it.

    Args:
        text: The file.
        accounts: The students; `known_as` is their ID number.
        map_from: The heading of the column that says who is who.
        map_to: What it holds: "useridnumber" or "useremail".
        items: What each other column is mapped to; what is not mapped is ignored.
    """
    header, *rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    account: Account | None = None
    marks: list[tuple[Account, str, str]] = []
    for row in rows:
        if len(row) != len(header):
            raise ImportRefusedError("weird columns")
        cells = dict(zip(header, row, strict=True))
        wanted = cells[map_from].strip()
        if wanted not in ("", "0"):
            has = (lambda one: one.login) if map_to == "useremail" else (lambda one: one.known_as)
            account = next((one for one in accounts if has(one) == wanted), None)
        if account is None:
            raise ImportRefusedError(f"user not found: {wanted}")
        for heading, item in items.items():
            cell = cells[heading].strip()
            if cell not in ("", "-"):
                if not re.fullmatch(r"-?\d+([.,]\d+)?", cell):
                    raise ImportRefusedError(f"bad grade: {cell}")
                if Decimal(cell.replace(",", ".")) > 100:
                    raise ImportRefusedError("grade too large")
            marks.append((account, item, "" if cell == "-" else cell))
    for one, item, cell in marks:
        if cell:
            one.marks[item] = cell
        else:
            one.marks.pop(item, None)
