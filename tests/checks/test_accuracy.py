"""Measuring predictions: by hand, and as scikit-learn does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    accuracy,
    confusion_figure,
    confusion_matrix,
    cross_entropy,
    mean_absolute_error,
    per_class_accuracy,
    precision_recall_f1,
    predicted_classes,
    root_mean_squared_error,
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


LABELS = np.array([0, 0, 0, 1, 1, 3])
CLASSES = np.array([0, 0, 1, 1, 2, 0])


def test_precision_and_recall_by_hand() -> None:
    scores = precision_recall_f1(LABELS, CLASSES, 4)
    assert scores.precision == pytest.approx([2 / 3, 1 / 2, 0, 0])
    assert scores.recall == pytest.approx([2 / 3, 1 / 2, 0, 0])
    assert precision_recall_f1(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).f1 == pytest.approx([2 / 3, 2 / 3])


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_scores_are_those_of_scikit_learn(seed: int, num_rows: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(seed)
    labels, classes = generator.integers(0, 5, num_rows), generator.integers(0, 4, num_rows)  # 4 is never predicted
    theirs = metrics.precision_recall_fscore_support(labels, classes, labels=range(6), zero_division=0)[:3]
    for ours, their in zip(precision_recall_f1(labels, classes, 6), theirs, strict=True):
        np.testing.assert_allclose(ours, their)
    shares = per_class_accuracy(labels, classes, 6)
    np.testing.assert_allclose(shares[np.isfinite(shares)], theirs[1][np.isin(range(6), labels)])


def test_the_accuracy_of_a_class_that_does_not_occur_is_no_number() -> None:
    np.testing.assert_allclose(per_class_accuracy(LABELS, CLASSES, 4), [2 / 3, 1 / 2, np.nan, 0])


@pytest.mark.parametrize("measure", [precision_recall_f1, per_class_accuracy])
def test_predictions_that_do_not_pair_up_are_a_mistake_of_the_check(measure) -> None:
    with pytest.raises(CheckError, match="a prediction for each label"):
        measure(LABELS, CLASSES[:5], 4)


def test_errors_by_hand() -> None:
    assert mean_absolute_error(np.array([1.0, 2.0]), [0.0, 5.0]) == 2.0
    assert root_mean_squared_error(np.array([1.0, 2.0]), [0.0, 5.0]) == pytest.approx(math.sqrt(5))


@pytest.mark.parametrize("measure", [mean_absolute_error, root_mean_squared_error])
def test_a_column_of_predictions_pairs_up_with_a_list_of_answers(measure) -> None:
    answers = np.array([1.0, 2.0, 4.0])
    assert measure(answers, answers[:, None] + 1) == 1.0
    assert measure(answers[:, None], answers + 1) == 1.0
    assert measure(answers[:1], np.array([[3.0]])) == 2.0


@pytest.mark.parametrize("measure", [mean_absolute_error, root_mean_squared_error])
@pytest.mark.parametrize("shape", [(4,), (2,), (1, 3), (3, 2), ()])
def test_predictions_that_do_not_pair_up_with_answers_are_a_failure(measure, shape: tuple[int, ...]) -> None:
    with pytest.raises(Failure, match=r"expected the forecasts to have shape \(3,\), one for each answer, received"):
        measure(np.ones(3), np.ones(shape), "the forecasts")


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_has_no_error(name: str) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        mean_absolute_error(np.ones(2), GARBAGE[name])


def test_no_answers_are_a_mistake_of_the_check() -> None:
    with pytest.raises(CheckError, match="answers to compare with"):
        mean_absolute_error(np.ones(0), np.ones(0))
