"""Measuring predictions, and marks from measurements."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograder.checks import (
    accuracy,
    confusion_figure,
    confusion_matrix,
    cross_entropy,
    expect_share,
    mark_curve,
    predicted_classes,
)
from autograder.errors import CheckError, Failure

from .models import GARBAGE


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_predicts_no_classes(name: str) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        predicted_classes(GARBAGE[name], 2, 3)


def test_the_class_with_the_highest_score_is_predicted() -> None:
    assert predicted_classes([[0.1, 0.9], [3.0, -4.0]], 2, 2).tolist() == [1, 0]


def test_scores_of_nan_predict_nothing() -> None:
    with pytest.raises(Failure, match="expected finite numbers"):
        predicted_classes([[np.nan, 0.9]], 1, 2)


def test_accuracy_is_the_share_of_equal_pairs() -> None:
    assert accuracy(np.array([0, 1, 2, 3]), np.array([0, 1, 2, 0])) == 0.75
    with pytest.raises(CheckError, match="a prediction for each label"):
        accuracy(np.array([0, 1]), np.array([0]))


def test_the_confusion_matrix_has_true_classes_in_rows() -> None:
    counts = confusion_matrix(np.array([0, 0, 1, 0]), np.array([1, 1, 1, 0]), 3)
    assert counts.tolist() == [[1, 2, 0], [0, 1, 0], [0, 0, 0]]
    figure = confusion_figure("Digits", counts)
    assert figure.labels == ("0", "1", "2")
    assert figure.counts == ((1, 2, 0), (0, 1, 0), (0, 0, 0))


def test_cross_entropy_of_even_odds_is_log_two() -> None:
    assert cross_entropy(np.array([0, 1]), np.full((2, 2), 0.5)) == pytest.approx(math.log(2))
    assert cross_entropy(np.array([0]), np.array([[0.0, 1.0]])) == pytest.approx(-math.log(1e-7))


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
