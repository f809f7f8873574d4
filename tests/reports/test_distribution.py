"""Distributions, weeks and their drawings."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.boxes import draw_rows, draw_weeks, shown
from autograder.reports.distribution import Summary, histogram, summarise, weeks_due
from tests.marks.classroom import COURSE

from .class_of_thirty import settings

MARKS = st.floats(0, 130, allow_nan=False)


@given(st.lists(MARKS, min_size=1, max_size=50))
def test_the_numbers_are_those_of_numpy(marks: list[float]) -> None:
    found = summarise(marks)
    assert found is not None
    five = (found.lowest, found.lower_quarter, found.median, found.upper_quarter, found.highest)
    np.testing.assert_allclose(five, np.percentile(marks, [0, 25, 50, 75, 100]), atol=1e-9)
    np.testing.assert_allclose(found.mean, np.mean(marks), atol=1e-9)
    assert found.count == len(marks)


def test_nothing_has_no_distribution_and_one_mark_is_all_of_it() -> None:
    assert summarise([]) is None
    assert summarise([70.0]) == Summary(1, 70, 70, 70, 70, 70, 70)
    assert shown(Summary(1, 70, 70, 70, 70.25, 70, 70)) == ("1", "70", "70", "70.2", "70", "70", "70")


def test_a_mark_falls_into_the_tens_it_has_reached() -> None:
    rows = dict(histogram([0, 9.99, 10, 69.999, 70, 99.9, 100, 120], "Marks", "m").table.rows)
    assert {name: number for name, number in rows.items() if number != "0"} == {
        "0 to 9": "2",
        "10 to 19": "1",
        "60 to 69": "1",
        "70 to 79": "1",
        "90 to 99": "1",
        "100 or more": "2",
    }


def test_weeks_are_counted_from_the_monday_of_the_first_release() -> None:
    # Released on Monday, 1 February 2027; due on Sundays, and the exam on Monday, 1 March.
    assert weeks_due(settings()) == {"layers": 1, "images": 2, "words": 3, "final": 5}


def test_a_week_is_that_of_the_assignments_own_time_zone() -> None:
    east = COURSE.replace("due = 2027-02-07T12:00:00Z", "due = 2027-02-08T00:30:00+02:00")
    assert weeks_due(settings(east))["layers"] == 2
    assert weeks_due(settings("")) == {}


@pytest.mark.parametrize("marks", [[50.0], [0.0, 0.0], [10.0, 60.0, 130.0]])
def test_boxes_have_their_numbers_in_words_and_as_a_table_and_stay_on_the_drawing(marks: list[float]) -> None:
    summary = summarise(marks)
    assert summary is not None
    for drawing in (
        draw_rows([("Lab <1>", summary)] * 20, "Scores", "Assignment", "rows"),
        draw_weeks([(1, summary), (20, summary)], "Scores", "weeks"),
    ):
        assert "<title id=" in drawing.svg
        assert "%." in drawing.svg
        assert "Lab <1>" not in drawing.svg
        assert drawing.table.rows[0][1:] == shown(summary)
        assert not re.search("nan|inf", drawing.svg)
        width, height = map(float, re.findall(r'viewBox="0 0 (\d+) (\d+)"', drawing.svg)[0])
        assert all(0 <= float(x) <= width for x in re.findall(r' x[12]?="([\d.-]+)"', drawing.svg))
        assert all(0 <= float(y) <= height for y in re.findall(r' y[12]?="([\d.-]+)"', drawing.svg))


def test_a_box_is_drawn_where_its_numbers_are() -> None:
    drawing = draw_rows([("a", Summary(5, 50, 0, 25, 50, 75, 100))], "t", "c", "i")
    # The axis runs from 150 to 504: a quarter of it is 88.5.
    assert '<line class="whisker" x1="150.0" y1="25.0" x2="504.0" y2="25.0"/>' in drawing.svg
    assert '<rect class="box" x="238.5" y="17.0" width="177.0" height="16.0" rx="2"/>' in drawing.svg
    assert '<line class="median" x1="327.0" y1="16.0" x2="327.0" y2="34.0"/>' in drawing.svg
