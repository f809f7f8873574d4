"""The marks of a class as an Excel workbook: numbers as numbers, ids as text, and nothing that a spreadsheet runs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from autograder.marks import ClassMarks
from autograder.marks.derivation import derivation
from autograder.marks.table import class_table
from autograder.spreadsheet import CELL_CHARACTERS, Value, as_text

# What XML has no way to write: controls, and halves of characters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ASSIGNMENT_COLUMNS = (
    "student",
    "component",
    "assignment",
    "state",
    "points",
    "max_points",
    "deduction",
    "percent",
    "contribution",
    "reason",
)
"""What the second sheet has of each student and assignment."""


def marks_workbook(found: ClassMarks) -> bytes:
    """A workbook with three sheets: the class, every assignment of every student, and how each mark comes about.

    Args:
        found: The marks of the class.
    """
    book = Workbook(write_only=True)
    columns, rows = class_table(found.course.settings, found.marks, found.names)
    _sheet(book, "Marks", columns, rows)
    _sheet(book, "Assignments", ASSIGNMENT_COLUMNS, _assignments(found))
    policies = found.course.settings.policies
    lines = ((one.student, line) for one in found.marks for line in derivation(one, policies).lines())
    _sheet(book, "Derivation", ("student", "how the mark comes about"), lines)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _assignments(found: ClassMarks) -> Iterable[Sequence[Value]]:
    for student in found.marks:
        for component in student.components:
            for one in component.assignments:
                standing, score = one.standing, one.standing.score
                yield (
                    student.student,
                    component.component.id,
                    standing.assignment.id,
                    one.state,
                    None if score is None else float(score.points),
                    None if score is None else float(score.max_points),
                    float(standing.lateness.deduction),
                    None if standing.normalised is None else float(standing.normalised * 100),
                    float(one.contribution),
                    standing.reason,
                )


def _sheet(book: Any, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    sheet.append([_cell(sheet, column, bold=True) for column in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Value, *, bold: bool = False) -> Any:
    if value == "" or value is None:
        return None
    if isinstance(value, int | float | Decimal):
        return value
    text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", value[:CELL_CHARACTERS])
    begins_plainly = text.lstrip(" ")[:1].isalnum()
    if begins_plainly and not bold:
        return text
    cell = WriteOnlyCell(sheet, value=text)
    # Left to itself, the library writes text that begins with "=" as a formula, and "#N/A" as an error. The prefix has
    # it stay text when somebody opens the cell and presses Enter.
    cell.data_type = "s"
    cell.quotePrefix = not begins_plainly and as_text(text)[0] == "'"
    if bold:
        cell.font = Font(bold=True)
    return cell
