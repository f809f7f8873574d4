"""`autograder marks --xlsx`, run for real and opened again."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from autograder.course import Course
from tests.marks.classroom import AFTER
from tests.test_cli import Command

EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "#N/A", '=HYPERLINK("x")', "\uff1d1"]


def test_a_workbook_has_three_sheets_with_the_marks_and_how_they_come_about(
    run: Command, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "marks.xlsx"
    code, _, err = run("marks", "--course", str(course.root), "--at", AFTER, "--xlsx", str(path))
    assert (code, err) == (0, "")
    book = openpyxl.load_workbook(path)
    assert [(sheet.title, sheet.freeze_panes) for sheet in book] == [
        ("Marks", "B2"),
        ("Assignments", "B2"),
        ("Derivation", "B2"),
    ]
    marks = list(book["Marks"].values)
    assert marks[0][:4] == ("student", "name", "mark", "letter")
    assert [row[:4] for row in marks[1:]] == [
        ("ada", "Ada Lovelace", 85.5, "B"),
        ("bela", "Béla Bartók", 90, "A"),
        ("chen", "Chen Jingrun", 70, "B"),
    ]
    # The exam of bela waits: an empty cell, and no zero.
    assert dict(zip(marks[0], marks[2], strict=True))["exam"] is None
    assignments = list(book["Assignments"].values)
    assert assignments[1] == ("ada", "labs", "layers", "graded", 34, 40, 4, 75, 22.5, None)
    lines = [row[1] for row in book["Derivation"].values if row[0] == "ada"]
    assert lines[0] == "ada: 85.5 %, B"
    assert lines[-1] == "    course mark: 52.5 + 33 = 85.5 %, rounded 85.5 %, B (from 70 %)"


@pytest.mark.parametrize("name", EVIL)
def test_text_is_text_even_when_somebody_edits_the_cell(
    run: Command, course: Course, tmp_path: Path, name: str
) -> None:
    quoted = name.replace('"', '""')
    (course.root / "course" / "roster.csv").write_text(f'id,name\nada,"x{quoted}"\n007,"{quoted}"\n', encoding="utf-8")
    path = tmp_path / "marks.xlsx"
    assert run("marks", "--course", str(course.root), "--at", AFTER, "--xlsx", str(path))[0] == 0
    sheet = openpyxl.load_workbook(path)["Marks"]
    cells = {row[0].value: row[1] for row in sheet.iter_rows(min_row=2)}
    cell = cells["007"]  # an id stays text, with its zeros
    assert (cell.value, cell.data_type) == (name.strip(), "s")
    assert cell.quotePrefix == (name.strip()[0] not in "#x")
