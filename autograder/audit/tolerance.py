"""Bounds that right solutions keep: how low a measurement may be expected to fall, from the runs there are.

A bound with 95 % confidence below which fewer than 1 in 1,000 runs fall is, without any assumption, the lowest of 2,995
runs: n with 1 - (1 - 1/1000)^n >= 0.95 (S. S. Wilks, "Determination of sample sizes for setting tolerance limits",
1941). With fewer runs, the values are taken for bell-shaped, and the bound is mean - k * deviation with Natrella's k
(NIST/SEMATECH e-Handbook of Statistical Methods, 7.2.6.3, one-sided). Shares are first spread out by
arcsin(sqrt(share)), which makes their deviation the same everywhere (F. J. Anscombe, "The transformation of Poisson,
binomial and negative-binomial data", 1948): near 1, their lower tail is the longer one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, stdev

CHANCE = 1e-3
CONFIDENCE = 0.95
FEWEST = 5
"""Runs below which nothing is proposed: k would rest on next to nothing."""


def runs_needed(chance: float = CHANCE, confidence: float = CONFIDENCE) -> int:
    """How many runs the lowest of which is a bound without any assumption."""
    return math.ceil(math.log(1.0 - confidence) / math.log1p(-chance))


def normal_factor(num_runs: int, chance: float = CHANCE, confidence: float = CONFIDENCE) -> float:
    """Natrella's k: of normal values, fewer than `chance` lie below mean - k * deviation, with that confidence."""
    tail, sure = NormalDist().inv_cdf(1.0 - chance), NormalDist().inv_cdf(confidence)
    a = 1.0 - sure**2 / (2 * (num_runs - 1))
    b = tail**2 - sure**2 / num_runs
    return (tail + math.sqrt(tail**2 - a * b)) / a


def lower_bound(values: Sequence[float], chance: float = CHANCE, confidence: float = CONFIDENCE) -> float | None:
    """What fewer than `chance` of all runs fall below, with that confidence; None of fewer than five runs.

    Args:
        values: One value for each run; taken for shares when all are in [0, 1].
        chance: The chance.
        confidence: The confidence.
    """
    if len(values) >= runs_needed(chance, confidence):
        return min(values)
    if len(values) < FEWEST:
        return None
    factor = normal_factor(len(values), chance, confidence)
    if all(0.0 <= value <= 1.0 for value in values):
        angles = [math.asin(math.sqrt(value)) for value in values]
        return math.sin(max(fmean(angles) - factor * stdev(angles), 0.0)) ** 2
    return fmean(values) - factor * stdev(values)


def most_often(lost: int, num_runs: int, confidence: float = CONFIDENCE) -> float:
    """The largest chance at which so few of the runs would still lose with probability 1 - confidence.

    The upper end of C. J. Clopper and E. S. Pearson's interval (1934), found by halving.
    """
    if lost >= num_runs:
        return 1.0
    low, high = lost / num_runs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        at_most = math.fsum(
            math.comb(num_runs, k) * middle**k * (1 - middle) ** (num_runs - k) for k in range(lost + 1)
        )
        low, high = (middle, high) if at_most > 1.0 - confidence else (low, middle)
    return high
