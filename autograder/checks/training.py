"""Training: a model that can learn at all, losses that fall, results that can be repeated, two modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from autograder.checks.accuracy import accuracy, predicted_classes
from autograder.checks.change import changed
from autograder.checks.handles import Weight
from autograder.checks.notes import note_measured
from autograder.checks.shapes import expect_model
from autograder.checks.values import expect_finite, expect_numbers, received
from autograder.errors import Failure
from autograder.results import Curve

MAX_EPOCHS = 10_000  # of a history: it is kept in the result, and drawn


def expect_overfits(
    model: Any,
    x: NDArray[Any],
    y: NDArray[Any],
    *,
    num_classes: int,
    steps: int = 80,
    learning_rate: float = 0.01,
    at_least: float = 0.95,
) -> None:
    """Expect that the model can learn a handful of examples by heart: the first test of any new network.

    It is trained on them as one batch with Adam and cross-entropy, whatever the student's own training does, and the
    better of its two modes counts: batch normalisation needs longer for its averages, dropout is in the way. A check
    that trains states its budget, `@check(..., seconds=30)`.

    Example: `expect_overfits(student.call("build_cnn"), images[:20], labels[:20], num_classes=10)`

    Args:
        model: A fresh model of the student's that gives class probabilities; it is trained here.
        x: A few examples.
        y: Their classes, whole numbers.
        num_classes: Number of classes.
        steps: Steps of training, all examples in each.
        learning_rate: Adam's learning rate.
        at_least: Share of the examples it has to get right afterwards.

    Raises:
        Failure: It cannot.
    """
    model = expect_model(model, "this")
    loss = "sparse_categorical_crossentropy"
    # One epoch over copies costs a fraction of many epochs: Keras has work to do at the end of each.
    again = np.tile(np.arange(len(x)), steps)
    model.fit(
        x[again], y[again], batch_size=len(x), optimizer="adam", learning_rate=learning_rate, loss=loss, shuffle=False
    )
    right = accuracy(y, predicted_classes(model.predict(x), len(x), num_classes))
    if right < at_least:
        right = max(right, accuracy(y, predicted_classes(model(x, training=True), len(x), num_classes)))
    note_measured("a share of examples learned by heart", right, full_at=at_least)
    if right < at_least:
        raise Failure(
            f"expected the model to learn {len(x)} examples by heart in {steps} steps "
            f"({at_least:.0%} of them right), received {right:.0%}",
            "Is a layer frozen, or too narrow? Is there an activation between the layers, and softmax only at the end?",
        )


def expect_history(value: Any, key: str = "loss", *, at_least: int = 2, what: str = "the history") -> tuple[float, ...]:
    """Expect a dict whose `key` holds one finite number per epoch; return them.

    Example: `losses = expect_history(student.value("history"), "loss", what="what `train` returned")`

    Raises:
        Failure: There is no such list, or it is too short.
    """
    if not isinstance(value, dict):
        hint = "`model.fit` returns a History object; the dict is its attribute `history`." if value is not None else ""
        raise Failure(f"expected {what} to be a dict of lists, received {received(value)}", hint)
    if key not in value:
        raise Failure(f"expected {what} to have the key {key!r}, received {received(value)}")
    series = expect_finite(value[key], f"{what}'s {key!r}")
    if series.ndim != 1 or len(series) < at_least:
        raise Failure(
            f"expected {what}'s {key!r} to list one number per epoch, at least {at_least}, "
            f"received {received(value[key])}"
        )
    if len(series) > MAX_EPOCHS:
        raise Failure(f"expected {what}'s {key!r} to list one number per epoch, received {len(series):,} numbers")
    return tuple(float(number) for number in series)


def expect_loss_falls(
    losses: Any, key: str = "loss", *, to: float = 1.0, what: str = "the training loss"
) -> tuple[float, ...]:
    """Expect a history, or a list of losses, that ends below where it began; return the losses.

    The first and the last tenth are compared, each by its mean, so that a list of every batch's loss may be noisy.

    Example: `student.show(learning_curve("Loss", {"loss": expect_loss_falls(student.value("history"), to=0.7)}))`

    Args:
        losses: A dict whose `key` lists a number for each epoch, or such a list.
        key: The key in the dict.
        to: Share of the first losses that the last ones may have at most.
        what: What fell, for the message.

    Raises:
        Failure: They are no losses, or did not fall as far.
    """
    history = losses if isinstance(losses, dict) else {key: losses}
    series = expect_history(history, key, what=what)
    ends = max(1, len(series) // 10)
    first, last = float(np.mean(series[:ends])), float(np.mean(series[-ends:]))
    if not last < first - (1 - to) * abs(first):
        wanted = "fall" if to == 1.0 else f"fall to {to:.0%} of where it began or less"
        raise Failure(
            f"expected {what} to {wanted}, received {first:.3g} at the beginning and {last:.3g} at the end",
            "A learning rate that is far too large makes the loss jump or grow; one of 0 leaves it as it is.",
        )
    return series


def expect_repeatable(
    student: Seeded, run: Callable[[], Any], *, seeds_matter: bool = True, what: str = "the result"
) -> None:
    """Expect the same result with the same seed of Python, NumPy and Keras, and another one with another seed.

    Four runs: where each of them trains, the check states its budget, `@check(..., seconds=30)`.

    Example: `expect_repeatable(student, lambda: student.call("train", student.call("build_cnn"), x, y)["loss"])`

    Args:
        student: Whose seeds are fixed before each run.
        run: Gives an array, weights, or lists or dicts of such; it builds anew whatever it trains.
        seeds_matter: Whether another seed has to give another result; three of them are tried.
        what: What is the same, for the message.

    Raises:
        Failure: Two runs with the same seed differ, or all seeds give the same.
    """

    def result_with(seed: int) -> list[Any]:
        student.seed(seed)
        return _parts(run())

    first, again = result_with(1), result_with(1)
    if not first:
        raise Failure(f"expected {what} to hold some numbers, received none")
    if _differ(first, again, what):
        raise Failure(
            f"expected {what} to be the same with the same seed, received another one",
            "Does something draw from a generator of its own without a seed, or keep a state from an earlier call?",
        )
    if seeds_matter and not any(_differ(first, result_with(seed), what) for seed in (2, 3)):
        raise Failure(
            f"expected {what} to be another one with another seed, received the same with three seeds",
            "Is the seed fixed within the function? Then whoever calls it cannot repeat it with others.",
        )


def expect_respects_training(layer: Callable[..., Any], x: NDArray[Any], what: str = "the output") -> None:
    """Expect another output in training than outside it, where it is the same each time.

    Example: `expect_respects_training(student.call("GaussianNoise", 0.5), x)`

    Args:
        layer: A layer or model, asked `layer(x, training=...)`; random ones have three tries to differ.
        x: Inputs on which training is to show: for a batch normalisation, not of mean 0 and variance 1.
        what: What it gives, for the message.

    Raises:
        Failure: It draws at random outside training, or does the same in training.
    """
    outside = layer(x, training=False)
    if changed(outside, layer(x, training=False), what).any():
        raise Failure(
            f"expected {what} to be the same each time with training=False, received another one",
            "Is `training` looked at in `call`, and passed on to the layers inside?",
        )
    if not any(changed(outside, layer(x, training=True), what).any() for _ in range(3)):
        raise Failure(
            f"expected {what} with training=True to differ from that with training=False, received the same",
            "Does `call` have an argument `training`, and pass it on to the layers inside?",
        )


def learning_curve(title: str, series: dict[str, Sequence[float]], y_label: str = "loss") -> Curve:
    """Make histories into a figure of the report; epochs count from 1.

    Example: `student.show(learning_curve("Training loss", {"loss": losses}))`
    """
    lines = {str(name)[:40]: tuple(float(value) for value in values) for name, values in series.items()}
    return Curve(title=title, x_label="epoch", y_label=y_label, series=lines)


class Seeded(Protocol):
    """Whose seeds can be fixed: a `Student`."""

    def seed(self, number: int) -> None:
        """Fix the seeds of Python, NumPy and Keras."""


def _parts(result: Any) -> list[Any]:
    """The arrays in a result, however nested."""
    if isinstance(result, dict):
        return [part for key in sorted(result, key=str) for part in _parts(result[key])]
    if isinstance(result, Weight):
        return [result.value]
    if isinstance(result, (list, tuple)) and not (result and all(isinstance(part, (int, float)) for part in result)):
        return [part for one in result for part in _parts(one)]
    return [result]


def _differ(first: Sequence[Any], second: Sequence[Any], what: str) -> bool:
    shapes, others = ([expect_numbers(part, what).shape for part in parts] for parts in (first, second))
    if shapes != others:  # training that stopped earlier is another result
        return True
    return any(changed(one, other, what).any() for one, other in zip(first, second, strict=True))
