"""Whether two answers differ by more than arithmetic does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.values import expect_finite
from autograder.errors import Failure

# Relative to a number and to the size of its neighbours. What is done to other rows, or in another order, changes the
# last bits of a float (about 1e-6 of it in float32, through a few layers); what leaks changes far more.
ARITHMETIC = 1e-4
ARITHMETIC_FLOAT16 = 1e-2


def changed(before: Any, after: Any, what: str = "the output") -> NDArray[np.bool_]:
    """Return which numbers differ by more than arithmetic does; whole numbers differ when they are not equal.

    Args:
        before: One answer of the student's code.
        after: Another one, of the same shape.
        what: What they are, for the message.

    Raises:
        Failure: They are no finite numbers, or not of the same shape.
    """
    first, second = expect_finite(before, what), expect_finite(after, what)
    if first.shape != second.shape:
        raise Failure(f"expected {what} to keep its shape {first.shape}, received {second.shape} when asked again")
    kinds = [np.asarray(value).dtype for value in (before, after)]
    if all(kind.kind in "biu" for kind in kinds):
        return np.asarray(first != second)
    sizes = np.abs(first[first != 0])
    scale = float(np.median(sizes)) if sizes.size else 0.0  # a few huge numbers (-1e9 for "never") set no scale
    arithmetic = ARITHMETIC_FLOAT16 if any(kind == np.float16 for kind in kinds) else ARITHMETIC
    return np.asarray(np.abs(first - second) > arithmetic * (np.abs(first) + scale))
