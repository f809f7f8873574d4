"""Which labs an audit takes: all that have variants of their solution, and no quizzes, which are proved when built."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.audit.command import _names
from autograder.course import open_course
from autograder.errors import UsageError

COURSE = open_course(Path(__file__).parents[2])


def test_every_lab_is_audited_and_no_quiz() -> None:
    names = _names(COURSE, [])
    assert "cnn_digits" in names
    assert not [name for name in names if name.startswith("quiz_")]


def test_a_quiz_is_no_name_of_a_lab() -> None:
    with pytest.raises(UsageError, match=r"expected names of labs \(cnn_digits, .*\), received 'quiz_1'"):
        _names(COURSE, ["quiz_1"])
