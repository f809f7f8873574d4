"""Marks from measurements, and what chance does to these."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    Failure,
    expect_error_at_most,
    expect_share,
    mark_curve,
    mean_interval,
    share_interval,
)
from autograder.checks.run import _coarse_words
from autograder.errors import CheckError


@pytest.mark.parametrize(
    ("value", "fraction"), [(0.4, 0.0), (0.5, 0.0), (0.75, 0.5), (1.0, 1.0), (2.0, 1.0), (math.nan, 0.0)]
)
def test_a_mark_curve_is_straight_between_its_ends(value: float, fraction: float) -> None:
    assert mark_curve(value, zero_at=0.5, full_at=1.0) == fraction


def test_a_mark_curve_may_fall() -> None:
    assert mark_curve(0.25, zero_at=1.0, full_at=0.0) == 0.75


@pytest.mark.parametrize("full_at", [0.5, math.inf])
def test_a_mark_curve_needs_two_ends(full_at: float) -> None:
    with pytest.raises(CheckError, match="two ends"):
        mark_curve(0.7, zero_at=0.5, full_at=full_at)


def test_a_share_between_the_ends_fails_and_earns_its_part() -> None:
    expect_share(0.95, "an accuracy", zero_at=0.5, full_at=0.9)
    with pytest.raises(Failure) as failure:
        expect_share(0.7, "an accuracy", zero_at=0.5, full_at=0.9)
    assert failure.value.message == "expected an accuracy of at least 90%, received 70% (nothing is earned up to 50%)"
    assert failure.value.fraction == pytest.approx(0.5)


def test_the_interval_of_a_share_is_told_with_its_rows() -> None:
    with pytest.raises(Failure) as failure:
        expect_share(0.7, "an accuracy", zero_at=0.5, full_at=0.9, num_rows=400)
    assert failure.value.message == (
        "expected an accuracy of at least 90%, received 70%, give or take 5 points (95% interval of 400 rows) "
        "(nothing is earned up to 50%)"
    )
    for value in (math.nan, -0.2):
        with pytest.raises(Failure, match=r"received (no number|-20%) \("):
            expect_share(value, "an accuracy", zero_at=0.5, full_at=0.9, num_rows=400)


@given(st.integers(14, 17), st.integers(0, 49), st.sampled_from([100, 1000, 2000]))
def test_an_interval_of_hidden_rows_tells_no_more_than_the_share_in_steps_of_five(
    step: int, thousandths: int, num_rows: int
) -> None:
    told = set()
    for share in (step / 20, step / 20 + thousandths / 1000):
        with pytest.raises(Failure) as failure:
            expect_share(share, "an accuracy", zero_at=0.5, full_at=0.95, num_rows=num_rows)
        told.add(_coarse_words(failure.value.message))
    assert len(told) == 1


@given(st.integers(0, 400))
def test_what_is_told_of_a_share_holds_its_interval(num_right: int) -> None:
    with pytest.raises(Failure) as failure:
        expect_share(num_right / 400, "an accuracy", zero_at=0.5, full_at=1.01, num_rows=400)
    points = int(failure.value.message.split("give or take ")[1].split()[0])
    low, high = share_interval(num_right / 400, 400)
    assert num_right / 400 - points / 100 <= low + 1e-9
    assert high <= num_right / 400 + points / 100 + 1e-9


@given(st.integers(1, 500), st.floats(0, 1))
def test_the_interval_of_a_share_is_the_one_of_scipy(num_rows: int, part: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    num_right = round(part * num_rows)
    theirs = stats.binomtest(num_right, num_rows).proportion_ci(method="wilson")
    assert share_interval(num_right / num_rows, num_rows) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


@pytest.mark.parametrize("num_values", [5, 6, 10, 30, 1000])
def test_the_interval_of_a_mean_is_the_one_of_scipy(num_values: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(0).normal(3.0, 2.0, size=num_values)
    theirs = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((theirs.low, theirs.high), rel=2e-4)


def test_an_interval_of_too_little_is_a_mistake_of_the_check() -> None:
    for values in (np.ones(4), np.array([1.0, np.nan, 1, 1, 1])):
        with pytest.raises(CheckError, match="at least 5 finite values"):
            mean_interval(values)
    for share, num_rows in ((1.1, 5), (0.5, 0), (math.nan, 5)):
        with pytest.raises(CheckError, match="expected a share"):
            share_interval(share, num_rows)


NAIVE = {"the last value": 0.8, "the mean": 1.2}


def test_an_error_between_the_ends_earns_its_part() -> None:
    expect_error_at_most(0.5, "a mean error", zero_at=0.8, full_at=0.5, baselines=NAIVE)
    with pytest.raises(Failure) as failure:
        expect_error_at_most(0.65, "a mean error", zero_at=0.8, full_at=0.5, baselines=NAIVE, hint="Train longer.")
    assert (
        failure.value.message == "expected a mean error of at most 0.5 (nothing is earned from 0.8 on), received 0.65"
    )
    assert failure.value.fraction == pytest.approx(0.5)
    assert failure.value.hint == "Train longer."


def test_baselines_that_do_as_well_are_named() -> None:
    with pytest.raises(Failure, match=r"received 0\.8, no better than the last value \(0\.8\)$") as failure:
        expect_error_at_most(0.8, "a mean error", zero_at=0.8, full_at=0.5, baselines=NAIVE)
    assert failure.value.fraction == 0.0
    with pytest.raises(Failure, match=r"no better than the last value \(0\.8\) and the mean \(1\.2\)"):
        expect_error_at_most(1.3, "a mean error", zero_at=0.8, full_at=0.5, baselines=NAIVE)


def test_an_error_that_is_no_number_earns_nothing_and_one_just_too_large_does_not_look_right() -> None:
    with pytest.raises(Failure, match="received no number, no better than the last value"):
        expect_error_at_most(math.nan, "a mean error", zero_at=0.8, full_at=0.5, baselines=NAIVE)
    with pytest.raises(Failure, match=r"received a little more than 0\.5$"):
        expect_error_at_most(0.50001, "a mean error", zero_at=0.8, full_at=0.5)


def test_an_error_that_may_grow_is_a_mistake_of_the_check() -> None:
    with pytest.raises(CheckError, match="zero_at above full_at"):
        expect_error_at_most(0.5, "a mean error", zero_at=0.5, full_at=0.8)
