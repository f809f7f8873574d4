"""Padding: steps that only fill a batch must not count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograder.checks.change import changed
from autograder.checks.values import expect_numbers
from autograder.errors import CheckError, Failure

Array = NDArray[Any]


def expect_padding_ignored(
    f: Callable[..., Any],
    x: Array,
    *,
    lengths: Sequence[int] | None = None,
    mask: ArrayLike | None = None,
    replacement: Array | None = None,
    padding: float = 0,
    what: str = "the output",
) -> None:
    """Expect the same output for a sequence with padding as for the sequence alone, at all steps that are not padding.

    Without `replacement`, f sees by itself what is padding: it is asked `f(x)`, with `padding` in the places of it.
    With one, f is told: it is asked `f(x, lengths)` or `f(x, mask)`, whichever is given here, with the replacement in
    the places of padding. Sequences with padding are asked about together, then one by one without it.

    Example: `expect_padding_ignored(model, tokens, lengths=[3, 7, 5])`, or of a function that is given a mask,
    `expect_padding_ignored(student.function("masked_mean"), x, mask=mask, replacement=x + 100)`

    Args:
        f: Gives one output for each sequence or for each step, for sequences of any length.
        x: Inputs, whole numbers (batch, time) or numbers (batch, time, features).
        lengths: Steps of each sequence that are no padding, which stands behind them.
        mask: True at the steps that are no padding, shape (batch, time); padding may stand anywhere.
        replacement: What stands in the places of padding when f is told of it, same shape as x.
        padding: What stands there when f sees it by itself.
        what: What f gives, for the message.

    Raises:
        Failure: An output is another one with padding.
        CheckError: Nothing is padded, or a whole sequence is, or arguments do not fit: a mistake in the check.
    """
    x = np.asarray(x)
    kept = _kept(x, lengths, mask)
    filler = np.full_like(x, padding) if replacement is None else np.asarray(replacement, dtype=x.dtype)
    if filler.shape != x.shape:
        raise CheckError(f"expected a replacement of shape {x.shape}, received {filler.shape}")

    def ask(rows: Array, steps: Array) -> Array:
        told = [] if replacement is None else [steps if lengths is None else steps.sum(axis=1)]
        output = f(rows, *told)
        numbers = expect_numbers(output, what)
        if numbers.ndim == 0 or len(numbers) != len(rows):
            raise Failure(f"expected {what} for each of {len(rows)} sequences, received shape {numbers.shape}")
        return np.asarray(output)  # in its own dtype, which says how exact it is; steps of padding may hold anything

    wide = kept.reshape(*kept.shape, *([1] * (x.ndim - 2)))
    padded = ask(np.where(wide, x, filler), kept)
    for row in np.flatnonzero(~kept.all(axis=1)):
        steps, length = kept[row], int(kept[row].sum())
        alone = ask(x[row : row + 1, steps], np.ones((1, length), dtype=bool))[0]
        found = padded[row]
        if found.shape[:1] == steps.shape and alone.shape[:1] == (length,):  # an output for each step
            found = found[steps]
        if found.shape != alone.shape:
            raise Failure(
                f"expected {what} to have one shape for each sequence, or an entry for each step, received shape "
                f"{alone.shape} for {length} steps and {found.shape} with padding to {len(steps)}"
            )
        if changed(alone, found, what).any():
            raise Failure(
                f"expected {what} for a sequence of {length} steps to be the same with {len(steps) - length} steps of "
                "padding as without, received another one",
                "Padding must not count: not in a sum or the number a mean divides by, not in a normalisation, not in "
                "the softmax of an attention, not in the last state.",
            )


def _kept(x: Array, lengths: Sequence[int] | None, mask: ArrayLike | None) -> Array:
    """Which steps are no padding, shape (batch, time)."""
    if x.ndim < 2 or (lengths is None) == (mask is None):
        raise CheckError(f"expected inputs (batch, time, ...) and either lengths or a mask, received shape {x.shape}")
    kept = np.asarray(mask) if lengths is None else np.arange(x.shape[1]) < np.asarray(lengths).reshape(-1, 1)
    if kept.shape != x.shape[:2] or kept.dtype != np.bool_ or kept.all() or not kept.any(axis=1).all():
        raise CheckError(
            f"expected padding in some of {len(x)} sequences of {x.shape[1]} steps, and in none all over, "
            f"received {kept.dtype} of shape {kept.shape}"
        )
    return kept
