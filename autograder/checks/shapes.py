"""Shapes: of arrays, and of what a model makes of real batches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.values import Numbers, expect_finite, expect_numbers, received
from autograder.errors import CheckError, Failure

if TYPE_CHECKING:
    from autograder.checks.handles import Model

Shape = Sequence[int | None]

# A model may say anything about its input shape; the judge makes no larger example than this.
MAX_EXAMPLE_NUMBERS = 4_000_000
PROBABILITY_TOLERANCE = 1e-4


def expect_model(value: Any, what: str = "the result") -> Model:
    """Expect a Keras model, as `student.call("build_model")` gives it, and return it.

    Example: `model = expect_model(student.call("build_model"), "what `build_model` returns")`

    Raises:
        Failure: The student's code gave something else.
    """
    if not all(callable(getattr(value, method, None)) for method in ("predict", "describe", "weights")):
        hint = "Does the function return the model?" if value is None else ""
        raise Failure(f"expected {what} to be a Keras model, received {received(value)}", hint)
    model: Model = value
    return model


def expect_shape(value: Any, shape: Shape, what: str = "the result") -> Numbers:
    """Expect numbers of this shape and return them as a float64 array; None stands for any length.

    Example: `expect_shape(student.call("embed", tokens), (None, 16), "the embedding")`

    Raises:
        Failure: The shape differs, or they are no numbers.
    """
    numbers = expect_numbers(value, what)
    if not fits(numbers.shape, shape):
        raise Failure(f"expected {what} to have shape {words(shape)}, received shape {numbers.shape}")
    return numbers


def expect_output_shape(
    model: Any,
    shape: Shape,
    *,
    inputs: NDArray[Any] | None = None,
    input_shape: Shape | None = None,
    batch_sizes: Sequence[int] = (1, 3, 32),
    what: str = "the model's output",
) -> None:
    """Expect outputs of this shape for batches of several sizes; the model is really asked, not its description.

    Example: `expect_output_shape(student.call("build_model"), (None, 10), input_shape=(None, 8, 8, 1))`

    Args:
        model: The student's model.
        shape: The output's shape; its first entry, the batch, is None.
        inputs: Examples to make batches from, by repeating them; random numbers in [0, 1) when None.
        input_shape: Shape of random batches, batch first; what the model says of itself when None.
        batch_sizes: How many examples are asked about at a time.
        what: What has this shape, for the message.

    Raises:
        Failure: An output is no array of finite numbers of this shape.
    """
    model = expect_model(model, "this")
    for size in batch_sizes:
        if inputs is not None:
            batch = inputs[np.arange(size) % len(inputs)]
        else:
            batch = _random_batch(size, input_shape or model.describe().get("input_shape"))
        wanted = (size, *shape[1:])
        output = model.predict(batch)
        numbers = expect_numbers(output, f"{what} for a batch of {size}")
        if not fits(numbers.shape, wanted):
            raise Failure(
                f"expected {what} to have shape {words(shape)}: {words(wanted)} for a batch of {size}, "
                f"received {numbers.shape}"
            )
        expect_finite(numbers, f"{what} for a batch of {size}")


def expect_probabilities(value: Any, what: str = "the model's output", *, axis: int = -1) -> Numbers:
    """Expect probabilities: no number below 0, and all along `axis` sum to 1. Return them as a float64 array.

    Example: `expect_probabilities(model.predict(images), "what the network makes of images")`

    Raises:
        Failure: They are none.
    """
    numbers = expect_finite(value, what)
    if numbers.ndim == 0 or numbers.size == 0:
        raise Failure(f"expected {what} to be rows of probabilities, received {received(value)}")
    sums = numbers.sum(axis=axis)
    if numbers.min() < -PROBABILITY_TOLERANCE or np.abs(sums - 1).max() > PROBABILITY_TOLERANCE:
        if numbers.min() < -PROBABILITY_TOLERANCE:
            found = f"numbers from {numbers.min():.3g} to {numbers.max():.3g}"
        else:
            found = f"sums from {sums.min():.4g} to {sums.max():.4g}"
        raise Failure(
            f"expected {what} to be probabilities (none negative, each row summing to 1), received {found}",
            "These may be logits: does the last layer have a softmax?",
        )
    return numbers


def words(shape: Shape) -> str:
    """Write a shape as a tuple in which None is "any"."""
    lengths = ["any" if length is None else str(length) for length in shape]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def fits(shape: Sequence[int], wanted: Shape) -> bool:
    """Whether a shape is the wanted one, in which None stands for any length."""
    return len(shape) == len(wanted) and all(w is None or w == n for n, w in zip(shape, wanted, strict=True))


def _random_batch(size: int, input_shape: Any) -> NDArray[np.float32]:
    if not isinstance(input_shape, (tuple, list)) or not input_shape:
        raise Failure(
            f"expected a model with one input of a known shape, received {received(input_shape)}",
            "Begin the model with `keras.Input`, or call it on one batch before you return it.",
        )
    lengths = [8 if length is None else length for length in input_shape[1:]]
    if any(not isinstance(n, int) or isinstance(n, bool) or n < 1 for n in lengths):
        raise Failure(f"expected an input shape made of lengths, received {str(tuple(input_shape))[:80]}")
    if size < 1:
        raise CheckError(f"expected batches of at least one example, received {size}")
    if math.prod(lengths) * size > MAX_EXAMPLE_NUMBERS:
        raise Failure(f"expected an input of reasonable size, received a model for {str(tuple(input_shape))[:80]}")
    generator = np.random.default_rng(0)  # any numbers do: only shapes are looked at
    return generator.random((size, *lengths), dtype=np.float32)
