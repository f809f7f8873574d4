"""`autograder new lab`: where it may write, and what it writes."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from autograder.authoring import build, new_lab, read_lab
from autograder.course import Course, open_course
from autograder.errors import UsageError


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    return open_course(tmp_path)


def test_a_new_lab_is_whole_and_called_by_its_name(course: Course) -> None:
    folder = new_lab(course, "grad_cam")
    assert folder == course.root / "reference" / "grad_cam"
    assert sorted(path.name for path in folder.iterdir()) == [
        *("checks.py", "data", "equivalent.toml", "files", "lab.py", "make_data.py", "variants.py"),
    ]
    assert read_lab(folder).title == "Grad cam"
    assert read_lab(folder).max_points == 14
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        ast.parse(text)
        assert "LAB_" not in text
    with np.load(folder / "files" / "points.npz") as given, np.load(folder / "data" / "hidden.npz") as hidden:
        theirs = {point.tobytes() for point in given["train_points"]}
        assert not any(point.tobytes() in theirs for point in hidden["points"])


def test_a_new_lab_builds_and_nothing_is_left_beside_it(course: Course) -> None:
    new_lab(course, "grad_cam")
    assert [path.name for path in (course.root / "reference").iterdir()] == ["grad_cam"]
    source = course.source_folder("grad_cam").parent
    build(["grad_cam"], course.root / "reference", source)
    (again,) = build(["grad_cam"], course.root / "reference", source, check=True)
    assert again.changes == ()


@pytest.mark.parametrize(
    "name", ["", "Grad", "grad-cam", "grad cam", "_grad", "grad__cam", "2d", "class", "../x", "a" * 41]
)
def test_a_name_that_is_no_good_is_refused_in_a_sentence(course: Course, name: str) -> None:
    with pytest.raises(UsageError, match=r"^expected the name of a lab: small letters, .*, received "):
        new_lab(course, name)
    assert not (course.root / "reference").exists()


@pytest.mark.parametrize("taken", ["reference/grad_cam", "source/grad_cam"])
def test_what_is_there_is_left_alone(course: Course, taken: str) -> None:
    (course.root / taken).mkdir(parents=True)
    with pytest.raises(UsageError, match=r"expected a new name, found .*grad_cam there already; choose another name"):
        new_lab(course, "grad_cam")
    assert list((course.root / taken).iterdir()) == []
