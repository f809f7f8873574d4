"""When an assignment is over for everybody, and how late one student's work is: extensions and the grace included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.course import is_over, last_due, late_by, open_course

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


def test_work_is_late_from_the_students_own_due_date_on(root: Path) -> None:
    released = COURSE.replace("due =", "released = 2027-02-22T08:00:00Z\ndue =")
    (root / "course.toml").write_text(released)
    (root / "exceptions.toml").write_text(EXTENSION)
    course = open_course(root)
    moment = datetime(2027, 3, 1, 17, tzinfo=UTC)
    assert late_by(course, "quiz_1", "ada", moment) == timedelta(hours=1)
    assert late_by(course, "quiz_1", "bela", moment) == timedelta(days=3, hours=1)
    assert late_by(course, "quiz_1", "bela", datetime(2027, 2, 26, 16, 15, tzinfo=UTC)) == timedelta(0)
    assert late_by(course, "quiz_1", "bela", None) == timedelta(0)
    assert late_by(course, "other", "bela", moment) is None


def test_what_is_only_announced_is_late_for_nobody(root: Path) -> None:
    assert late_by(open_course(root), "quiz_1", "ada", datetime(2028, 1, 1, tzinfo=UTC)) == timedelta(0)
