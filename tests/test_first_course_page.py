"""docs/first-course.md, typed by an instructor on the first day: every command, in its order, from `init` to marks."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path

import nbformat
import pytest

from autograder.course import open_course
from autograder.quizzes import Drawing
from autograder.quizzes.lab_source import python_literal
from tests.command_line import run
from tests.pages import DOCS, blocks
from tests.typist import type_lines

PAGE = DOCS / "first-course.md"
# test_cli.py audits the lab that `init` writes, generated mistakes included, as `autograder new lab` writes it.
AUDIT = ["autograder audit first_lab --seeds 1 --no-mutants"]


def answer_the_quiz(course: Path, student: str) -> None:
    """Do what the page tells a person to do in JupyterLab."""
    drawing = Drawing(open_course(course), course / "reference" / "first_quiz")
    answers = [python_literal(drawing.key.entries[key]) for key in drawing(student)]
    cells = {f"answer-{n}": f"answer_{n} = {answer}" for n, answer in enumerate(answers, start=1)}
    cells["student-id"] = f"student_id = {student!r}"
    path = course / "submitted" / student / "first_quiz" / "first_quiz.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source)
    nbformat.write(notebook, path)


def test_the_page_leads_from_an_empty_folder_to_marks(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make, audit, release, hand_in, grade = blocks(PAGE)
    assert audit == AUDIT
    course = type_lines(make, tmp_path, tmp_path)
    assert course == tmp_path / "deep-learning"
    type_lines([*release, *hand_in], course, tmp_path)
    answer_the_quiz(course, "ada")
    capfd.readouterr()
    type_lines(grade, course, tmp_path)
    shown = capfd.readouterr().out
    assert "12 of 14 points so far, 2 open" in shown
    assert "jupyter lab   first_lab: review or formgrader: 1 written" in shown
    assert (course / "reports" / "first_lab" / "ada" / "first_lab.html").is_file()
    assert (course / "reports" / "first_lab" / "overview.html").is_file()
    with chdir(course):
        assert run("build", "--check") == 0
        assert run("marks", "--json", "marks.json") == 0
    (ada,) = json.loads((course / "marks.json").read_text())["students"]
    assert {
        one["assignment"]: (one["state"], one["points"], one["max_points"])
        for component in ada["components"]
        for one in component["assignments"]
    } == {
        "first_lab": ("waiting", 12.0, 14.0),  # for a person, who marks the written answer
        "first_quiz": ("graded", 5.0, 5.0),
    }
