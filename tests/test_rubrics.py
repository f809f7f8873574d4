"""Rubrics: from their file through the notebook and the gradebook to the marks."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.authoring import build_notebook, read_lab
from autograder.course import read_rubric, rubrics_folder
from autograder.errors import AuthoringError, UsageError
from tests.command_line import run

RUBRIC = """
[[criteria]]
id = "method"
title = "The method | its reasons"
description = "Which network, and why."
levels = [
    { name = "excellent", points = 6, description = "Every choice has a reason." },
    { name = "good", points = 3.5, description = "Most have." },
    { name = "missing", points = 0, description = "None has." },
]

[[criteria]]
id = "talk"
title = "The talk"
description = "Ten minutes."
levels = [
    { name = "there", points = 4, description = "It was held." },
    { name = "missing", points = 0, description = "It was not." },
]
"""
LAB = '''
# %% [markdown]
# # A project

# %% solution="double"
def double(number):
    """Twice the number."""
    # BEGIN SOLUTION
    return 2 * number
    # END SOLUTION

# %% tests="double-tests" points=10
if __name__ == "__main__":
    assert double(2) == 4

# %% [markdown] rubric="final"

# %% [markdown]
# That is all.
'''
COURSE = """
title = "Projects"
[sandbox]
preload = ["numpy"]
[[components]]
id = "project"
title = "Project"
weight = 100
[[assignments]]
id = "trial"
kind = "project"
title = "The project"
component = "project"
released = 2027-01-01T08:00:00Z
due = 2027-02-01T08:00:00Z
"""


def write_course(root: Path, rubric: str = RUBRIC, lab: str = LAB) -> Path:
    """A course with one lab that asks for the rubric `final`; returns the lab's folder."""
    folder = root / "reference" / "trial"
    for path, text in (
        (root / "nbgrader_config.py", "c = get_config()\nc.CourseDirectory.course_id = 'projects'\n"),
        (root / "course" / "course.toml", COURSE),
        (root / "course" / "rubrics" / "final.toml", rubric),
        (folder / "lab.py", lab),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The course, released, with ada's submission graded; the working folder too, as for one who is there."""
    root = tmp_path_factory.mktemp("rubric") / "course"
    folder = write_course(root)
    with chdir(root):
        for words in (("build",), ("build", "--check"), ("release", "trial")):
            assert run(*words) == 0, words
        shutil.copytree("release/trial", "submitted/ada/trial")
        notebook = nbformat.read("submitted/ada/trial/trial.ipynb", as_version=4)
        (solution,) = read_lab(folder).of_kind("solution")
        notebook.cells[1].source = solution.source
        nbformat.write(notebook, "submitted/ada/trial/trial.ipynb")
        assert run("grade", "trial") == 0
        yield root


def the_mark() -> dict[str, object]:
    assert run("marks", "--json", "marks.json") == 0
    (student,) = json.loads(Path("marks.json").read_text())["students"]
    (component,) = student["components"]
    (one,) = component["assignments"]
    return {key: one[key] for key in ("state", "points", "max_points")}


def test_each_criterion_is_a_task_with_its_levels_worth_what_the_best_earns(tmp_path: Path) -> None:
    lab = read_lab(write_course(tmp_path))
    assert lab.max_points == 20
    assert [(cell.grade_id, cell.points) for cell in lab.of_kind("task")] == [("final-method", 6), ("final-talk", 4)]
    method = next(cell for cell in build_notebook(lab).cells if cell.id == "final-method")
    assert method.cell_type == "markdown"
    assert {key: method.metadata.nbgrader[key] for key in ("grade", "solution", "locked", "task", "points")} == {
        "grade": False, "solution": False, "locked": True, "task": True, "points": 6,
    }  # fmt: skip
    assert method.source == (
        "### The method \\| its reasons\n\nWhich network, and why.\n\n"
        "| level | points | what it looks like |\n| --- | --- | --- |\n"
        "| excellent | 6 | Every choice has a reason. |\n| good | 3.5 | Most have. |\n| missing | 0 | None has. |"
    )


def test_criteria_wait_for_a_person_whose_marks_count_and_stay(graded: Path) -> None:
    assert the_mark() == {"state": "waiting", "points": 10.0, "max_points": 20.0}
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:  # as the formgrader enters them
        for cell, points in (("final-method", 3.5), ("final-talk", 0.0)):
            grade = gradebook.find_grade(cell, "trial", "trial", "ada")
            assert grade.needs_manual_grade
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()
    assert the_mark() == {"state": "graded", "points": 13.5, "max_points": 20.0}
    assert run("grade", "trial", "--force") == 0
    assert the_mark() == {"state": "graded", "points": 13.5, "max_points": 20.0}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('id = "talk"', 'id = "method"', "line 13: expected an id of its own, found 'method' twice; rename one"),
        ('id = "talk"', 'id = "The Talk"', "expected lower-case words and digits joined by '-', found 'The Talk'"),
        ("points = 3.5", "points = 6", "expected levels from the best down, found 6 points for 'good' after 6"),
        ("points = 3.5", "points = -1", "greater than or equal to 0, received -1"),
        ("points = 3.5", "points = nan", "finite number"),
        ("points = 3.5", 'points = "3.5"', "valid number, received '3.5'"),
        ('"good"', '"Excellent"', "expected levels with names of their own, found 'Excellent' twice; rename one"),
        ('name = "there", points = 4', 'name = "there", points = 0', "the best one, of more than 0 points, found 0"),
        ('{ name = "there", points = 4, description = "It was held." },', "", "expected at least 2 of them, found 1"),
        ('title = "The talk"', 'titel = "The talk"', "received the unknown key 'criteria #2, titel'"),
        ('description = "Ten minutes."', 'description = " "', "expected some words, found nothing"),
        ("[[criteria]]", "[[criteria", "expected TOML in"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_rubric_is_said_with_its_place(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in RUBRIC
    write_course(tmp_path, RUBRIC.replace(before, after, 1))
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        read_rubric(tmp_path / "course" / "rubrics", "final")
    assert "found 0" not in str(caught.value) or "found 0" in message  # criteria that are wrong are criteria


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ('rubric="finale"', "finale.toml, found no such file; there are: final"),
        ('rubric="final" points=3', "expected nothing beside rubric= in the header, found points"),
        ("rubric=3", 'expected rubric="a-name" in the header, found rubric=3'),
        ('rubric="final"\n# Some words.', "expected nothing below a rubric= header, found text"),
    ],
)
def test_what_is_wrong_with_asking_for_a_rubric_is_said(tmp_path: Path, header: str, message: str) -> None:
    folder = write_course(tmp_path, lab=LAB.replace('rubric="final"', header))
    with pytest.raises(AuthoringError, match=rf"trial/lab\.py:\d+: .*{re.escape(message)}"):
        read_lab(folder)


def test_a_lab_without_a_course_has_no_rubrics(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    shutil.rmtree(tmp_path / "course")
    assert rubrics_folder(folder) is None
    with pytest.raises(AuthoringError, match="course/rubrics, found no such folder"):
        read_lab(folder)


def test_a_task_is_text(tmp_path: Path) -> None:
    lab = LAB.replace('# %% [markdown] rubric="final"', '# %% task="other" points=1\nprint()')
    with pytest.raises(AuthoringError, match="expected markdown in a task cell, found code"):
        read_lab(write_course(tmp_path, lab=lab))


def test_the_rubric_of_the_course_shipped_is_worth_what_the_project_says() -> None:
    folder = Path(__file__).parents[1] / "course" / "rubrics"
    assert sum(one.points for one in read_rubric(folder, "project").criteria) == 60
