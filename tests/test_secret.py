"""The course's secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import SECRET_FILE, course_secret, submission_seed
from autograder.errors import UsageError


def test_a_secret_is_made_once_and_for_its_owners_eyes_only(tmp_path: Path) -> None:
    first = course_secret(tmp_path)
    assert len(first) == 32
    assert course_secret(tmp_path) == first
    assert (tmp_path / SECRET_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [SECRET_FILE]


def test_two_courses_have_different_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert course_secret(tmp_path / "a") != course_secret(tmp_path / "b")


@pytest.mark.parametrize("content", ["", "abcd", "no digits", "\xff"])
def test_a_damaged_secret_is_said_and_never_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / SECRET_FILE
    path.write_text(content, encoding="latin-1")
    with pytest.raises(UsageError, match="restore the file from a backup"):
        course_secret(tmp_path)
    assert path.read_text(encoding="latin-1") == content


def test_the_seed_depends_on_everything_and_on_nothing_else() -> None:
    seeds = {
        submission_seed(secret, course, lab, content)
        for secret in (b"a" * 32, b"b" * 32)
        for course in ("c", "d")
        for lab in ("l", "m")
        for content in ("x", "y")
    }
    assert len(seeds) == 16
    assert submission_seed(b"a" * 32, "c", "l", "x") == submission_seed(b"a" * 32, "c", "l", "x")
