"""The formgrader's Autograde button, pressed over HTTP in a real Jupyter server on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from autograder.course import Course, open_course
from tests.grading.conftest import released_sums  # noqa: F401 - a fixture, shared
from tests.grading.courses import ASSIGNMENT, answer, submit
from tests.jupyter_servers import OTHERS, running
from tests.test_nbgrader_plugin import CHECKS

CONFIG = """
from autograder.nbgrader_plugin import configure
c = get_config()
c.CourseDirectory.course_id = "arithmetic"
configure(c)
"""
PATIENCE_SECONDS = 60
TOKEN = "of-the-test"


@pytest.fixture
def course(released_sums: Path, tmp_path: Path) -> Course:  # noqa: F811
    root = tmp_path / "course"
    shutil.copytree(released_sums, root)
    (root / "reference" / ASSIGNMENT).mkdir(parents=True)
    (root / "reference" / ASSIGNMENT / "checks.py").write_text(CHECKS)
    (root / "course.toml").write_text("[sandbox]\npreload = []\n")
    (root / "nbgrader_config.py").write_text(CONFIG)
    return open_course(root)


@pytest.fixture
def server(course: Course, tmp_path: Path) -> Iterator[str]:
    """A Jupyter server with the formgrader in the course's folder: its address."""
    extensions = {**dict.fromkeys(OTHERS, False), "nbgrader.server_extensions.formgrader": True}
    settings = {"IdentityProvider": {"token": TOKEN}}
    with running(course.root, tmp_path / "server", settings, extensions=extensions, home=tmp_path) as (url, _):
        yield url


def press(server: str, path: str) -> Any:
    headers = {"Authorization": f"token {TOKEN}"}
    reply = requests.post(f"{server}formgrader/api/{path}", headers=headers, timeout=PATIENCE_SECONDS)
    reply.raise_for_status()
    return reply.json()


def test_the_button_runs_our_grader(course: Course, server: str) -> None:
    # nbgrader's own rules would give full marks: the visible test holds, and the hidden one has been talked over
    submit(course, "ann", answer("def double(number):\n    return 4 if number == 2 else -6"))
    submit(course, "bob", answer())
    for student, score in (("ann", 0.0), ("bob", 4.0)):
        outcome = press(server, f"submission/{ASSIGNMENT}/{student}/autograde")
        assert outcome["success"], outcome
        with course.gradebook() as gradebook:
            assert gradebook.find_grade("double-tests", "sums", ASSIGNMENT, student).auto_score == score
            comment = gradebook.find_comment("double", "sums", ASSIGNMENT, student).auto_comment
        assert (score == 4.0) == (comment is None or "Not yet" not in comment)
