"""A filled gradebook is made once and copied: making one runs alembic, which takes seconds."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import pytest
from sqlalchemy.exc import SAWarning

from autograder.course import Course, open_course
from tests.marks import classroom


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("marks") / "networks"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own add_submission, with SQLAlchemy 2
        classroom.fill(classroom.make_course(root))
    return root


@pytest.fixture
def course(filled: Path, tmp_path: Path) -> Course:
    """Return a course whose class of three has handed in late, missing, excused and unmarked work."""
    root = tmp_path / "networks"
    shutil.copytree(filled, root)
    return open_course(root)
