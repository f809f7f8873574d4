"""Values a student's code returned: turning them into numbers, and comparing them with the right ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograder.errors import CheckError, Failure

Numbers = NDArray[np.float64]

# Relative and absolute tolerance by the coarsest kind of number involved; the absolute one is for values around 1.
TOLERANCES: dict[str, tuple[float, float]] = {
    "float16": (1e-2, 1e-3),
    "float32": (1e-4, 1e-5),
    "float64": (1e-6, 1e-8),
}
MAX_SHOWN = 16


def received(value: Any) -> str:
    """Say in a few words what `value` is, for the "received" part of a message; never its content at length.

    Example: `raise Failure(f"expected a dict, received {received(value)}")`
    """
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, (bool, np.bool_)) or value is None:
        return str(value)
    if isinstance(value, (int, float, complex, np.number)):
        return (
            f"the number {str(value)[:24]}" if not isinstance(value, int) or abs(value) < 1 << 64 else "a huge number"
        )
    if isinstance(value, (str, bytes)):
        text = repr(value[:40])
        return f"the string {text}" if len(value) <= 40 else f"a string that begins {text}"
    if isinstance(value, dict):
        keys = ", ".join(repr(key)[:24] for key in list(value)[:6])
        return (
            f"a dict with {len(value)} keys ({keys}{', ...' if len(value) > 6 else ''})" if value else "an empty dict"
        )
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    kind = getattr(value, "kind", None)
    return f"an object of class {str(kind if isinstance(kind, str) else type(value).__name__)[:60]}"


def expect_numbers(value: Any, what: str = "the result") -> Numbers:
    """Expect an array, a number or evenly nested lists of numbers; return them as a float64 array.

    Values that are not finite pass: see `expect_finite`.

    Example: `outputs = expect_numbers(student.call("softmax", x), "what `softmax` returns")`

    Args:
        value: Whatever came from the student's process.
        what: What it is, for the message: "the output of `conv2d`".

    Raises:
        Failure: It is no array of real numbers.
    """
    if not isinstance(value, (np.ndarray, np.number, np.bool_, int, float, list, tuple)):
        hint = "Does every path through the function end in `return`?" if value is None else ""
        raise Failure(f"expected {what} to be an array of numbers, received {received(value)}", hint)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise Failure(
            f"expected {what} to be an array of numbers, received {received(value)} that does not make a regular array",
            "Every row needs the same length, and every entry must be a number.",
        ) from None
    if array.dtype.kind not in "biuf":
        kind = {"c": "complex numbers", "U": "strings", "S": "strings"}.get(array.dtype.kind, "objects, not numbers")
        raise Failure(f"expected {what} to be an array of real numbers, received {received(value)} with {kind} in it")
    with np.errstate(all="ignore"):
        return np.asarray(array, dtype=np.float64)


def expect_finite(value: Any, what: str = "the result") -> Numbers:
    """Expect numbers none of which is nan or infinite; return them as a float64 array.

    Example: `losses = expect_finite(student.value("losses"), "`losses`")`

    Raises:
        Failure: They are no numbers, or not all finite.
    """
    numbers = expect_numbers(value, what)
    if not (finite := np.isfinite(numbers)).all():
        num_bad, num_nan = int((~finite).sum()), int(np.isnan(numbers).sum())
        kinds = "nan" if num_nan == num_bad else "infinite" if num_nan == 0 else "nan or infinite"
        raise Failure(
            f"expected finite numbers in {what}, received {num_bad} of {numbers.size} that are {kinds}",
            "nan comes from 0 / 0, log(0) or inf - inf; infinity from dividing by 0 or exp of a large number.",
        )
    return numbers


def expect_number(value: Any, what: str = "the result") -> float:
    """Expect one finite number (an array of shape () or (1,) counts) and return it.

    Example: `loss = expect_number(student.call("mse", y, y + 1.0), "mse of two arrays")`

    Raises:
        Failure: It is no number, several, or not finite.
    """
    numbers = expect_finite(value, what)
    if numbers.size != 1:
        raise Failure(f"expected {what} to be one number, received {received(value)}")
    return float(numbers.reshape(()))


def expect_whole_number(value: Any, what: str = "the result") -> int:
    """Expect one whole number of an integer type (3, not 3.0) and return it.

    Example: `expect_whole_number(student.call("output_size", 8, 3), "output_size(8, 3)")`

    Raises:
        Failure: It is something else.
    """
    number = expect_number(value, what)
    if np.asarray(value).dtype.kind not in "iu":
        raise Failure(
            f"expected {what} to be a whole number (an int), received {received(value)}",
            "`//` divides whole numbers into a whole number; `/` always gives a float.",
        )
    return int(number)


def expect_close(
    actual: Any,
    expected: ArrayLike,
    what: str = "the result",
    *,
    rtol: float | None = None,
    atol: float | None = None,
    show: bool = False,
    hint: str = "",
) -> None:
    """Expect the same shape and, within a tolerance, the same numbers.

    Whole numbers must be equal. Otherwise the tolerance fits the coarser of the two dtypes, and the absolute one
    grows with the largest expected value, for what cancels leaves an error of that size.

    Example: `expect_close(student.call("relu", x), np.maximum(x, 0), "relu of random numbers")`

    Args:
        actual: Whatever came from the student's process.
        expected: The right answer.
        what: What is compared, for the message.
        rtol: Relative tolerance; chosen by dtype when None.
        atol: Absolute tolerance; chosen by dtype and size when None.
        show: Print both when they are short. Only for examples that may be shown: never hidden data.
        hint: What to try when the numbers differ.

    Raises:
        Failure: They differ, or `actual` is nothing that can be compared.
        CheckError: `expected` itself is no array of finite numbers, or a tolerance is negative: a mistake in the check.
    """
    right = np.asarray(expected)
    if right.dtype.kind not in "biuf" or not np.isfinite(right).all():
        raise CheckError(f"the check's own answer for {what} should be finite numbers, it is {received(right)}")
    numbers = expect_numbers(actual, what)
    if numbers.shape != right.shape:
        raise Failure(f"expected {what} to have shape {right.shape}, received shape {numbers.shape}", hint)
    shown = ""
    if show and right.size <= MAX_SHOWN:
        shown = f": expected {short(right)}, received {short(numbers)}"
    if not np.isfinite(numbers).all():
        if shown:
            raise Failure(f"expected finite numbers in {what}{shown}", hint)
        expect_finite(numbers, what)
    relative, absolute = _tolerances(actual, right, rtol, atol)
    with np.errstate(over="ignore"):
        difference = np.abs(numbers - right.astype(np.float64))
        wrong = difference > absolute + relative * np.abs(right.astype(np.float64))
    if wrong.any():
        count = "" if right.size == 1 else f" ({int(wrong.sum())} of {right.size} numbers differ)"
        size = shown or f"; the largest difference is {difference.max():.3g}"
        raise Failure(f"{what} is not what it should be{count}{size}", hint)


def expect_in_range(
    value: Any, low: float | None, high: float | None, what: str = "the result", *, hint: str = ""
) -> Numbers:
    """Expect finite numbers from `low` to `high`, both included; return them as a float64 array.

    Example: `expect_in_range(generator(noise), -1.0, 1.0, "the generator's images", hint="tanh ends there.")`

    Args:
        value: Whatever came from the student's process.
        low: The least allowed; None for no limit.
        high: The largest allowed; None for no limit.
        what: What it is, for the message.
        hint: What to try.

    Raises:
        Failure: A number is outside, or they are no finite numbers, or none at all.
    """
    numbers = expect_finite(value, what)
    if numbers.size == 0:
        raise Failure(f"expected numbers in {what}, received an array of shape {numbers.shape}")
    least, largest = -math.inf if low is None else low, math.inf if high is None else high
    if numbers.min() < least or numbers.max() > largest:
        limits = " and ".join(
            [
                *([f"of at least {low:g}"] if low is not None else []),
                *([f"of at most {high:g}"] if high is not None else []),
            ]
        )
        found = f"{numbers.min():.6g}" if numbers.size == 1 else f"some from {numbers.min():.6g} to {numbers.max():.6g}"
        raise Failure(f"expected {what} to be numbers {limits}, received {found}", hint)
    return numbers


def _tolerances(actual: Any, right: NDArray[Any], rtol: float | None, atol: float | None) -> tuple[float, float]:
    if any(given is not None and not (given >= 0 and math.isfinite(given)) for given in (rtol, atol)):
        raise CheckError(f"expected tolerances of 0 or more, received rtol={rtol}, atol={atol}")
    dtypes = [array.dtype for array in (np.asarray(actual), right)]
    if all(dtype.kind in "biu" for dtype in dtypes):
        return rtol or 0.0, atol or 0.0
    floats = [dtype.name for dtype in dtypes if dtype.kind == "f"]
    coarsest = next(name for name in TOLERANCES if name in floats or name == "float64")
    relative, absolute = TOLERANCES[coarsest]
    scale = max(1.0, float(np.abs(right.astype(np.float64)).max(initial=0.0)))
    return relative if rtol is None else rtol, absolute * scale if atol is None else atol


def short(numbers: NDArray[Any]) -> str:
    """Write a few numbers in a line."""
    return np.array2string(numbers, precision=4, suppress_small=True, separator=", ", threshold=MAX_SHOWN).replace(
        "\n", ""
    )
