"""Translation: content that moves in an image, and outputs that stay the same or move along.

What is asked is any callable of arrays: a layer or model of the student's, `student.function("name")`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.invariance import expect_dependent, finite_output
from autograder.checks.values import expect_close
from autograder.errors import CheckError, Failure

Array = NDArray[Any]


def expect_translation_invariant(
    f: Callable[[Any], Any],
    x: Array,
    shifts: Iterable[Sequence[int]],
    what: str = "the output",
    *,
    axes: Sequence[int] = (1, 2),
    background: float = 0.0,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Expect the same output wherever in the image the content is.

    Example: `expect_translation_invariant(model, images, shifts=[(0, 2), (2, 0), (-2, 2)])`

    Args:
        f: What is asked.
        x: Images, shape (batch, height, width, channels), with background as wide as the shifts around the content;
            two different ones, so that it can be seen whether the output depends on them.
        shifts: By how many pixels the content moves along each of the axes.
        what: What f gives, for the message.
        axes: The axes along which it moves.
        background: What fills the place it leaves.
        rtol: Relative tolerance; chosen by dtype when None.
        atol: Absolute tolerance; chosen by dtype and size when None.

    Raises:
        Failure: A shift changes the output, or different images give the same.
        CheckError: The content would leave the image: a mistake in the check.
    """
    x = np.asarray(x)
    first = finite_output(f, x, what)
    for shift in shifts:
        moved = translated(x, shift, axes, background)
        if (moved != background).sum() != (x != background).sum():
            raise CheckError(f"expected background around the content as wide as the shift {tuple(shift)}, found less")
        again = finite_output(f, moved, what)
        expect_close(again, first, f"{what} for images moved by {tuple(shift)}", rtol=rtol, atol=atol)
    if len(x) > 1 and not np.array_equal(x[0], x[1]):
        expect_dependent(first, finite_output(f, np.roll(x, 1, axis=0), what), what)


def expect_translation_equivariant(
    f: Callable[[Any], Any],
    x: Array,
    shifts: Iterable[Sequence[int]],
    margin: int,
    what: str = "the output",
    *,
    axes: Sequence[int] = (1, 2),
    strides: int = 1,
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Expect that the output moves along with the content, away from the edges.

    Example: `expect_translation_equivariant(student.function("conv2d"), images, shifts=[(1, 0), (0, -2)], margin=1)`

    Args:
        f: What is asked; gives a map with the same axes.
        x: Images, shape (batch, height, width, channels), of any content.
        shifts: By how many pixels the content moves along each of the axes; multiples of `strides`.
        margin: How many places of the output at each edge may see the edge: half a kernel, rounded up.
        what: What f gives, for the message.
        axes: The axes along which it moves.
        strides: How many pixels of the input make one place of the output.
        rtol: Relative tolerance; chosen by dtype when None.
        atol: Absolute tolerance; chosen by dtype and size when None.

    Raises:
        Failure: The output does not move along, or is the same everywhere.
        CheckError: A shift is no multiple of the strides, or leaves nothing to compare: a mistake in the check.
    """
    x = np.asarray(x)
    first = finite_output(f, x, what)
    if first.ndim <= max(axes):
        raise Failure(f"expected {what} to be a map with the axes {tuple(axes)}, received shape {first.shape}")
    for shift in shifts:
        if any(pixels % strides for pixels in shift):
            raise CheckError(f"expected shifts by multiples of {strides}, received {tuple(shift)}")
        again = finite_output(f, translated(x, shift, axes, 0.0), what)
        if again.shape != first.shape:
            raise Failure(f"expected {what} to have shape {first.shape} again, received {again.shape}")
        here: list[slice] = [slice(None)] * first.ndim
        there = list(here)
        for axis, places in zip(axes, (pixels // strides for pixels in shift), strict=True):
            begin, end = margin + max(places, 0), first.shape[axis] - margin + min(places, 0)
            if end <= begin:
                raise CheckError(f"expected something left to compare after a shift by {tuple(shift)}, found nothing")
            here[axis], there[axis] = slice(begin, end), slice(begin - places, end - places)
        expect_close(
            again[tuple(here)],
            first[tuple(there)],
            f"{what} for images moved by {tuple(shift)}, {margin} places from the edges",
            rtol=rtol,
            atol=atol,
        )
        expect_dependent(first[tuple(here)], first[tuple(there)], f"{what} at each place")


def translated(x: Array, shift: Sequence[int], axes: Sequence[int], background: float) -> Array:
    """`x` with its content moved along the axes; what leaves it is gone, what is left behind is background."""
    moved = np.full_like(x, background)
    here: list[slice] = [slice(None)] * x.ndim
    there = list(here)
    for axis, places in zip(axes, shift, strict=True):
        length = x.shape[axis]
        here[axis] = slice(max(places, 0), length + min(places, 0))
        there[axis] = slice(max(-places, 0), length + min(-places, 0))
    moved[tuple(here)] = x[tuple(there)]
    return moved
