"""Gradients, learning by heart, histories, weights that moved."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.checks import (
    expect_gradients_reach_every_weight,
    expect_history,
    expect_overfits,
    expect_weights_moved,
    learning_curve,
)
from autograder.checks.handles import Weight
from autograder.errors import Failure

from .models import GARBAGE, LinearModel

IMAGES = np.random.default_rng(1).random((12, 4, 4, 1))
LABELS = np.arange(12) % 3


def test_a_model_whose_every_weight_has_a_gradient_passes() -> None:
    expect_gradients_reach_every_weight(LinearModel(), IMAGES, LABELS)


def test_a_frozen_weight_is_named() -> None:
    with pytest.raises(Failure, match="received 1 frozen: dense/kernel"):
        expect_gradients_reach_every_weight(LinearModel(trainable=False), IMAGES, LABELS)


def test_a_weight_without_a_gradient_is_named() -> None:
    model = LinearModel()
    model.cut_off = True
    with pytest.raises(Failure, match="for 1 of 2: dense/kernel"):
        expect_gradients_reach_every_weight(model, IMAGES, LABELS)


def test_a_gradient_of_zeros_counts_as_none() -> None:
    with pytest.raises(Failure, match="dense/kernel"):
        expect_gradients_reach_every_weight(LinearModel(), np.zeros_like(IMAGES), LABELS)


def test_a_gradient_of_nan_fails() -> None:
    with pytest.raises(Failure, match="expected finite numbers in the gradient of dense/kernel"):
        expect_gradients_reach_every_weight(LinearModel(), IMAGES * np.nan, LABELS)


def test_a_model_without_weights_cannot_learn() -> None:
    model = LinearModel()
    model.weights = list  # type: ignore[method-assign,assignment]
    with pytest.raises(Failure, match="without any trainable weight"):
        expect_gradients_reach_every_weight(model, IMAGES, LABELS)


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    value = GARBAGE[name]
    for expect in (
        lambda: expect_gradients_reach_every_weight(value, IMAGES, LABELS),
        lambda: expect_overfits(value, IMAGES, LABELS, num_classes=3),
        lambda: expect_overfits(LinearModel(output=lambda _: value), IMAGES, LABELS, num_classes=3),
        lambda: expect_history(value),
        lambda: expect_history({"loss": value}),
    ):
        with pytest.raises(Failure, match=r"^expected .*, received "):
            expect()


def test_a_model_that_can_learn_learns_by_heart() -> None:
    expect_overfits(LinearModel(), IMAGES, LABELS, num_classes=3, steps=400)


def test_a_model_that_cannot_is_told_how_far_it_came() -> None:
    with pytest.raises(Failure, match=r"12 examples by heart in 5 steps \(95% of them right\), received \d+%"):
        expect_overfits(LinearModel(trainable=False), IMAGES, LABELS, num_classes=3, steps=5)


def test_the_better_of_two_modes_counts() -> None:
    class OnlyWhileTraining(LinearModel):
        def __call__(self, x: np.ndarray, training: bool = False) -> np.ndarray:
            assert training
            return np.eye(3)[LABELS]

    model = OnlyWhileTraining(output=lambda probabilities: np.zeros_like(probabilities))
    expect_overfits(model, IMAGES, LABELS, num_classes=3)


def test_a_history_is_one_finite_number_per_epoch() -> None:
    assert expect_history({"loss": [2.0, 1.0], "accuracy": [0.1, 0.2]}) == (2.0, 1.0)
    with pytest.raises(Failure, match="expected finite numbers"):
        expect_history({"loss": [2.0, np.nan]})
    with pytest.raises(Failure, match="at least 2, received a list of 1"):
        expect_history({"loss": [2.0]})
    with pytest.raises(Failure, match="one number per epoch, received 1,000,000 numbers"):
        expect_history({"loss": np.linspace(1, 0, 1_000_000)})


def test_a_missing_key_is_named() -> None:
    with pytest.raises(Failure, match=r"key 'val_loss', received a dict with 1 keys \('loss'\)"):
        expect_history({"loss": [2.0, 1.0]}, "val_loss")


def test_weights_that_stayed_are_named() -> None:
    before = [Weight("a/kernel", True, np.zeros(2)), Weight("b/kernel", True, np.zeros(2))]
    after = [Weight("a/kernel", True, np.ones(2)), Weight("b/kernel", True, np.zeros(2))]
    with pytest.raises(Failure, match="received 1 unchanged: b/kernel"):
        expect_weights_moved(before, after)


def test_what_is_not_trainable_may_stay() -> None:
    weights = [Weight("norm/moving_mean", False, np.zeros(2))]
    expect_weights_moved(weights, weights)


def test_another_model_is_not_the_same_model_trained() -> None:
    with pytest.raises(Failure, match="a model of another shape"):
        expect_weights_moved([Weight("a", True, np.zeros(2))], [Weight("a", True, np.zeros(3))])


def test_a_learning_curve_counts_epochs() -> None:
    curve = learning_curve("Training", {"loss": [2.0, 1.0]})
    assert (curve.x_label, curve.y_label, curve.series) == ("epoch", "loss", {"loss": (2.0, 1.0)})
