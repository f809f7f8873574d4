"""Diffusion: noise schedules and the forward process in closed form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograder.checks.values import Numbers
from autograder.errors import CheckError


def linear_schedule(num_steps: int, first: float = 1e-4, last: float = 0.02) -> Numbers:
    """Return the variance that each step adds, in equal steps from `first` to `last`; shape (num_steps,).

    Ho, Jain & Abbeel (2020), "Denoising diffusion probabilistic models", section 4, where num_steps is 1,000.

    Example: `expect_close(student.call("schedule", 100), linear_schedule(100), "the schedule")`
    """
    _expect_steps(num_steps)
    return np.linspace(first, last, num_steps)


def cosine_schedule(num_steps: int, offset: float = 0.008, most: float = 0.999) -> Numbers:
    """Return the variance that each step adds when the signal falls as a squared cosine; shape (num_steps,).

    Nichol & Dhariwal (2021), "Improved denoising diffusion probabilistic models", equation 17: the signal left after
    step t is f(t) / f(0) with f(t) = cos^2((t / T + s) / (1 + s) * pi / 2), and no step adds more than `most`.

    Example: `expect_close(student.call("schedule", 100), cosine_schedule(100), "the schedule")`

    Args:
        num_steps: T.
        offset: s, which keeps the first steps from adding next to nothing.
        most: Upper bound of a step's variance.
    """
    _expect_steps(num_steps)
    angles = (np.arange(num_steps + 1) / num_steps + offset) / (1 + offset) * math.pi / 2
    left = np.cos(angles) ** 2
    return np.asarray(np.minimum(1 - left[1:] / left[:-1], most))


def signal_left(betas: ArrayLike) -> Numbers:
    """Return the share of the variance that is still signal after each step: the running product of 1 - beta.

    Example: `expect_close(student.value("alpha_bars"), signal_left(cosine_schedule(100)), "`alpha_bars`")`

    Args:
        betas: Variance that each step adds, shape (num_steps,), each in [0, 1].

    Raises:
        CheckError: They are no such variances: a mistake in the check.
    """
    added = np.asarray(betas, dtype=np.float64)
    if added.ndim != 1 or added.size == 0 or not ((added >= 0) & (added <= 1)).all():
        raise CheckError(f"expected a list of variances from 0 to 1, received {added!r}"[:200])
    return np.cumprod(1 - added, dtype=np.float64)


def forward_noise(x: NDArray[Any], noise: NDArray[Any], steps: ArrayLike, betas: ArrayLike) -> Numbers:
    """Return examples as they are after the given steps of noise: sqrt(a) x + sqrt(1 - a) noise, a = signal_left.

    Ho, Jain & Abbeel (2020), equation 4.

    Example: `expect_close(noisy, forward_noise(images, noise, steps, linear_schedule(100)), "the noisy images")`

    Args:
        x: Examples, shape (batch, ...).
        noise: Standard normal numbers of the same shape.
        steps: The step each example has gone through last, counted from 0; shape (batch,), or one for all.
        betas: Variance that each step adds, shape (num_steps,).

    Raises:
        CheckError: Shapes or steps do not fit: a mistake in the check.
    """
    examples, left = np.asarray(x, dtype=np.float64), signal_left(betas)
    chosen = np.asarray(steps)
    if np.shape(noise) != examples.shape or chosen.shape not in ((), (len(examples),)) or chosen.dtype.kind not in "iu":
        raise CheckError(
            f"expected noise of shape {examples.shape} and a whole number for each example, "
            f"received shapes {np.shape(noise)} and {chosen.shape}"
        )
    if chosen.size and (chosen.min() < 0 or chosen.max() >= len(left)):
        raise CheckError(f"expected steps from 0 to {len(left) - 1}, received {chosen.min()} to {chosen.max()}")
    signal = left[chosen].reshape(-1, *([1] * (examples.ndim - 1)))
    return np.asarray(np.sqrt(signal) * examples + np.sqrt(1 - signal) * np.asarray(noise, dtype=np.float64))


def _expect_steps(num_steps: int) -> None:
    if num_steps < 1:
        raise CheckError(f"expected at least one step of noise, received {num_steps}")
