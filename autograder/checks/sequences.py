"""Sequences: no look into the future, positions and states that do or do not matter.

What is asked is any callable of arrays: a model or layer of the student's, `student.function("name")`. Inputs are whole
numbers of shape (batch, time) or numbers of shape (batch, time, features).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.change import changed
from autograder.checks.values import expect_finite
from autograder.errors import CheckError, Failure

Array = NDArray[Any]


def expect_causal(f: Callable[..., Any], x: Array, replacement: Array, axis: int = 1, what: str = "the output") -> None:
    """Expect that no output depends on a later step: replacing step t and all after changes none before, for any t.

    All is asked in one batch of batch x time rows, or in time + 1 questions where time is the first axis.

    Example: `expect_causal(model, tokens, (tokens + 1) % vocabulary_size)`

    Args:
        f: Gives an output for each step.
        x: Inputs, shape (batch, time, ...); a row or two are enough.
        replacement: Other inputs of the same shape, another one at every step.
        axis: The axis of time.
        what: What f gives, for the message.

    Raises:
        Failure: Some output changes with a later step, or none changes whatever is replaced.
        CheckError: The replacement is the same at some step: a mistake in the check.
    """
    x, replacement = _pair(x, replacement, axis)
    num_steps = x.shape[axis]
    after = [np.arange(num_steps) >= step for step in range(num_steps)]
    first, *others = _outputs(f, x, [_replaced(x, replacement, steps, axis) for steps in after], axis, what)
    reach, moved, example = 0, False, (0, 0)
    for step, other in enumerate(others):
        steps_changed = np.flatnonzero(_changed_steps(first, other, axis, what))
        moved |= steps_changed.size > 0
        if steps_changed.size and (ahead := step - int(steps_changed[0])) > reach:
            reach, example = ahead, (int(steps_changed[0]), step)
    if reach:
        raise Failure(
            f"expected {what} at each step to depend on that step and earlier ones alone, received one at step "
            f"{example[0]} that depends on step {example[1]} or later (counted from 0)",
            "It looks exactly one step ahead: is the mask off by one?"
            if reach == 1
            else "Is every attention masked, every normalisation within one step, every convolution padded in front?",
        )
    if not moved:
        raise Failure(f"expected {what} to depend on the inputs, received the same whatever they are")


def expect_looks_back(
    f: Callable[..., Any], x: Array, replacement: Array, back: int = 1, axis: int = 1, what: str = "the output"
) -> None:
    """Expect that outputs depend on the step `back` steps earlier: a mask that is too narrow is causal as well.

    Example: `expect_looks_back(model, tokens, (tokens + 1) % vocabulary_size, back=5)`

    Args:
        f: Gives an output for each step.
        x: Inputs, shape (batch, time, ...).
        replacement: Other inputs of the same shape, another one at every step.
        back: How many steps.
        axis: The axis of time.
        what: What f gives, for the message.

    Raises:
        Failure: No output changes when the step so many steps earlier does.
        CheckError: There are too few steps, or the replacement is the same at some: a mistake in the check.
    """
    x, replacement = _pair(x, replacement, axis)
    if not 0 < back < x.shape[axis]:
        raise CheckError(f"expected more than {back} steps, and at least one to look back, received {x.shape[axis]}")
    single = [np.arange(x.shape[axis]) == step for step in range(x.shape[axis] - back)]
    first, *others = _outputs(f, x, [_replaced(x, replacement, steps, axis) for steps in single], axis, what)
    if not any(_changed_steps(first, other, axis, what)[step + back] for step, other in enumerate(others)):
        raise Failure(
            f"expected {what} at some step to depend on the step {back} before it, received none that does",
            "Does the mask, the window or the state let each step see what came before?",
        )


def expect_positions_matter(
    f: Callable[..., Any], x: Array, *, absolute: bool = False, what: str = "the output"
) -> None:
    """Expect that f knows where a step stands: not the same outputs when steps trade places.

    An f that gives one output for each sequence has to give another one for another order. One that gives an output for
    each step fails when it gives the same at every step of a sequence of equal ones, and, with the first steps in
    another order, the same at the last step or the same outputs in that order.

    Example: `expect_positions_matter(student.call("TokenAndPosition", 50, 16, 8), tokens)`

    Args:
        f: What to ask; position embeddings that begin as zeros are to be trained first.
        x: Inputs, shape (batch, time, ...) with at least three steps, not the same backwards. Where f gives one output
            for each sequence, time is another number than those outputs have entries.
        absolute: Expect other outputs at the steps of a sequence of equal ones in any case. It sees that position
            embeddings are missing from a causal model of several blocks, which knows the order without them; but one
            with relative positions (rotary, ALiBi) is right and fails.
        what: What f gives, for the message.

    Raises:
        Failure: It does not know.
        CheckError: The sequences are too short, or the same in another order: a mistake in the check.
    """
    x = np.asarray(x)
    if x.ndim < 2 or x.shape[1] < 3:
        raise CheckError(f"expected sequences of shape (batch, time, ...) with three steps or more, received {x.shape}")
    order = np.array([*range(x.shape[1] - 2, -1, -1), x.shape[1] - 1])
    turned, equal = x[:, order], np.repeat(x[:, :1], x.shape[1], axis=1)
    if (turned == x).all():
        raise CheckError("expected sequences that are not the same backwards, received such")
    first, other, constant = _split(f(np.concatenate([x, turned, equal])), 3, len(x), what)
    if first.shape[:2] == x.shape[:2]:
        same_at_each_step = not changed(constant, np.repeat(constant[:, :1], x.shape[1], axis=1), what).any()
        moved_along = not changed(first[:, order], other, what).any()
        same_at_last = not changed(first[:, -1], other[:, -1], what).any()
        blind = same_at_each_step and (absolute or moved_along or same_at_last)
    else:
        blind = not changed(first, other, what).any()
    if blind:
        raise Failure(
            f"expected {what} to depend on where a step stands, received the same when steps trade places",
            "Are positions added to the embedded tokens, another vector at each place?",
        )


def expect_stateless(f: Callable[..., Any], x: Array, what: str = "the output") -> None:
    """Expect the same answer to the same question, however often it is asked.

    Example: `expect_stateless(student.call("build_forecaster"), windows)`

    Raises:
        Failure: The second answer differs from the first.
    """
    if changed(f(x), f(x), what).any():
        raise Failure(
            f"expected {what} to be the same when the same is asked twice, received another one",
            "Does a layer keep its state between batches (`stateful=True`), or draw at random outside training?",
        )


def expect_stateful(
    f: Callable[..., Any], x: Array, reset: Callable[[], Any] | None = None, what: str = "the output"
) -> None:
    """Expect that f goes on from where it stood: the same question again has another answer, until it is reset.

    Example: `expect_stateful(model, windows, reset=lambda: model.call("reset_states"))`

    Args:
        f: What to ask.
        x: Inputs, in a batch of the size f keeps a state for.
        reset: Puts the state back; without it, one that answers at random passes too.
        what: What f gives, for the message.

    Raises:
        Failure: The second answer is the first again, or another one comes after a reset.
    """
    if reset is not None:
        reset()
    first, second = f(x), f(x)
    if not changed(first, second, what).any():
        raise Failure(
            f"expected {what} to go on from the state the first question left, received the same answer again",
            "Is the recurrent layer `stateful=True`, and is its state not reset in between?",
        )
    if reset is not None:
        reset()
        if changed(first, f(x), what).any():
            raise Failure(f"expected {what} to begin anew after a reset, received another answer than the first time")


def _pair(x: Array, replacement: Array, axis: int) -> tuple[Array, Array]:
    inputs = np.asarray(x)
    others = np.asarray(replacement, dtype=inputs.dtype)
    if inputs.shape != others.shape or not 0 <= axis < inputs.ndim or inputs.shape[axis] < 2:
        raise CheckError(
            f"expected inputs and a replacement of one shape with two steps or more along axis {axis}, received shapes "
            f"{inputs.shape} and {others.shape}"
        )
    if not (inputs != others).any(axis=tuple(range(axis + 1, inputs.ndim))).all():
        raise CheckError(
            "expected a replacement that differs at every step of every sequence, received one that does not"
        )
    return inputs, others


def _replaced(x: Array, replacement: Array, steps: Array, axis: int) -> Array:
    return np.where(steps.reshape(-1, *([1] * (x.ndim - axis - 1))), replacement, x)


def _outputs(f: Callable[..., Any], x: Array, others: list[Array], axis: int, what: str) -> list[Array]:
    """What f makes of x and of the others, one output for each step: all in one batch where there is one."""
    if axis == 0:
        outputs = [_numbers(f(one), what) for one in (x, *others)]
    else:
        outputs = _split(f(np.concatenate([x, *others])), 1 + len(others), len(x), what)
    for output in outputs:
        if output.shape[: axis + 1] != x.shape[: axis + 1]:
            raise Failure(
                f"expected {what} to have an entry for each step, a shape that begins with {x.shape[: axis + 1]}, "
                f"received shape {output.shape}"
            )
    return outputs


def _split(outputs: Any, parts: int, rows: int, what: str) -> list[Array]:
    numbers = _numbers(outputs, what)
    if numbers.ndim == 0 or len(numbers) != parts * rows:
        raise Failure(f"expected {what} for each of {parts * rows} sequences, received shape {numbers.shape}")
    return np.split(numbers, parts)


def _numbers(value: Any, what: str) -> Array:
    expect_finite(value, what)
    return np.asarray(value)  # in its own dtype: it says how exact the arithmetic is


def _changed_steps(first: Array, other: Array, axis: int, what: str) -> Array:
    differ = np.moveaxis(changed(first, other, what), axis, 0)
    return np.asarray(differ.reshape(len(differ), -1).any(axis=1))
