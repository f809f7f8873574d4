"""docs/first-course.md, typed by an instructor on the first day: every command, in its order, from `init` to marks."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path

import pytest

from tests.command_line import run
from tests.quizzes.quizzes import answer_right
from tests.shown.page import typed


def test_the_page_leads_from_an_empty_folder_to_marks(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with typed("docs/first-course.md", tmp_path) as page:
        course = page.type(
            tmp_path, 'autograder init deep-learning --title "Deep learning"', "cd deep-learning", "autograder build"
        )
        assert course == tmp_path / "deep-learning"
        page.type(
            course,
            "autograder release first_lab first_quiz",
            "mkdir -p submitted/ada",
            "cp -r release/first_lab release/first_quiz submitted/ada/",
            "cp source_assignments/first_lab/first_lab.ipynb submitted/ada/first_lab/",
        )
        answer_right(course, "first_quiz", "ada")  # as the page tells a person to do in JupyterLab
        capfd.readouterr()
        page.type(course, "autograder grade first_lab first_quiz")
        page.type(course, "autograder marks", "autograder marks --explain ada", "autograder status")
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
