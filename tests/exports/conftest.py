"""The class of three of the tests of marks, with addresses on its roster."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course import Course, open_course
from tests.marks.conftest import filled  # noqa: F401 - a fixture, shared
from tests.test_cli import run  # noqa: F401 - a fixture, shared

ROSTER = (
    "id,name,email,lms_id\n"
    "ada,Ada Lovelace,ada@example.org,101\n"
    "bela,Béla Bartók,bela@example.org,102\n"
    "chen,Chen Jingrun,chen@example.org,103\n"
)
SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def course(filled: Path, tmp_path: Path) -> Course:  # noqa: F811
    root = tmp_path / "networks"
    shutil.copytree(filled, root)
    (root / "course" / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return open_course(root)
