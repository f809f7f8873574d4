"""What the terminal says of a class."""

from __future__ import annotations

from autograder.display import first_note
from tests.reports import samples


def test_the_note_says_what_waits_beside_what_is_wrong() -> None:
    result = samples.failing()
    assert first_note(result).endswith("2 points wait for a person")
    assert len(first_note(result).split("; ")) == 2
    assert first_note(samples.full()) == ""
