"""Numbers and times as people write them."""

from __future__ import annotations

import pytest

from autograder.reports import wording


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (-0.001, "0"), (2.0, "2"), (2.5, "2.5"), (2 / 3, "0.67"), (-1.5, "\u22121.5")]
)
def test_points_have_no_decimals_that_say_nothing(value: float, text: str) -> None:
    assert wording.number(value) == text


@pytest.mark.parametrize(("value", "text"), [(1.0, "1 point"), (0.0, "0 points"), (1.5, "1.5 points")])
def test_one_point_is_singular(value: float, text: str) -> None:
    assert wording.points(value) == text


@pytest.mark.parametrize(("share", "text"), [(0.0, "0 %"), (0.625, "63 %"), (0.999, "99 %"), (1.0, "100 %")])
def test_only_everything_is_a_hundred_per_cent(share: float, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.44, "0.4 seconds"),
        (1.0, "1 second"),
        (59.6, "1 minute"),
        (65.0, "1 minute 5 seconds"),
        (7_530.0, "2 hours 5 minutes"),
        (3_605.0, "1 hour"),
        (90_000.0, "1 day 1 hour"),
    ],
)
def test_a_time_is_told_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


def test_a_moment_reads_as_a_date() -> None:
    assert wording.moment("2026-03-02T14:05:11+00:00") == "2 March 2026, 14:05 UTC"
    assert wording.moment("2026-03-02T14:05:11") == "2 March 2026, 14:05"
    assert wording.moment("<yesterday>") == "<yesterday>"


def test_a_name_without_a_title_is_read_as_a_phrase() -> None:
    assert wording.title_of("cnn-shape", {}) == "Cnn shape"
    assert wording.title_of("cnn-shape", {"cnn-shape": "The network"}) == "The network"
