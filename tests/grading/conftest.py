"""A released course is made once and copied: making a gradebook runs alembic, which takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course import Course, open_course
from tests.grading.courses import make_course, sums_notebook


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("released")
    files = {"data.csv": "1,2\n", "tables/more.csv": "3,4\n"}
    make_course(root, {"sums": sums_notebook(), "extra": sums_notebook()}, files)
    return root


@pytest.fixture
def two_notebooks(released: Path, tmp_path: Path) -> Course:
    """Return a course whose assignment has the notebooks `sums` and `extra`, and two data files."""
    root = tmp_path / "two"
    shutil.copytree(released, root)
    return open_course(root)


@pytest.fixture(scope="session")
def released_sums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("released_sums")
    make_course(root, files={"data.csv": "1,2\n", "tables/more.csv": "3,4\n"})
    return root


@pytest.fixture
def course(released_sums: Path, tmp_path: Path) -> Course:
    """Return a course whose assignment has the notebook `sums` and two data files."""
    root = tmp_path / "course"
    shutil.copytree(released_sums, root)
    return open_course(root)
