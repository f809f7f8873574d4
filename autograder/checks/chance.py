"""Tests of chance: was it drawn from the distribution it should come from?

Each states how often it fails a right solution: at most once in a million times, exactly or conservatively, for any
number of draws. A check that makes several such tests fails as much more often.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograder.checks.values import Numbers, expect_finite, received
from autograder.errors import CheckError, Failure

FALSE_ALARM = 1e-6


def expect_frequencies(
    draws: Any,
    probabilities: ArrayLike,
    what: str = "what was drawn",
    *,
    names: Sequence[str] | None = None,
    level: float = FALSE_ALARM,
    hint: str = "",
) -> None:
    """Expect that independent draws of 0, 1, 2, ... occur as often as their probabilities say.

    Two tests share the level. Each number's count has its exact binomial tails (Bonferroni-corrected), which sees a
    number that is missing or too frequent; and n times the relative entropy of the shares to the probabilities, half
    the likelihood-ratio statistic of the chi-squared test, has the bound of Agrawal (2020), "Finite-sample
    concentration of the multinomial in relative entropy", which holds for any n and sees small shifts all over.
    A number of probability 0 fails when it is drawn once.

    Example: `expect_frequencies(student.call("sample", logits, 2000), softmax(logits), "the sampled token")`

    Args:
        draws: What the student's code drew, in any shape; a few thousand see differences of a few per cent.
        probabilities: Probability of each number, shape (num_kinds,).
        what: What was drawn, for the message.
        names: What 0, 1, 2, ... stand for, for the message; themselves when None.
        level: Probability of failing a right solution, at most.
        hint: What to try.

    Raises:
        Failure: Draws are no whole numbers in range, or occur more or less often than chance explains.
        CheckError: The probabilities are none: a mistake in the check.
    """
    expected = _checked(probabilities)
    numbers = expect_finite(draws, what)
    if numbers.size == 0 or (numbers != np.floor(numbers)).any():
        raise Failure(f"expected {what} to be whole numbers, received {received(draws)}", hint)
    if numbers.min() < 0 or numbers.max() >= len(expected):
        outside = numbers.min() if numbers.min() < 0 else numbers.max()
        raise Failure(f"expected {what} to be from 0 to {len(expected) - 1}, received {outside:.6g}", hint)
    counts = np.bincount(numbers.astype(np.int64).ravel(), minlength=len(expected))
    kind = straying(counts, expected, level)
    if kind is not None:
        named = kind if names is None else names[kind]
        raise Failure(stray_words(counts, expected, kind, f"{what} to be {named}", level), hint)


def straying(counts: NDArray[Any], probabilities: Numbers, level: float = FALSE_ALARM) -> int | None:
    """Which kind strays farthest from its probability, when the counts of all are not to be explained by chance.

    Args:
        counts: How often each kind was drawn, shape (num_kinds,).
        probabilities: Probability of each kind, shape (num_kinds,), summing to 1.
        level: Probability of naming one although the draws are right, at most.

    Returns:
        The kind, or None when chance explains the counts.
    """
    num_draws = int(counts.sum())
    tails = np.array([binomial_tail(int(c), num_draws, float(p)) for c, p in zip(counts, probabilities, strict=True)])
    # half the level for all kinds, each in two directions; the other half for the relative entropy
    improbable = tails.min() <= level / (4 * len(counts))
    return int(tails.argmin()) if improbable or _entropy_bound(counts, probabilities) <= level / 2 else None


def stray_words(counts: NDArray[Any], probabilities: Numbers, kind: int, what: str, level: float = FALSE_ALARM) -> str:
    """Say how far the share of one kind is from its probability; `what` reads on from "expected"."""
    num_draws, share = int(counts.sum()), counts[kind] / counts.sum()
    if probabilities[kind] in (0.0, 1.0):
        often = "always" if probabilities[kind] else "never"
        return f"expected {what} {often}, received it in {int(counts[kind]):,} of {num_draws:,} draws"
    return (
        f"expected {what} in {probabilities[kind]:.3g} of all draws, received it in {share:.3g} of {num_draws:,} "
        f"(draws of a right solution are as far off less than once in {1 / level:,.0f} times)"
    )


def binomial_tail(count: int, num_draws: int, probability: float) -> float:
    """Return the smaller of P(X <= count) and P(X >= count) for X of the binomial distribution, exactly.

    Args:
        count: Successes that were counted.
        num_draws: Independent draws that were made.
        probability: Probability of a success in each.
    """
    if probability in (0.0, 1.0):
        return 1.0 if count == probability * num_draws else 0.0
    logarithms = np.log(np.arange(1, num_draws + 1))
    factorials = np.concatenate([[0.0], np.cumsum(logarithms)])
    k = np.arange(num_draws + 1)
    chances = factorials[-1] - factorials - factorials[::-1] + k * math.log(probability)
    masses = np.exp(chances + (num_draws - k) * math.log1p(-probability))
    return float(min(masses[: count + 1].sum(), masses[count:].sum(), 1.0))


def _entropy_bound(counts: NDArray[Any], probabilities: Numbers) -> float:
    """Agrawal (2020), theorem 1.2: P(n KL >= x) <= exp(-x) (e x / (k - 1))^(k - 1) for x > k - 1, of k kinds."""
    num_draws, drawn = counts.sum(), counts > 0
    if (probabilities[drawn] == 0).any():
        return 0.0
    degrees = int((probabilities > 0).sum()) - 1
    statistic = float((counts[drawn] * np.log(counts[drawn] / (num_draws * probabilities[drawn]))).sum())
    if statistic <= degrees or degrees == 0:
        return 1.0
    return math.exp(-statistic + degrees * (1 + math.log(statistic / degrees)))


def _checked(probabilities: ArrayLike) -> Numbers:
    expected = np.asarray(probabilities, dtype=np.float64)
    if expected.ndim != 1 or not np.isfinite(expected).all() or (expected < 0).any() or abs(expected.sum() - 1) > 1e-4:
        raise CheckError(
            f"expected a list of probabilities that sum to 1, received {received(expected)} summing to {expected.sum()}"
        )
    return np.asarray(expected / expected.sum())
