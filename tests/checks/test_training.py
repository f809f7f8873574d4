"""Gradients, learning by heart, histories, results that can be repeated, and the two modes of a layer."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.checks import (
    Weight,
    expect_gradients_reach_every_weight,
    expect_history,
    expect_loss_falls,
    expect_overfits,
    expect_repeatable,
    expect_respects_training,
    learning_curve,
)
from autograder.errors import Failure

from .models import GARBAGE, LinearModel

IMAGES = np.random.default_rng(1).random((12, 4, 4, 1))
LABELS = np.arange(12) % 3


class Seeds:
    """What of a student is needed to repeat a run: a generator whose seed can be fixed."""

    def __init__(self) -> None:
        self.generator = np.random.default_rng()

    def seed(self, number: int) -> None:
        self.generator = np.random.default_rng(number)


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
        lambda: expect_loss_falls(value),
        lambda: expect_repeatable(Seeds(), lambda: [value]),
        lambda: expect_respects_training(lambda x, training: value, IMAGES),
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


def test_a_learning_curve_counts_epochs() -> None:
    curve = learning_curve("Training", {"loss": [2.0, 1.0]})
    assert (curve.x_label, curve.y_label, curve.series) == ("epoch", "loss", {"loss": (2.0, 1.0)})


@pytest.mark.parametrize(
    "losses", [[2.0, 1.0], {"loss": [2.0, 3.0, 1.0]}, [3.0] * 10 + [9.0] + [2.0] * 10, [0.0, -1.0]]
)
def test_losses_that_end_below_where_they_began_fall(losses) -> None:
    assert expect_loss_falls(losses) == tuple(losses["loss"] if isinstance(losses, dict) else losses)


@pytest.mark.parametrize("losses", [[1.0, 1.0], [1.0, 0.5, 1.1], [1.0] + [5.0] * 19 + [0.9] + [5.0] * 9, [-1.0, 0.0]])
def test_losses_that_do_not_are_told(losses) -> None:
    with pytest.raises(Failure, match=r"the training loss to fall, received .* at the beginning and .* at the end"):
        expect_loss_falls(losses)


def test_losses_may_have_to_fall_to_a_share_of_where_they_began() -> None:
    expect_loss_falls([2.0, 0.9], to=0.5)
    with pytest.raises(
        Failure, match=r"to fall to 50% of where it began or less, received 2 at .* and 1\.1 at the end"
    ):
        expect_loss_falls([2.0, 1.1], to=0.5, what="its loss")


def test_a_run_whose_seed_decides_is_repeatable() -> None:
    student = Seeds()
    expect_repeatable(student, lambda: student.generator.normal(size=3))
    expect_repeatable(student, lambda: [Weight("a", True, student.generator.normal(size=3)), 1.0])
    expect_repeatable(student, lambda: {"loss": student.generator.normal(size=3).tolist(), "epochs": [1, 2]})


def test_another_length_of_a_run_is_another_result() -> None:
    student = Seeds()
    expect_repeatable(student, lambda: np.ones(student.generator.integers(1, 1000)))


def test_few_results_may_coincide_under_two_seeds() -> None:
    draws = iter([0, 0, 0, 1])
    expect_repeatable(Seeds(), lambda: next(draws))


def test_a_generator_of_its_own_is_not_repeatable() -> None:
    own = np.random.default_rng(3)
    with pytest.raises(Failure, match="expected the losses to be the same with the same seed, received another one"):
        expect_repeatable(Seeds(), lambda: own.normal(size=3), what="the losses")


def test_a_seed_fixed_within_the_run_is_seen() -> None:
    with pytest.raises(Failure, match="another one with another seed, received the same with three seeds") as failure:
        expect_repeatable(Seeds(), lambda: np.random.default_rng(42).normal(size=3))
    assert "fixed within the function" in failure.value.hint
    expect_repeatable(Seeds(), lambda: np.random.default_rng(42).normal(size=3), seeds_matter=False)


def test_a_result_without_numbers_cannot_be_repeated() -> None:
    with pytest.raises(Failure, match="to hold some numbers, received none"):
        expect_repeatable(Seeds(), list)


def noisy(x: np.ndarray, training: bool = False) -> np.ndarray:
    return x + np.random.default_rng().normal(size=x.shape) * training


WRONG_MODES = {
    "random outside training": lambda x, training: noisy(x, True),
    "the same in training": lambda x, training: x,
    "the modes swapped": lambda x, training: noisy(x, not training),
}


def test_a_layer_that_draws_in_training_alone_respects_it() -> None:
    expect_respects_training(noisy, IMAGES)


@pytest.mark.parametrize("name", WRONG_MODES)
def test_a_layer_that_does_not_respect_training_is_caught(name: str) -> None:
    with pytest.raises(Failure, match=r"expected the noise .*training=(True|False).*, received") as failure:
        expect_respects_training(WRONG_MODES[name], IMAGES, "the noise")
    assert "training" in failure.value.hint


def test_a_rare_dropout_has_three_tries_to_show() -> None:
    tries = iter([0.0, 0.0, 1.0])
    expect_respects_training(lambda x, training: x + (next(tries) if training else 0.0), IMAGES)


def test_layers_of_keras_with_two_modes_respect_them() -> None:
    keras = pytest.importorskip("keras")
    x = (IMAGES + 1).astype("float32")
    layers = keras.layers
    for layer in (layers.Dropout(0.2), layers.BatchNormalization(), layers.GaussianNoise(0.1), layers.RandomFlip()):
        expect_respects_training(lambda x, training, layer=layer: np.asarray(layer(x, training=training)), x)
    with pytest.raises(Failure, match="training=True to differ"):
        expect_respects_training(lambda x, training: np.asarray(layers.LayerNormalization()(x, training=training)), x)
