"""Measuring predictions: classes, accuracy, precision and recall, cross-entropy, the confusion matrix, errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograder.checks.shapes import expect_shape
from autograder.checks.values import Numbers, expect_finite
from autograder.errors import CheckError, Failure
from autograder.results import ConfusionMatrix

Classes = NDArray[np.int64]


def predicted_classes(outputs: Any, num_images: int, num_classes: int, what: str = "the model's output") -> Classes:
    """Expect one row of scores (probabilities or logits) for each example; return the class each row prefers.

    Example: `classes = predicted_classes(measured.outputs, len(measured), 10)`

    Raises:
        Failure: The outputs have another shape, or are not finite.
    """
    scores = expect_finite(expect_shape(outputs, (num_images, num_classes), what), what)
    classes: Classes = scores.argmax(axis=1).astype(np.int64)
    return classes


def accuracy(labels: NDArray[Any], predictions: NDArray[Any]) -> float:
    """Return the share of predicted classes that equal the labels.

    Example: `expect_share(accuracy(measured.answers, classes), "an accuracy", zero_at=0.5, full_at=0.9)`

    Raises:
        CheckError: They do not pair up: a mistake in the check.
    """
    _expect_pairs(labels, predictions)
    return float(np.mean(np.asarray(labels) == np.asarray(predictions)))


def per_class_accuracy(labels: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> Numbers:
    """Return the share of right predictions among the examples of each class; nan for a class without any.

    Example: `worst = per_class_accuracy(measured.answers, classes, 10).min()`

    Returns:
        Shape (num_classes,).

    Raises:
        CheckError: They do not pair up: a mistake in the check.
    """
    _expect_pairs(labels, predictions)
    counts = confusion_matrix(labels, predictions, num_classes)
    there = counts.sum(axis=1)
    return np.where(there > 0, np.diag(counts) / np.maximum(there, 1), np.nan)


class ClassScores(NamedTuple):
    """Scores of each class, each of shape (num_classes,); their plain means are the macro averages.

    Example: `precision_recall_f1(labels, classes, 10).f1.mean()`

    Attributes:
        precision: Share of right ones among what was predicted to be of the class.
        recall: Share of those found among what is of the class.
        f1: Harmonic mean of the two.
    """

    precision: Numbers
    recall: Numbers
    f1: Numbers


def precision_recall_f1(labels: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> ClassScores:
    """Return precision, recall and F1 of each class, 0 where there is nothing to divide by, as scikit-learn does.

    Example: `expect_close(student.call("f1", labels, classes), precision_recall_f1(labels, classes, 4).f1, "F1")`

    Raises:
        CheckError: They do not pair up: a mistake in the check.
    """
    _expect_pairs(labels, predictions)
    counts = confusion_matrix(labels, predictions, num_classes)
    right, called, there = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)
    return ClassScores(
        right / np.maximum(called, 1), right / np.maximum(there, 1), 2 * right / np.maximum(called + there, 1)
    )


def cross_entropy(labels: NDArray[Any], probabilities: NDArray[Any]) -> float:
    """Return the mean of -log of the probability given to the right class, in nats; 0 counts as 1e-7, as in Keras.

    Example: `cross_entropy(labels, expect_probabilities(model.predict(images)))`
    """
    chosen = np.asarray(probabilities)[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(chosen, 1e-7, 1.0)).mean())


def mean_absolute_error(answers: NDArray[Any], predictions: Any, what: str = "the predictions") -> float:
    """Return the mean of |answer - prediction|; a column of predictions pairs up with a list of answers.

    Example: `error = mean_absolute_error(measured.answers, measured.outputs)`

    Raises:
        Failure: The predictions are no finite numbers, or not one for each answer.
    """
    return float(np.abs(_errors(answers, predictions, what)).mean())


def root_mean_squared_error(answers: NDArray[Any], predictions: Any, what: str = "the predictions") -> float:
    """Return the root of the mean of (answer - prediction)^2; a column of predictions pairs up with a list of answers.

    Example: `error = root_mean_squared_error(measured.answers, measured.outputs)`

    Raises:
        Failure: The predictions are no finite numbers, or not one for each answer.
    """
    return float(np.sqrt((_errors(answers, predictions, what) ** 2).mean()))


def confusion_matrix(labels: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> Classes:
    """Count by true class (row) and predicted class (column); shape (num_classes, num_classes).

    Example: `student.show(confusion_figure("New digits", confusion_matrix(labels, classes, 10)))`
    """
    pairs = np.asarray(labels, dtype=np.int64) * num_classes + np.asarray(predictions, dtype=np.int64)
    counts: Classes = np.bincount(pairs.ravel(), minlength=num_classes**2).reshape(num_classes, num_classes)
    return counts


def confusion_figure(title: str, counts: NDArray[Any], labels: Sequence[str] | None = None) -> ConfusionMatrix:
    """Make a confusion matrix into a figure of the report; classes are numbered from 0 when `labels` is None.

    Example: `student.show(confusion_figure("Pets", confusion_matrix(labels, classes, 2), ["cat", "dog"]))`
    """
    names = labels if labels is not None else [str(number) for number in range(len(counts))]
    rows = tuple(tuple(int(count) for count in row) for row in counts)
    return ConfusionMatrix(title=title, labels=tuple(names), counts=rows)


def _expect_pairs(labels: NDArray[Any], predictions: NDArray[Any]) -> None:
    if np.shape(labels) != np.shape(predictions) or np.size(labels) == 0:
        raise CheckError(
            f"expected a prediction for each label, received {np.shape(predictions)} for {np.shape(labels)}"
        )


def _errors(answers: NDArray[Any], predictions: Any, what: str) -> Numbers:
    right, numbers = np.asarray(answers, dtype=np.float64), expect_finite(predictions, what)
    if right.size == 0:
        raise CheckError(f"expected answers to compare with, received shape {right.shape}")
    # (n,) and (n, 1) are the same predictions; broadcast against each other they would make n x n errors
    column = [shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape for shape in (right.shape, numbers.shape)]
    if column[0] != column[1]:
        raise Failure(f"expected {what} to have shape {right.shape}, one for each answer, received {numbers.shape}")
    return right - numbers.reshape(right.shape)
