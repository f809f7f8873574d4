"""Measuring predictions: classes, accuracy, cross-entropy, the confusion matrix, and marks from a measurement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.notes import note_measured
from autograder.checks.shapes import expect_shape
from autograder.checks.values import expect_finite
from autograder.errors import CheckError, Failure
from autograder.results import ConfusionMatrix

Classes = NDArray[np.int64]


def predicted_classes(outputs: Any, num_images: int, num_classes: int, what: str = "the model's output") -> Classes:
    """Expect one row of scores (probabilities or logits) for each example; return the class each row prefers.

    Raises:
        Failure: The outputs have another shape, or are not finite.
    """
    scores = expect_finite(expect_shape(outputs, (num_images, num_classes), what), what)
    classes: Classes = scores.argmax(axis=1).astype(np.int64)
    return classes


def accuracy(labels: NDArray[Any], predictions: NDArray[Any]) -> float:
    """Return the share of predicted classes that equal the labels.

    Raises:
        CheckError: They do not pair up: a mistake in the check.
    """
    if np.shape(labels) != np.shape(predictions) or np.size(labels) == 0:
        raise CheckError(
            f"expected a prediction for each label, received {np.shape(predictions)} for {np.shape(labels)}"
        )
    return float(np.mean(np.asarray(labels) == np.asarray(predictions)))


def cross_entropy(labels: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """Return the mean of -log of the probability given to the right class, in nats; 0 counts as 1e-7, as in Keras."""
    chosen = np.asarray(probabilities)[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(chosen, 1e-7, 1.0)).mean())


def confusion_matrix(labels: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> Classes:
    """Count by true class (row) and predicted class (column); shape (num_classes, num_classes)."""
    pairs = np.asarray(labels, dtype=np.int64) * num_classes + np.asarray(predictions, dtype=np.int64)
    counts: Classes = np.bincount(pairs.ravel(), minlength=num_classes**2).reshape(num_classes, num_classes)
    return counts


def confusion_figure(title: str, counts: NDArray[Any], labels: Sequence[str] | None = None) -> ConfusionMatrix:
    """Make a confusion matrix into a figure of the report; classes are numbered from 0 when `labels` is None."""
    names = labels if labels is not None else [str(number) for number in range(len(counts))]
    rows = tuple(tuple(int(count) for count in row) for row in counts)
    return ConfusionMatrix(title=title, labels=tuple(names), counts=rows)


def mark_curve(value: float, *, zero_at: float, full_at: float, what: str = "a measurement") -> float:
    """Turn a measurement into a fraction of the marks: 0 at `zero_at`, 1 at `full_at`, straight between.

    For a loss, where less is better, `zero_at` is the larger one. A value that is no number earns 0.

    Args:
        value: The measurement.
        zero_at: Up to where nothing is earned.
        full_at: From where everything is earned.
        what: What was measured, for `autograder calibrate`.

    Raises:
        CheckError: The two ends are equal or not finite.
    """
    if zero_at == full_at or not (math.isfinite(zero_at) and math.isfinite(full_at)):
        raise CheckError(f"expected a mark curve with two ends, received zero_at={zero_at}, full_at={full_at}")
    note_measured(what, value, zero_at=zero_at, full_at=full_at)
    if math.isnan(value):
        return 0.0
    return float(min(max((value - zero_at) / (full_at - zero_at), 0.0), 1.0))


def expect_share(value: float, what: str, *, zero_at: float, full_at: float, hint: str = "") -> None:
    """Expect a measured share (an accuracy, say) of at least `full_at`; part of the marks from `zero_at` on.

    Raises:
        Failure: It is lower; carries the fraction earned by `mark_curve` all the same.
    """
    fraction = mark_curve(value, zero_at=zero_at, full_at=full_at, what=what)
    if fraction < 1.0:
        raise Failure(
            # rounded down: 89.9 % is not the 90 % that were asked for
            f"expected {what} of at least {full_at:.0%}, received {_whole_percent(value)} "
            f"(nothing is earned up to {zero_at:.0%})",
            hint,
            fraction=fraction,
        )


def _whole_percent(value: float) -> str:
    return f"{math.floor(100 * value + 1e-9)}%" if math.isfinite(value) else "no number"
