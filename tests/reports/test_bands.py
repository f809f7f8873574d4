"""A place in the class as a quarter."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.bands import FEWEST_STUDENTS, bands

MARKS = st.decimals(0, 100, places=1, allow_nan=False, allow_infinity=False)


def test_eight_students_are_two_in_each_quarter() -> None:
    found = bands({f"s{mark}": f"{mark}.0" for mark in range(10, 90, 10)})
    assert [found[f"s{mark}"].quarter for mark in range(10, 90, 10)] == [3, 3, 2, 2, 1, 1, 0, 0]
    assert found["s80"].words == "upper quarter"
    assert {one.students for one in found.values()} == {8}


def test_among_fewer_than_eight_nobody_has_a_place() -> None:
    marks = {f"s{number}": f"{number}.0" for number in range(FEWEST_STUDENTS - 1)}
    assert bands(marks) == {}
    assert bands({**marks, "without": None}) == {}


def test_equal_marks_are_in_the_same_quarter_and_all_in_the_upper_where_all_are_equal() -> None:
    assert {one.quarter for one in bands({f"s{number}": "70.0" for number in range(9)}).values()} == {0}


def test_marks_are_compared_as_numbers() -> None:
    found = bands({**{f"s{number}": "9.5" for number in range(7)}, "best": "100.0"})
    assert found["best"].quarter == 0


@given(st.lists(MARKS, min_size=FEWEST_STUDENTS, max_size=60))
def test_a_higher_mark_is_never_in_a_lower_quarter(marks: list[Decimal]) -> None:
    found = bands({str(place): f"{mark:f}" for place, mark in enumerate(marks)})
    ordered = sorted(range(len(marks)), key=lambda place: marks[place])
    quarters = [found[str(place)].quarter for place in ordered]
    assert quarters == sorted(quarters, reverse=True)
    assert set(quarters) <= {0, 1, 2, 3}
    assert quarters[-1] == 0
