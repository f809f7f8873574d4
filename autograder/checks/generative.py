"""Generated samples: how far they are from real data, and whether they are of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.notes import note_measured
from autograder.checks.values import Numbers, expect_finite, received
from autograder.errors import CheckError, Failure

MIN_PER_MODE = 20  # samples for each mode: a right generator then misses none but by a chance of 1 in 20,000


def energy_distance(samples: Any, real: NDArray[Any]) -> float:
    """Return the energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'| of two sets of rows; 0 only for alike ones.

    The V-statistic of Székely & Rizzo (2013), "Energy statistics: a class of statistics based on distances". Of n and m
    rows from one distribution it is about (1/n + 1/m) E|X - X'|, not 0: compare equally many rows throughout.

    Example: `energy_distance(student.call("generate", 500), digits.inputs[:500])`

    Args:
        samples: What the student's model generated, shape (num_samples, ...).
        real: Real data, shape (num_rows, ...); rows of the same shape.

    Raises:
        Failure: The samples are no finite numbers, or of another shape.
    """
    a, b = _flattened(samples, real)
    middle = b.mean(axis=0)  # distances do not change, and squares of numbers around 0 lose no digits
    a, b = a - middle, b - middle
    return max(2 * _mean_distance(a, b) - _mean_distance(a, a) - _mean_distance(b, b), 0.0)


def frechet_distance(samples: Any, real: NDArray[Any]) -> float:
    """Return the squared Fréchet distance of two normal distributions with the means and covariances of the rows.

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)): Dowson & Landau (1982), "The Fréchet distance between multivariate
    normal distributions"; the FID of Heusel et al. (2017) is the same on features of a network. With fewer rows than
    a row has numbers it is dominated by noise: hand it features or pooled images then.

    Example: `frechet_distance(student.call("generate", 500), digits.inputs[:500])`

    Args:
        samples: What the student's model generated, shape (num_samples, ...).
        real: Real data, shape (num_rows, ...); rows of the same shape.

    Raises:
        Failure: The samples are no finite numbers, of another shape, or fewer than two.
    """
    a, b = _flattened(samples, real, at_least=2)
    difference = a.mean(axis=0) - b.mean(axis=0)
    first, second = _covariance(a), _covariance(b)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    common = np.sqrt(np.linalg.eigvalsh(root @ second @ root).clip(0)).sum()
    return max(float(difference @ difference + np.trace(first) + np.trace(second) - 2 * common), 0.0)


@dataclass(frozen=True)
class Classifier:
    """A classifier of the grader's own, from `fit_classifier`: what it says of samples no student's code has a part in.

    Example: `mode_coverage(classifier.classify(samples), 10)`

    Attributes:
        middle: Mean of each input number in the data it was fitted to, shape (num_inputs,).
        scale: What inputs are divided by after that.
        kernel: Weights, shape (num_inputs + 1, num_classes); the last row is the bias.
    """

    middle: Numbers
    scale: float
    kernel: Numbers

    def probabilities(self, samples: Any) -> Numbers:
        """Probability of each class for each row, shape (num_rows, num_classes)."""
        rows = _rows(expect_finite(samples, "the samples"), "the samples")
        if rows.shape[1] != len(self.middle):
            raise Failure(
                f"expected samples of {len(self.middle)} numbers each, received {received(np.asarray(samples))}"
            )
        return _softmax(_with_bias((rows - self.middle) / self.scale) @ self.kernel)

    def classify(self, samples: Any) -> NDArray[np.int64]:
        """The likeliest class of each row, shape (num_rows,)."""
        classes: NDArray[np.int64] = self.probabilities(samples).argmax(axis=1).astype(np.int64)
        return classes


def fit_classifier(x: NDArray[Any], y: NDArray[Any], *, num_steps: int = 200, penalty: float = 1e-3) -> Classifier:
    """Fit multinomial logistic regression to real data; the same data always gives the same classifier.

    Each step goes to the minimum of a quadratic that lies above the loss (Böhning 1992, "Multinomial logistic
    regression algorithm"), so the loss falls at every step without any step size to choose.

    Example: `classifier = fit_classifier(digits.inputs, digits.answers)`

    Args:
        x: Real data, shape (num_rows, ...).
        y: Classes 0, 1, 2, ..., shape (num_rows,).
        num_steps: Steps, all rows in each.
        penalty: Weight of the sum of squared weights, for a mean loss.

    Raises:
        CheckError: They do not pair up: a mistake in the check.
    """
    rows, classes = np.asarray(x, dtype=np.float64).reshape(len(x), -1), np.asarray(y)
    if classes.shape != (len(rows),) or len(rows) == 0 or classes.dtype.kind not in "iu" or classes.min() < 0:
        raise CheckError(f"expected a class from 0 on for each of {len(rows)} rows, received {received(classes)}")
    middle, scale = rows.mean(axis=0), float(rows.std()) or 1.0
    inputs = _with_bias((rows - middle) / scale)
    wanted = np.eye(int(classes.max()) + 1)[classes]
    curvature = 0.5 * inputs.T @ inputs / len(inputs) + penalty * np.eye(inputs.shape[1])
    inverse = np.linalg.inv(curvature)  # the same at every step
    kernel = np.zeros((inputs.shape[1], wanted.shape[1]))
    for _ in range(num_steps):
        slope = inputs.T @ (_softmax(inputs @ kernel) - wanted) / len(inputs) + penalty * kernel
        kernel = kernel - inverse @ slope
    return Classifier(middle, scale, kernel)


def mode_coverage(classes: NDArray[Any], num_modes: int, *, least: float = 0.2) -> float:
    """Return the share of modes that have at least `least` of an even share of the samples.

    A generator that knows half of the modes is still called otherwise now and then, by mistake of the classifier:
    single samples do not cover a mode.

    Example: `mode_coverage(classifier.classify(samples), 10)`

    Args:
        classes: Mode of each sample, by a classifier the grader keeps; shape (num_samples,).
        num_modes: Number of modes there are.
        least: What a mode needs, as a part of num_samples / num_modes.

    Raises:
        CheckError: Other numbers, or fewer than 20 samples for each mode: then right generators miss some by chance.
    """
    return len(_covered(classes, num_modes, least)) / num_modes


def expect_modes_covered(
    classes: NDArray[Any], num_modes: int, at_least: int, what: str = "the samples", *, least: float = 0.2
) -> None:
    """Expect samples of at least so many modes, each with at least `least` of an even share of them.

    Example: `expect_modes_covered(classifier.classify(samples), 10, at_least=8, what="the generated digits")`

    Raises:
        Failure: There are fewer: the generator has collapsed.
        CheckError: As for `mode_coverage`.
    """
    covered = _covered(classes, num_modes, least)
    note_measured(f"how many kinds {what} are of", len(covered), full_at=at_least)
    if len(covered) < at_least:
        raise Failure(
            f"expected {what} to be of at least {at_least} of {num_modes} kinds, received {len(covered)} kinds that "
            f"make up at least {least / num_modes:.2g} of them each",
            "A generator collapses onto a few kinds when its discriminator is far better or worse than it is, or when "
            "its noise is too small or not used.",
        )


def _covered(classes: NDArray[Any], num_modes: int, least: float) -> NDArray[np.int64]:
    numbers = np.asarray(classes)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or len(numbers) < MIN_PER_MODE * num_modes:
        raise CheckError(
            f"expected a class for each of at least {MIN_PER_MODE * num_modes} samples, {MIN_PER_MODE} for each of "
            f"{num_modes} modes, received {received(numbers)}"
        )
    if numbers.min() < 0 or numbers.max() >= num_modes:
        raise CheckError(f"expected classes from 0 to {num_modes - 1}, received {numbers.min()} to {numbers.max()}")
    counts = np.bincount(numbers, minlength=num_modes)
    return np.flatnonzero(counts >= least * len(numbers) / num_modes)


def _flattened(samples: Any, real: NDArray[Any], at_least: int = 1) -> tuple[Numbers, Numbers]:
    found, wanted = expect_finite(samples, "the samples"), np.asarray(real, dtype=np.float64)
    if found.ndim == 0 or found.shape[1:] != wanted.shape[1:] or len(found) < at_least:
        lengths = ", ".join(["any", *map(str, wanted.shape[1:])])
        raise Failure(
            f"expected samples of shape ({lengths}), at least {at_least} of them, received shape {found.shape}"
        )
    return _rows(found, "the samples"), _rows(wanted, "the real data")


def _rows(array: Numbers, what: str) -> Numbers:
    if array.ndim == 0 or array.size == 0:
        raise Failure(f"expected {what} to be rows of numbers, received {received(array)}")
    return array.reshape(len(array), -1)


def _mean_distance(a: Numbers, b: Numbers) -> float:
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    return float(np.sqrt(squares.clip(0)).mean())


def _covariance(rows: Numbers) -> Numbers:
    centred = rows - rows.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(rows) - 1))


def _with_bias(inputs: Numbers) -> Numbers:
    return np.concatenate([inputs, np.ones((len(inputs), 1))], axis=1)


def _softmax(scores: Numbers) -> Numbers:
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))
