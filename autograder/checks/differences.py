"""Gradients held against central finite differences: an oracle for whatever can be called, without knowing its formula.

The derivative of L = sum(f(inputs) * cotangent) along a direction v is (L(x + h v) - L(x - h v)) / 2h up to an error of
order h^2, and it is sum(gradient * v). With random v, two questions try all entries of an input at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.arguments import arguments, leaves, replaced
from autograder.checks.gradients import CUT_OFF, by_name
from autograder.checks.values import expect_finite
from autograder.errors import CheckError, Failure

Array = NDArray[Any]


@dataclass(frozen=True)
class _Precision:
    """What differences can show where numbers have a dtype.

    Attributes:
        epsilon: A unit in the last place of 1.
        steps: The finest and the coarsest step h, relative to the size of what is moved.
        tolerance: How far a right gradient may be off, relative to its size.
        smooth: How far the differences of two steps may disagree, relative to them, and still say something.
    """

    epsilon: float
    steps: tuple[float, float]
    tolerance: float
    smooth: float


# Figures from layers and networks of Keras's own, right ones, over random inputs: in float64 the worst was off by 1e-6,
# in float32 smooth ones by 2e-3, and deep ones with relu, whose kinks lie close together, by some per cent.
PRECISIONS = {
    "float16": _Precision(float(np.finfo(np.float16).eps), (0.03, 0.3), 5e-2, 0.2),
    "float32": _Precision(float(np.finfo(np.float32).eps), (3e-4, 3e-2), 1e-2, 0.1),
    "float64": _Precision(float(np.finfo(np.float64).eps), (1e-6, 1e-3), 1e-5, 0.01),
}
ROUNDING = 8  # units in the last place by which each output may be off
FINER = 3  # the second step is so many times smaller


def expect_gradients_match_differences(
    f: Callable[..., Any],
    inputs: Any,
    what: str = "the gradient",
    *,
    gradients: Callable[[Any, Any], Any] | None = None,
    training: bool = False,
    directions: int = 3,
    rng: np.random.Generator | None = None,
    hint: str = "",
) -> None:
    """Expect the gradients of each input and each trainable weight to match central differences of f itself.

    In float64 an error of a hundred-thousandth shows: send arrays of float64, and have layers made in it
    (`student.call_in_float64`). In float32 it takes some per cent, and of deep networks with relu a tenth.

    Example: `expect_gradients_match_differences(student.function("softplus"), np.linspace(-2.0, 2.0, 9))`

    Args:
        f: A layer of the student's, or `student.function("name")`; it has to give the same outputs twice.
        inputs: An array, or a tuple of all arguments; a list counts as one argument of several arrays. Choose them away
            from kinks: relu has no derivative at 0.
        what: What is compared, for the message.
        gradients: Gives the gradients to be judged, for the inputs and a cotangent: `Gradients`, or a list with one for
            each input. Hand in a backward pass of the student's own. When None, the framework is asked for f's.
        training: Which of its two modes a layer is in.
        directions: How many random directions to try for each input and weight; the middle one decides, for one that
            runs along a kink says nothing.
        rng: Draws cotangent and directions, `student.rng` for instance; always the same ones when None.
        hint: What to try.

    Raises:
        Failure: A gradient differs, or f gives other outputs for the same inputs.
        CheckError: No array of floats is among the inputs, and f has no weights: a mistake in the check.
    """
    draw = rng if rng is not None else np.random.default_rng(0)
    mode = {"training": training} if callable(getattr(f, "weights", None)) else {}

    def outputs(given: Any) -> list[Array]:
        return _arrays(f(*arguments(given), **mode), "the output")

    first, again = outputs(inputs), outputs(inputs)
    if not all(np.array_equal(one, other) for one, other in zip(first, again, strict=False)):
        raise Failure("expected the same outputs for the same inputs, received others", hint)
    cotangents = [draw.normal(size=output.shape).astype(output.dtype) for output in first]
    cotangent = cotangents[0] if len(cotangents) == 1 else cotangents
    ask = gradients if gradients is not None else lambda *asked: f.gradients_of(*asked, **mode)  # type: ignore[attr-defined]
    found = by_name(ask(inputs, cotangent))
    precision = _precision(first, [*found.values(), *leaves(inputs)])

    def weighted_sum(parts: list[Array]) -> tuple[float, float]:
        """L, and how far rounding may have moved it."""
        if [part.shape for part in parts] != [one.shape for one in cotangents]:
            raise Failure("expected outputs of the same shapes for inputs a little different, received others", hint)
        terms = [part.astype(np.float64) * by for part, by in zip(parts, cotangents, strict=True)]
        squares = sum(float((term**2).sum()) for term in terms)
        return sum(float(term.sum()) for term in terms), ROUNDING * precision.epsilon * float(np.sqrt(squares))

    def at(given: Any) -> tuple[float, float]:
        return weighted_sum(outputs(given))

    _, rounding = weighted_sum(first)
    parts = _moved_inputs(at, inputs, rounding)
    weights = [weight.value for weight in f.weights()] if gradients is None and mode else []  # type: ignore[attr-defined]
    if weights:
        parts += _moved_weights(at, inputs, f, rounding)
    if not parts:
        raise CheckError("expected an array of floats among the inputs, or a layer with trainable weights, found none")
    try:
        for part in parts:
            along = [draw.normal(size=part.value.shape) * part.size for _ in range(directions)]
            _expect_slopes(part, found.get(part.name), along, precision, f"{what} of {part.name}", hint)
    finally:
        if weights:
            f.set_weights(weights)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class _Part:
    """An input or a weight.

    Attributes:
        name: As its gradient is called.
        value: What it is.
        at: Gives L and its rounding error where the part has another value.
        rounding: That error where the part is as it is.
    """

    name: str
    value: Array
    at: Callable[[Array], tuple[float, float]]
    rounding: float

    @property
    def size(self) -> float:
        """The root mean square of its entries; 1 when all are 0."""
        return float(np.sqrt((self.value.astype(np.float64) ** 2).mean())) or 1.0


@dataclass(frozen=True)
class _Slope:
    """How L changes along a direction.

    Attributes:
        measured: By a central difference.
        promised: By the gradient.
        rounding: How far rounding may have moved the measurement.
        uncertain: How far the difference of a coarser step is from it.
    """

    measured: float
    promised: float
    rounding: float
    uncertain: float


def _expect_slopes(part: _Part, gradient: Any, along: list[Array], precision: _Precision, what: str, hint: str) -> None:
    """Expect L to change along the directions as the gradient says."""
    if gradient is not None and expect_finite(gradient, what).shape != part.value.shape:
        raise Failure(f"expected {what} to have shape {part.value.shape}, received shape {np.shape(gradient)}", hint)
    right = np.zeros(part.value.shape) if gradient is None else np.asarray(gradient, dtype=np.float64)
    size = float(np.linalg.norm(right)) * part.size
    slopes = [_slope(part, right, size, direction, precision) for direction in along]

    def surprise(slope: _Slope) -> float:
        """How far difference and gradient are apart, as a share of what is allowed; above 1, the gradient is wrong."""
        tolerance = precision.tolerance * max(abs(slope.measured), size)
        allowed = tolerance + 2 * slope.uncertain + slope.rounding
        return abs(slope.measured - slope.promised) / (allowed or 1.0)

    def roughness(slope: _Slope) -> float:
        """How far two steps disagree as a share of what is allowed; above 1, differences say nothing."""
        return slope.uncertain / (max(precision.smooth * max(abs(slope.measured), size), slope.rounding) or 1.0)

    if roughness(sorted(slopes, key=roughness)[len(slopes) // 2]) > 1:
        raise Failure(
            f"expected an output that changes smoothly, to hold {what} against it, received one that jumps",
            hint or "Does it round, or compare? Does it draw at random, or change its own state?",
        )
    middle = sorted(slopes, key=surprise)[len(slopes) // 2]
    if surprise(middle) > 1:
        received = f"a gradient that gives {middle.promised:.4g}" if gradient is not None else "no gradient"
        raise Failure(
            f"expected {what} to match central differences: {middle.measured:.4g} along a random direction, "
            f"received {received}",
            hint or (CUT_OFF if not right.any() else ""),
        )


def _slope(part: _Part, gradient: Array, size: float, direction: Array, precision: _Precision) -> _Slope:
    """The slope along a direction, by the finest step that rounding allows: kinks and curvature weigh least there."""
    finest, coarsest = precision.steps
    step = float(np.clip(part.rounding / (precision.tolerance * size), finest, coarsest)) if size else coarsest
    (coarse, promised, _), (fine, again, error) = (
        _difference(part, gradient, direction, h) for h in (step * FINER, step)
    )
    return _Slope(fine, again, error, abs((fine - again) - (coarse - promised)))


def _difference(part: _Part, gradient: Array, direction: Array, step: float) -> tuple[float, float, float]:
    """A central difference, what the gradient says it is, and the error that rounding may have made."""
    ahead, behind = ((part.value + by * step * direction).astype(part.value.dtype) for by in (1, -1))
    (above, rounding), (below, _) = part.at(ahead), part.at(behind)
    moved = ahead.astype(np.float64) - behind  # not quite twice the step: the dtype rounds
    return (above - below) / (2 * step), float((gradient * moved).sum()) / (2 * step), rounding / step


def _precision(outputs: list[Array], others: list[Any]) -> _Precision:
    """That of the coarsest numbers; what was computed in float32 and handed over in float64 is no finer."""
    names = {one.dtype.name for one in (*outputs, *others) if _is_float(one)}
    if all(np.array_equal(output, output.astype(np.float32)) for output in outputs):
        names.add("float32")
    return PRECISIONS[next(name for name in PRECISIONS if name in names or name == "float64")]


def _moved_inputs(at: Callable[[Any], tuple[float, float]], inputs: Any, rounding: float) -> list[_Part]:
    """Each input that is an array of floats."""

    def part(place: int, value: Array) -> _Part:
        return _Part(f"input {place}", value, lambda moved: at(replaced(inputs, place, moved)), rounding)

    return [part(place, value) for place, value in enumerate(leaves(inputs)) if _is_float(value)]


def _moved_weights(at: Callable[[Any], tuple[float, float]], inputs: Any, layer: Any, rounding: float) -> list[_Part]:
    """Each trainable weight of a layer; whoever asks about them has to set them back."""
    weights = layer.weights()
    values = [weight.value for weight in weights]

    def part(place: int) -> _Part:
        def with_weight(moved: Array) -> tuple[float, float]:
            layer.set_weights([*values[:place], moved, *values[place + 1 :]])
            return at(inputs)

        return _Part(weights[place].path, values[place], with_weight, rounding)

    return [part(place) for place, weight in enumerate(weights) if weight.trainable and _is_float(weight.value)]


def _arrays(value: Any, what: str) -> list[Array]:
    several = isinstance(value, (list, tuple)) and bool(value) and all(isinstance(one, np.ndarray) for one in value)
    parts = list(value) if several else [value]
    for part in parts:
        expect_finite(part, what)
    return [np.asarray(part) for part in parts]


def _is_float(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "f" and value.size > 0
