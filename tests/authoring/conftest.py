"""Labs and courses on disk for the tests of authoring."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.authoring import Lab, build, read_lab, release
from autograder.course import Course, open_course

from .samples import write_full_lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """The sample lab with checks, a public file and hidden data."""
    return read_lab(write_full_lab(tmp_path / "reference"))


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the sample lab built and released; made once, as a new gradebook takes seconds. Copy it."""
    root = tmp_path_factory.mktemp("course")
    write_full_lab(root / "reference")
    build([], root / "reference", root / "source")
    release(open_course(root), ["averages"])
    return root


@pytest.fixture
def course(tmp_path: Path, released_course: Path) -> Course:
    """A course of the test's own, with the sample lab released."""
    shutil.copytree(released_course, tmp_path / "course")
    return open_course(tmp_path / "course")
