"""Training: a model that can learn at all, histories that make sense, weights that moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.accuracy import accuracy, predicted_classes
from autograder.checks.gradients import listed
from autograder.checks.notes import note_measured
from autograder.checks.shapes import expect_model
from autograder.checks.values import expect_finite, received
from autograder.errors import Failure
from autograder.results import Curve

if TYPE_CHECKING:
    from autograder.checks.handles import Weight

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
    better of its two modes counts: batch normalisation needs longer for its averages, dropout is in the way.

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


def expect_weights_moved(before: Sequence[Weight], after: Sequence[Weight], what: str = "training") -> None:
    """Expect that every trainable weight has another value than before.

    Raises:
        Failure: Names those that stayed, or says that the weights do not pair up.
    """
    if [np.shape(weight.value) for weight in before] != [np.shape(weight.value) for weight in after]:
        raise Failure(f"expected {what} to change the model's weights in place, received a model of another shape")
    pairs = list(zip(before, after, strict=True))
    stayed = [new.path for old, new in pairs if old.trainable and np.array_equal(old.value, new.value)]
    if stayed:
        raise Failure(
            f"expected {what} to change every trainable weight, received {len(stayed)} unchanged: {listed(stayed)}",
            "Is the learning rate 0, a layer frozen, or a copy of the model trained in its place?",
        )


def learning_curve(title: str, series: dict[str, Sequence[float]], y_label: str = "loss") -> Curve:
    """Make histories into a figure of the report; epochs count from 1."""
    lines = {str(name)[:40]: tuple(float(value) for value in values) for name, values in series.items()}
    return Curve(title=title, x_label="epoch", y_label=y_label, series=lines)
