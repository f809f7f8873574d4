"""The notebook's side: a student's questions, and how each answer is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.quizzes.given import Sheet
from tests.quizzes.quizzes import EVERY_KIND, course_with, lab_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lab_of(course_with(tmp_path, EVERY_KIND)).folder / "files"


def test_a_student_sees_their_questions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = Sheet.open("dora", folder)
    assert repr(sheet) == "6 questions for dora, 17 points."
    assert sheet.questions[2]["form"] == {"kind": "number", "units": ["%"]}
    assert sheet.questions[2]["text"].startswith("How many per cent is ")


def test_how_an_answer_is_read_is_said_and_never_whether_it_is_right(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = Sheet.open("dora", folder)
    for answer in (12.5, "12.5%", "many", ...):
        sheet.check(3, answer)
    assert capsys.readouterr().out.splitlines() == [
        "Question 3: read as the number 12.5.",
        "Question 3: read as the number 12.5 (the answer is counted in per cent: the number alone is enough).",
        "Question 3: not understood: expected a number, received the text 'many'.",
        "Question 3: no answer yet.",
    ]


@pytest.mark.parametrize("student", [..., None, "", "   ", 17])
def test_without_an_id_the_sheet_says_what_to_do(
    folder: Path, student: object, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = Sheet.open(student, folder)
    assert repr(sheet) == "Write your student id above, between quotes, and run the notebook from the top."
    sheet.check(1, "a")
    assert capsys.readouterr().out == f"{sheet!r}\n"
