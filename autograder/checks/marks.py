"""Marks from measurements: mark curves, what chance does to a measurement, and the expectations made of both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.hidden import PERCENT_STEP
from autograder.checks.notes import note_measured
from autograder.errors import CheckError, Failure

NORMAL = 1.959964  # the normal distribution's 97.5 % quantile: two sides make 95 %
MIN_VALUES = 5


def mark_curve(value: float, *, zero_at: float, full_at: float, what: str = "a measurement") -> float:
    """Turn a measurement into a fraction of the marks: 0 at `zero_at`, 1 at `full_at`, straight between.

    For a loss, where less is better, `zero_at` is the larger one. A value that is no number earns 0.

    Example: `return mark_curve(steps, zero_at=20, full_at=195, what="steps until the pole falls")`

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


def share_interval(share: float, num_rows: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share that was measured on so many rows.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference".

    Example: `low, high = share_interval(accuracy(labels, classes), len(labels))`

    Raises:
        CheckError: The share is none, or there are no rows.
    """
    if not 0 <= share <= 1 or num_rows < 1:
        raise CheckError(f"expected a share from 0 to 1 of one row or more, received {share} of {num_rows}")
    z = NORMAL**2 / num_rows
    middle = (share + z / 2) / (1 + z)
    half = NORMAL / (1 + z) * math.sqrt(share * (1 - share) / num_rows + z / (4 * num_rows))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def mean_interval(values: NDArray[Any]) -> tuple[float, float]:
    """Return the 95 % confidence interval of the mean of independent values, by Student's t distribution.

    Its quantile is that of Abramowitz & Stegun (1964), "Handbook of mathematical functions", 26.7.5.

    Example: `low, high = mean_interval(played.returns)`

    Raises:
        CheckError: There are fewer than five values, or not all finite.
    """
    numbers = np.asarray(values, dtype=np.float64).ravel()
    if len(numbers) < MIN_VALUES or not np.isfinite(numbers).all():
        raise CheckError(f"expected at least {MIN_VALUES} finite values, received {len(numbers)}")
    degrees, x = len(numbers) - 1, NORMAL
    quantile = (
        x
        + (x**3 + x) / (4 * degrees)
        + (5 * x**5 + 16 * x**3 + 3 * x) / (96 * degrees**2)
        + (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / (384 * degrees**3)
        + (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / (92160 * degrees**4)
    )
    mean, half = float(numbers.mean()), float(quantile * numbers.std(ddof=1) / math.sqrt(len(numbers)))
    return mean - half, mean + half


def expect_share(
    value: float, what: str, *, zero_at: float, full_at: float, num_rows: int | None = None, hint: str = ""
) -> None:
    """Expect a measured share (an accuracy, say) of at least `full_at`; part of the marks from `zero_at` on.

    Example: `expect_share(accuracy(labels, classes), "an accuracy", zero_at=0.7, full_at=0.9, num_rows=len(labels))`

    Args:
        value: The share.
        what: What it is a share of, for the message.
        zero_at: What earns nothing.
        full_at: What earns everything.
        num_rows: How many rows it was measured on; then the message says how far chance moves it (95 %).
        hint: What to try.

    Raises:
        Failure: It is lower; carries the fraction earned by `mark_curve` all the same.
    """
    fraction = mark_curve(value, zero_at=zero_at, full_at=full_at, what=what)
    if fraction < 1.0:
        chance = "" if num_rows is None or not 0 <= value <= 1 else _give_or_take(value, num_rows)
        raise Failure(
            # rounded down: 89.9 % is not the 90 % that were asked for
            f"expected {what} of at least {full_at:.0%}, received {_whole_percent(value)}{chance} "
            f"(nothing is earned up to {zero_at:.0%})",
            hint,
            fraction=fraction,
        )


def expect_error_at_most(
    value: float,
    what: str,
    *,
    zero_at: float,
    full_at: float,
    baselines: Mapping[str, float] | None = None,
    hint: str = "",
) -> None:
    """Expect a measured error (MAE, RMSE, a loss, a distance) of at most `full_at`; part of the marks below `zero_at`.

    Example: `expect_error_at_most(error, "a mean error", zero_at=0.8, full_at=0.5, baselines={"the last value": 0.8})`

    Args:
        value: The error.
        what: What it is, for the message.
        zero_at: What earns nothing; the larger of the two.
        full_at: What earns everything.
        baselines: Errors of simple methods by name, for the message.
        hint: What to try.

    Raises:
        Failure: It is larger; carries the fraction earned by `mark_curve` all the same.
        CheckError: `zero_at` is not the larger one.
    """
    if not zero_at > full_at:
        raise CheckError(f"expected zero_at above full_at for an error, received {zero_at} and {full_at}")
    fraction = mark_curve(value, zero_at=zero_at, full_at=full_at, what=what)
    if fraction < 1.0:
        worse = [f"{name} ({error:.3g})" for name, error in (baselines or {}).items() if not value < error]
        compared = f", no better than {' and '.join(worse)}" if worse else ""
        raise Failure(
            # what the marks are stands before what was received: of that, hidden data let few digits through
            f"expected {what} of at most {full_at:.3g} (nothing is earned from {zero_at:.3g} on), received "
            f"{_rounded_up(value, full_at)}{compared}",
            hint,
            fraction=fraction,
        )


def _give_or_take(share: float, num_rows: int) -> str:
    """How far chance moves a share, told from the step it lies in alone: it says nothing more of hidden rows."""
    step = PERCENT_STEP / 100
    below = math.floor(share / step + 1e-9) * step
    points = 0
    for end in (below, min(below + step, 1.0)):
        low, high = share_interval(end, num_rows)
        points = max(points, math.ceil(100 * max(end - low, high - end) - 1e-9))
    return f", give or take {points} points (95% interval of {num_rows:,} rows)"


def _whole_percent(value: float) -> str:
    return f"{math.floor(100 * value + 1e-9)}%" if math.isfinite(value) else "no number"


def _rounded_up(value: float, full_at: float) -> str:
    """A value above `full_at` in three digits that do not make it look like `full_at`."""
    if not math.isfinite(value):
        return "no number"
    return f"{value:.3g}" if float(f"{value:.3g}") > full_at else f"a little more than {value:.3g}"
