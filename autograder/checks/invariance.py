"""Invariance and equivariance: what must not change, or change along, when a batch or a set is rearranged.

What is asked is any callable of arrays: a layer or model of the student's, `student.function("name")`. Each expectation
also looks whether the outputs depend on the inputs at all: what always gives the same is invariant to everything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.values import expect_close, expect_finite
from autograder.errors import CheckError, Failure

Array = NDArray[Any]

MOST_ROWS_ALONE = 4


def expect_batch_independent(
    f: Callable[[Any], Any],
    x: Any,
    what: str = "the output",
    *,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Expect that an example's output does not depend on its neighbours in the batch.

    Some rows are asked about alone, and all of them beside other neighbours in another order.

    Example: `expect_batch_independent(model, images)`

    Args:
        f: Gives a row of outputs for each row of inputs.
        x: A batch of at least two different examples; of several inputs, a list of arrays.
        what: What f gives, for the message.
        rtol: Relative tolerance; chosen by dtype when None.
        atol: Absolute tolerance; chosen by dtype and size when None.

    Raises:
        Failure: It does, or all examples have the same output.
        CheckError: There are no two different examples: a mistake in the check.
    """
    num_rows = len(x[0] if isinstance(x, (list, tuple)) else x)
    if num_rows < 2 or all(np.array_equal(one, other) for one, other in _pairs(_rows(x, [0]), _rows(x, [1]))):
        raise CheckError(f"expected a batch that begins with two different examples, received {num_rows} rows")
    hint = (
        "Is there a mean, a softmax or a normalisation over axis 0? Is batch normalisation in its training mode "
        "when `training=False`?"
    )
    whole = _outputs(f, x, what, num_rows)
    for row in range(min(num_rows, MOST_ROWS_ALONE)):
        alone = _outputs(f, _rows(x, [row]), f"{what} for an example alone", 1, len(whole))
        for one, other in _pairs(alone, whole):
            expect_close(one[0], other[row], f"{what} for an example alone", rtol=rtol, atol=atol, hint=hint)
    order = np.arange(num_rows)[::-1][: num_rows - 1]
    for one, other in _pairs(_outputs(f, _rows(x, order), what, len(order), len(whole)), whole):
        expect_close(one, other[order], f"{what} beside other examples", rtol=rtol, atol=atol, hint=hint)
    if all(part.dtype.kind == "f" and np.array_equal(part, np.roll(part, 1, axis=0)) for part in whole):
        raise Failure(f"expected {what} to depend on the example, received the same for different ones")


def expect_permutation_invariant(
    f: Callable[[Any], Any],
    x: Array,
    axis: int = 1,
    what: str = "the output",
    *,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Expect the same output whatever the order along an axis of the input.

    Example: `expect_permutation_invariant(student.function("pool_set"), points, axis=1)`

    Args:
        f: What is asked.
        x: Inputs; at least two different entries along the axis, and two examples (axis 0) so that it can be seen
            whether the output depends on them.
        axis: The axis whose entries change places.
        what: What f gives, for the message.
        rtol: Relative tolerance; chosen by dtype when None.
        atol: Absolute tolerance; chosen by dtype and size when None.

    Raises:
        Failure: Another order gives another output, or different examples give the same.
        CheckError: Another order makes no difference to the input: a mistake in the check.
    """
    x = np.asarray(x)
    first = finite_output(f, x, what)
    for order in _orders(x, axis):
        again = finite_output(f, np.take(x, order, axis), what)
        expect_close(again, first, f"{what} for another order along axis {axis}", rtol=rtol, atol=atol)
    if axis % x.ndim != 0 and len(x) > 1 and not np.array_equal(x[0], x[1]):
        expect_dependent(first, finite_output(f, np.roll(x, 1, axis=0), what), what)


def expect_permutation_equivariant(
    f: Callable[[Any], Any],
    x: Array,
    axis: int = 1,
    what: str = "the output",
    *,
    output_axis: int | None = None,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Expect that entries which change places along an axis take their outputs with them, and nothing else changes.

    Example: `expect_permutation_equivariant(self_attention, sequences, axis=1)`

    Args:
        f: What is asked; gives an output for each entry along the axis.
        x: Inputs, at least two different entries along the axis.
        axis: The axis whose entries change places.
        what: What f gives, for the message.
        output_axis: The axis of the output that belongs to them; the same one when None.
        rtol: Relative tolerance; chosen by dtype when None.
        atol: Absolute tolerance; chosen by dtype and size when None.

    Raises:
        Failure: Another order gives other outputs than those in that order, or every place has the same output.
        CheckError: Another order makes no difference to the input: a mistake in the check.
    """
    x, along = np.asarray(x), axis if output_axis is None else output_axis
    first = finite_output(f, x, what)
    if not -first.ndim <= along < first.ndim or first.shape[along] != x.shape[axis]:
        raise Failure(
            f"expected {what} to have {x.shape[axis]} entries along axis {along}, received shape {first.shape}"
        )
    for order in _orders(x, axis):
        moved = np.take(first, order, along)
        expect_dependent(first, moved, f"{what} at each place")
        again = finite_output(f, np.take(x, order, axis), what)
        expect_close(again, moved, f"{what} for another order along axis {axis}", rtol=rtol, atol=atol)


def expect_dependent(one: Array, other: Array, what: str) -> None:
    """Expect outputs for different inputs to differ; whole numbers, as classes are, may be equal by chance."""
    if one.dtype.kind == "f" and np.array_equal(one, other):
        raise Failure(f"expected {what} to depend on the input, received the same for different inputs")


def _orders(x: Array, axis: int) -> list[NDArray[np.intp]]:
    """Three other orders of the entries along an axis."""
    length = x.shape[axis]
    orders = [np.arange(length)[::-1], np.roll(np.arange(length), 1), np.random.default_rng(0).permutation(length)]
    orders = [order for order in orders if not np.array_equal(np.take(x, order, axis), x)]
    if not orders:
        raise CheckError(f"expected different entries along axis {axis}, received an input that no order changes")
    return orders


def finite_output(f: Callable[[Any], Any], x: Array, what: str) -> Any:
    """What f gives, with the dtype it came in, so that the tolerance fits."""
    output = f(x)
    expect_finite(output, what)
    return np.asarray(output)


def _outputs(f: Callable[[Any], Any], x: Any, what: str, num_rows: int, num_parts: int | None = None) -> list[Any]:
    output = f(x)
    several = isinstance(output, (list, tuple)) and bool(output) and all(isinstance(o, np.ndarray) for o in output)
    parts = list(output) if several else [output]
    if num_parts not in (None, len(parts)):
        raise Failure(f"expected {what} to have {num_parts} parts again, received {len(parts)}")
    for part in parts:
        if np.shape(expect_finite(part, what))[:1] != (num_rows,):
            raise Failure(
                f"expected {what} to have a row for each of {num_rows} examples, received shape {np.shape(part)}"
            )
    return [np.asarray(part) for part in parts]


def _rows(x: Any, rows: Any) -> Any:
    return type(x)(part[rows] for part in x) if isinstance(x, (list, tuple)) else x[rows]


def _pairs(one: Any, other: Any) -> list[tuple[Any, Any]]:
    several = isinstance(one, (list, tuple))
    return list(zip(one, other, strict=True)) if several else [(one, other)]
