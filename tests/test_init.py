"""`autograder init`: where it may write, and what; test_first_course_page.py goes on from there to marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import open_course
from tests.command_line import run


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("new") / "course"
    assert run("init", str(root), "--id", "dl-27", "--title", 'Netze & "Lernen"') == 0
    return root


def test_a_new_course_is_called_as_one_says(root: Path) -> None:
    course = open_course(root)
    assert (course.config.CourseDirectory.course_id, course.settings.title) == ("dl-27", 'Netze & "Lernen"')


def test_the_formgraders_button_of_a_new_course_runs_in_the_sandbox(root: Path) -> None:
    names = [one.__name__ for one in open_course(root).config.Autograde.autograde_preprocessors]
    assert (names[0], names[4]) == ("SandboxedExecute", "SaveJudgedGrades")


def test_a_folder_that_holds_something_is_left_alone(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(root.rglob("*"))
    assert run("init", str(root)) == 2
    assert f"expected a new or empty folder, found something in {root}" in capsys.readouterr().err
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("name", ["a b", "-x", "x" * 65, "ü"])
def test_an_id_that_nbgrader_could_not_use_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", str(tmp_path / "course"), "--id", name) == 2
    assert "expected the id of a course" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
