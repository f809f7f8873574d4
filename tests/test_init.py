"""A course from `autograder init` to marks: built, released, handed in, graded, as an instructor would from day one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path

import nbformat
import pytest

from autograder.audit import reference_cells
from autograder.course import open_course
from autograder.quizzes import Drawing
from autograder.quizzes.lab_source import python_literal
from tests.command_line import run


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("new") / "course"
    assert run("init", str(root), "--id", "dl-27", "--title", 'Netze & "Lernen"') == 0
    with chdir(root):
        for words in (("build",), ("build", "--check"), ("release", "first_lab", "first_quiz")):
            assert run(*words) == 0, words
        yield root


def hand_in(root: Path, student: str, assignment: str, cells: Mapping[str, str]) -> None:
    folder = root / "submitted" / student / assignment
    shutil.copytree(root / "release" / assignment, folder)
    notebook = nbformat.read(folder / f"{assignment}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source)
    nbformat.write(notebook, folder / f"{assignment}.ipynb")


def test_a_new_course_goes_from_its_first_minute_to_marks(root: Path) -> None:
    drawing = Drawing(open_course(root), root / "reference" / "first_quiz")
    answers = [python_literal(drawing.key.entries[key]) for key in drawing("ada")]
    quiz = {f"answer-{n}": f"answer_{n} = {answer}" for n, answer in enumerate(answers, start=1)}
    hand_in(root, "ada", "first_lab", reference_cells(root / "reference" / "first_lab"))
    hand_in(root, "ada", "first_quiz", {"student-id": "student_id = 'ada'", **quiz})
    hand_in(root, "bela", "first_lab", {})
    for assignment in ("first_lab", "first_quiz"):
        assert run("grade", assignment) == 0, assignment
    assert run("marks", "--json", "marks.json") == 0
    found = {
        (student["student"], one["assignment"]): (one["state"], one["points"], one["max_points"])
        for student in json.loads(Path("marks.json").read_text())["students"]
        for component in student["components"]
        for one in component["assignments"]
    }
    assert found == {
        ("ada", "first_lab"): ("waiting", 12.0, 14.0),  # for a person, who marks the written answer
        ("ada", "first_quiz"): ("graded", 5.0, 5.0),
        ("bela", "first_lab"): ("graded", 0.0, 14.0),
        ("bela", "first_quiz"): ("pending", None, None),
    }


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
