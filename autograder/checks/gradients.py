"""Gradients: right ones, ones that arrive, ones that must not, and ones that were clipped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.handles import Gradients
from autograder.checks.shapes import expect_model
from autograder.checks.structure import ends_with
from autograder.checks.values import expect_close, expect_finite, received
from autograder.errors import CheckError, Failure

# Weights by these names are learned; where one is not trainable, somebody froze it. State that a layer keeps by itself
# (moving averages, counters, seeds) has other names and may stay as it is.
LEARNED_NAMES = frozenset(
    ("kernel", "bias", "gamma", "beta", "embeddings", "depthwise_kernel", "pointwise_kernel", "recurrent_kernel")
)
CUT_OFF = "NumPy, rounding, argmax and `stop_gradient` cut a gradient off; so does an output that is not used."


def expect_gradients_reach_every_weight(
    model: Any, x: NDArray[Any], y: NDArray[Any], *, loss: str = "sparse_categorical_crossentropy"
) -> None:
    """Expect that every weight can learn: none frozen, and none whose gradient of `loss` is missing or all zero.

    The gradient is taken with `training=False`, where a bias in front of a batch normalisation has one.

    Example: `expect_gradients_reach_every_weight(student.rebuild(model), images, labels)`

    Raises:
        Failure: Names the weights learning does not reach.
    """
    model = expect_model(model, "this")
    weights = model.weights()
    frozen = [w.path for w in weights if not w.trainable and w.path.rsplit("/", 1)[-1].split("#")[0] in LEARNED_NAMES]
    if frozen:
        raise Failure(
            f"expected every weight to be trainable, received {len(frozen)} frozen: {listed(frozen)}",
            "Does a layer have `trainable = False`?",
        )
    trainable = [weight for weight in weights if weight.trainable]
    if not trainable:
        raise Failure("expected a model that can learn, received one without any trainable weight")
    found = model.gradients(x, y, loss=loss)
    expect_gradients_reach({weight.path: found.get(weight.path) for weight in trainable}, what="the loss")


def expect_gradients_reach(
    gradients: Any, paths: Iterable[str] | None = None, what: str = "the output", *, but_for: Iterable[str] = ()
) -> None:
    """Expect a gradient that is finite and not all zero wherever one is asked for.

    Example: `expect_gradients_reach(generator_gradients, what="the discriminator's output")`

    Args:
        gradients: `Gradients`, a dict by path, or a list for inputs.
        paths: Weights (the end of a path, or the name of a layer above them), or "input 0"; all when None.
        what: What they are gradients of, for the message.
        but_for: Those that may be zero for good reason: a bias whose sum a batch normalisation subtracts again in
            training, a bias of the keys in attention.

    Raises:
        Failure: Names those that are missing, zero or not finite, or says that there is nothing of that name.
    """
    named = by_name(gradients)
    excused = _chosen(named, but_for)
    chosen = {name: one for name, one in _chosen(named, paths).items() if name not in excused}
    if absent := [path for path in paths or () if not _chosen(named, [path])]:
        raise Failure(f"expected a gradient for {listed(absent)}, received none of that name (is it trainable?)")
    if not chosen:
        raise Failure(f"expected {what} to have gradients, received none at all")
    cut_off = [name for name, one in chosen.items() if one is None or not np.any(expect_finite(one, _gradient(name)))]
    if cut_off:
        raise Failure(
            f"expected {what} to have a gradient for every weight, "
            f"received none, or only zeros, for {len(cut_off)} of {len(chosen)}: {listed(cut_off)}",
            f"Is the layer's output used? {CUT_OFF}",
        )


def expect_no_gradient(gradients: Any, paths: Iterable[str] | None = None, what: str = "the output") -> None:
    """Expect that no gradient arrives at frozen or stopped parts: it is missing, or exactly zero.

    Example: `expect_no_gradient(student.gradients_of("td_loss", (q, next_q), np.float32(1), wrt=[1]))`

    Args:
        gradients: `Gradients`, a dict by path, or a list for inputs.
        paths: Weights (the end of a path, or the name of a layer above them), or "input 0"; all when None.
        what: What they are gradients of, for the message.

    Raises:
        Failure: Names those at which one arrives.
    """
    chosen = _chosen(by_name(gradients), paths)
    arrived = [name for name, one in chosen.items() if one is not None and np.any(one)]
    if arrived:
        raise Failure(
            f"expected no gradient of {what} at {listed(list(chosen))}, "
            f"received one for {len(arrived)}: {listed(arrived)}",
            "`stop_gradient` lets no gradient through; `trainable = False` freezes a layer's weights.",
        )


def expect_gradients_close(
    found: Any,
    expected: Any,
    what: str = "the gradient",
    *,
    rtol: float | None = None,
    atol: float | None = None,
    hint: str = "",
) -> None:
    """Expect the right gradients.

    Example: `expect_gradients_close(layer.gradients_of(x, c).weights, {"kernel": x.T @ c, "bias": c.sum(axis=0)})`

    Args:
        found: `Gradients`, a dict by path, a list for inputs, or an array.
        expected: The right ones in the same form; a dict's keys are ends of paths, and all it has is compared. Where it
            has None, none may arrive.
        what: What is compared, for the message.
        rtol: Relative tolerance; chosen by dtype when None.
        atol: Absolute tolerance; chosen by dtype and size when None.
        hint: What to try.

    Raises:
        Failure: One is missing or differs.
    """
    named = by_name(found)
    try:
        right = by_name(expected)
    except Failure as mistake:
        raise CheckError(f"the check's own answer for {what} should be gradients: {mistake.message}") from None
    for name, answer in right.items():
        matching = [path for path in named if path == name or ends_with(path, name)]
        label = f"{what} of {name}" if name else what
        if len(matching) > 1:
            raise CheckError(f"expected one gradient for {name!r}, found {len(matching)}: {listed(matching)}")
        gradient = named[matching[0]] if matching else None
        if answer is None:
            expect_no_gradient({name: gradient}, what=what)
        elif gradient is None:
            raise Failure(
                f"expected {label} to be an array of shape {np.shape(answer)}, received none", hint or CUT_OFF
            )
        else:
            expect_close(gradient, answer, label, rtol=rtol, atol=atol, hint=hint)


def expect_gradient_norm_at_most(
    gradients: Any, norm: float, what: str = "the gradients", *, each: bool = False
) -> None:
    """Expect gradients that were clipped to a norm (Pascanu, Mikolov & Bengio 2013).

    All zeros pass: hold them against the right ones too, with `expect_gradients_close`.

    Example: `expect_gradient_norm_at_most(student.call("clip", gradients, 1.0), 1.0)`

    Args:
        gradients: `Gradients`, a dict by path, a list, or an array.
        norm: The largest Euclidean norm allowed.
        what: What was clipped, for the message.
        each: Whether each gradient has a norm of its own, rather than all of them one together.

    Raises:
        Failure: The norm is larger, or there is nothing finite to take a norm of.
    """
    named = {name: one for name, one in by_name(gradients).items() if one is not None}
    if not named:
        raise Failure(f"expected {what} to be arrays, received none")
    norms = {name: float(np.linalg.norm(expect_finite(one, f"{what} of {name}"))) for name, one in named.items()}
    whole = {"all together": math.hypot(*norms.values())}
    for name, length in (norms if each else whole).items():
        if length > norm * (1 + 1e-4):  # room for arithmetic in float32
            raise Failure(f"expected {what} ({name}) to have a norm of at most {norm:g}, received {length:.4g}")


def by_name(gradients: Any) -> dict[str, Any]:
    """Gradients by path; those of inputs as "input 0" and so on, a single one as "".

    Raises:
        Failure: They are no gradients.
    """
    if isinstance(gradients, Gradients):
        return {**by_name(gradients.inputs), **gradients.weights}
    if isinstance(gradients, Mapping):
        return {str(path): one for path, one in gradients.items()}
    if isinstance(gradients, (list, tuple)):
        return {f"input {place}": one for place, one in enumerate(gradients)}
    if isinstance(gradients, (np.ndarray, np.number, int, float)):
        return {"": gradients}
    raise Failure(f"expected gradients (arrays, in a list or a dict), received {received(gradients)}")


def _chosen(named: dict[str, Any], paths: Iterable[str] | None) -> dict[str, Any]:
    if paths is None:
        return named
    wanted = [paths] if isinstance(paths, str) else list(paths)
    return {
        name: one
        for name, one in named.items()
        if any(ends_with(name, path) or f"/{path}/" in f"/{name}" for path in wanted)
    }


def _gradient(name: str) -> str:
    return f"the gradient of {name[:60]}"


def listed(paths: Sequence[str], most: int = 3) -> str:
    """Write the first few paths, and how many more there are."""
    shown = ", ".join(path[:60] for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"
