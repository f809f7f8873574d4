"""Weights before and after: which changed, which stayed, and how far an optimiser's step went."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.gradients import listed
from autograder.checks.values import expect_finite
from autograder.errors import CheckError, Failure

if TYPE_CHECKING:
    from autograder.checks.handles import Weight

Array = NDArray[Any]

LEAST_STEP = 100  # units in the last place: a smaller step is not to be told from rounding


def expect_weights_moved(before: Sequence[Weight], after: Sequence[Weight], what: str = "training") -> None:
    """Expect that every trainable weight has another value than before.

    Example: `expect_weights_moved(before, model.weights(), "`train`")`

    Raises:
        Failure: Names those that stayed, or says that the weights do not pair up.
    """
    stayed = [new.path for old, new in _pairs(before, after, what) if old.trainable and not _moved(old, new)]
    if stayed:
        raise Failure(
            f"expected {what} to change every trainable weight, received {len(stayed)} unchanged: {listed(stayed)}",
            "Is the learning rate 0, a layer frozen, or a copy of the model trained in its place?",
        )


def expect_unchanged(before: Sequence[Weight], after: Sequence[Weight], what: str = "training") -> None:
    """Expect that no weight has another value than before, not in a single bit.

    Example: `expect_unchanged(before, generator.weights(), "a step of the discriminator")`

    Raises:
        Failure: Names those that changed, or says that the weights do not pair up.
    """
    _expect_stayed(_pairs(before, after, what), what)


def expect_only_changed(
    before: Sequence[Weight],
    after: Sequence[Weight],
    changed: Callable[[Weight], bool] | Collection[str],
    *,
    free: Callable[[Weight], bool] | Collection[str] = (),
    what: str = "training",
) -> None:
    """Expect that the weights named here all have another value than before, and the others the same, bit for bit.

    Example: `expect_only_changed(before, model.weights(), lambda weight: weight.path.startswith("head"))`

    Args:
        before: The weights as they were.
        after: The weights of the same model afterwards.
        changed: Those that must change: their paths, or whether a weight is one.
        free: Those that may change or stay, such as the moving averages of a batch normalisation.
        what: What was done in between, for the message.

    Raises:
        Failure: Names those that stayed or changed against what is expected, or has none of them to change.
    """
    pairs = _pairs(before, after, what)
    if not callable(changed) and (absent := sorted(set(changed) - {old.path for old, _ in pairs})):
        raise Failure(f"expected a model with the weights {listed(absent)}, received one without them")
    meant = [(old, new) for old, new in pairs if _chosen(old, changed)]
    if not meant:
        raise Failure(f"expected {what} to change some weights of the model, received a model that has none of them")
    _expect_stayed([(old, new) for old, new in pairs if not _chosen(old, changed) and not _chosen(old, free)], what)
    stayed = [new.path for old, new in meant if not _moved(old, new)]
    if stayed:
        raise Failure(
            f"expected {what} to change {len(meant)} weights of the model, received {len(stayed)} of them unchanged: "
            f"{listed(stayed)}",
            "Are they trainable, given to the optimiser, and is the learning rate above 0?",
        )
    for _, new in meant:
        expect_finite(new.value, f"{new.path[:60]} after {what}")


def expect_step_equals(
    before: Sequence[Weight],
    after: Sequence[Weight],
    expected: Mapping[str, Array],
    what: str = "one step",
    *,
    rtol: float = 1e-3,
) -> None:
    """Expect that weights moved as the reference moves them: the steps are compared, not the values, which hide them.

    A step equals the expected one up to `rtol` times the largest entry of it in that weight, and rounding. Where a
    gradient is nothing but rounding, an optimiser that divides by its size (Adam) makes a full step in any direction:
    ask about plain or momentum steps there.

    Example: `expect_step_equals(before, model.weights(), {w.path: w.value - 0.1 * gradients[w.path] for w in before})`

    Args:
        before: The weights as they were.
        after: The weights of the same model afterwards.
        expected: The value each weight should have now, by path; weights that are not in it are not looked at.
        what: What was done in between, for the message.
        rtol: Tolerance relative to the step.

    Raises:
        Failure: Another step was made; says how many times as far it went, or that it went another way.
        CheckError: A path or a shape does not fit, or no step is large enough to be told from rounding.
    """
    pairs = {old.path: (old, new) for old, new in _pairs(before, after, what)}
    steps, large = {}, False
    for path, value in expected.items():
        if path not in pairs or np.shape(pairs[path][0].value) != np.shape(value):
            raise CheckError(f"expected a weight {path!r} of shape {np.shape(value)} to compare with, found none")
        old, new = (expect_finite(weight.value, f"{path[:60]} before and after {what}") for weight in pairs[path])
        right = expect_finite(value, f"what {path[:60]} should be after {what}")
        unit = _unit(pairs[path][0].value, old, right)
        steps[path] = new - old, right - old, unit
        large |= bool(np.abs(right - old).max(initial=0.0) > LEAST_STEP * unit.max(initial=0.0))
    if not large:
        raise CheckError(f"expected {what} to be larger than rounding, received a smaller one: choose a larger rate")
    for path, (found, wanted, unit) in steps.items():
        farthest = float(np.abs(wanted).max(initial=0.0))
        if (np.abs(found - wanted) > rtol * farthest + 2 * unit).any():
            raise Failure(
                f"expected {what} to move {path[:60]} by up to {farthest:.3g} in each number, received "
                f"{_compared(found, wanted, 2 * unit)}",
                "Are the gradient, its sign, the mean over the batch and the learning rate those of the formula?",
            )


def _pairs(before: Sequence[Weight], after: Sequence[Weight], what: str) -> list[tuple[Weight, Weight]]:
    if [np.shape(weight.value) for weight in before] != [np.shape(weight.value) for weight in after]:
        raise Failure(f"expected {what} to work on the model itself, received a model of another shape")
    return list(zip(before, after, strict=True))


def _moved(old: Weight, new: Weight) -> bool:
    return not np.array_equal(old.value, new.value, equal_nan=np.asarray(old.value).dtype.kind == "f")


def _chosen(weight: Weight, which: Callable[[Weight], bool] | Collection[str]) -> bool:
    return which(weight) if callable(which) else weight.path in which


def _expect_stayed(pairs: Sequence[tuple[Weight, Weight]], what: str) -> None:
    moved = [new.path for old, new in pairs if _moved(old, new)]
    if moved:
        raise Failure(
            f"expected {what} to leave {len(pairs)} weights as they were, received {len(moved)} of them changed: "
            f"{listed(moved)}",
            "Are they frozen when the model is compiled, and left out of the optimiser's step? What batch "
            "normalisation counts stands still where the layer itself is frozen.",
        )


def _unit(value: Array, *sizes: Array) -> Array:
    """What the last place of each number is worth, in the weight's own dtype."""
    dtype = value.dtype if np.asarray(value).dtype.kind == "f" else np.dtype(np.float32)
    largest = np.max([np.abs(size) for size in sizes], axis=0)
    return np.asarray(np.spacing(largest.astype(dtype)), dtype=np.float64)


def _compared(found: Array, wanted: Array, rounding: Array) -> str:
    times = float((found * wanted).sum() / max(float((wanted * wanted).sum()), np.finfo(np.float64).tiny))
    if not found.any():
        return "no step at all"
    if times and (np.abs(found - times * wanted) <= 1e-2 * np.abs(found).max() + rounding).all():
        return f"{times:.3g} times that step"
    return f"a step of up to {np.abs(found).max():.3g} in another direction"
