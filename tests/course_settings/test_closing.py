"""When an assignment is over for everybody: the latest due date, extensions and the grace included."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course import is_over, last_due, open_course

COURSE = """
[[components]]
id = "quizzes"
title = "Quizzes"
weight = 100
[[assignments]]
id = "quiz_1"
kind = "quiz"
title = "Quiz 1"
component = "quizzes"
due = 2027-02-26T16:00:00Z
[policies.late]
grace_minutes = 15
"""
EXTENSION = """
[[extensions]]
student = "ada"
assignment = "quiz_1"
due = 2027-03-01T16:00:00Z
reason = "ill"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "course.toml").write_text(COURSE)
    return tmp_path


def test_it_is_over_after_the_due_date_and_its_grace(root: Path) -> None:
    course = open_course(root)
    assert last_due(course, "quiz_1") == datetime(2027, 2, 26, 16, 15, tzinfo=UTC)
    assert not is_over(course, "quiz_1", datetime(2027, 2, 26, 16, 15, tzinfo=UTC))
    assert is_over(course, "quiz_1", datetime(2027, 2, 26, 16, 16, tzinfo=UTC))


def test_one_extension_keeps_it_open_for_all(root: Path) -> None:
    (root / "exceptions.toml").write_text(EXTENSION)
    course = open_course(root)
    assert not is_over(course, "quiz_1", datetime(2027, 2, 28, tzinfo=UTC))
    assert is_over(course, "quiz_1", datetime(2027, 3, 2, tzinfo=UTC))


def test_what_has_no_due_date_is_never_over(root: Path) -> None:
    course = open_course(root)
    assert last_due(course, "other") is None
    assert not is_over(course, "other", datetime(2100, 1, 1, tzinfo=UTC))
