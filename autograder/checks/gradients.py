"""Gradients: does learning reach every weight?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.shapes import expect_model
from autograder.checks.values import expect_finite
from autograder.errors import Failure

# Weights by these names are learned; where one is not trainable, somebody froze it. State that a layer keeps by itself
# (moving averages, counters, seeds) has other names and may stay as it is.
LEARNED_NAMES = frozenset(("kernel", "bias", "gamma", "beta", "embeddings", "depthwise_kernel", "pointwise_kernel"))


def expect_gradients_reach_every_weight(
    model: Any, x: NDArray[Any], y: NDArray[Any], *, loss: str = "sparse_categorical_crossentropy"
) -> None:
    """Expect that every weight can learn: none frozen, and none whose gradient of `loss` is missing or all zero.

    The gradient is taken with `training=False`, where a bias in front of a batch normalisation has one.

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
    gradients = model.gradients(x, y, loss=loss)
    cut_off = []
    for weight in trainable:
        gradient = gradients.get(weight.path)
        if gradient is None or not np.any(expect_finite(gradient, f"the gradient of {weight.path[:60]}")):
            cut_off.append(weight.path)
    if cut_off:
        raise Failure(
            f"expected the loss to have a gradient for every weight, "
            f"received none, or only zeros, for {len(cut_off)} of {len(trainable)}: {listed(cut_off)}",
            "Is the layer's output used? NumPy, rounding and argmax inside a model cut the gradient off.",
        )


def listed(paths: Sequence[str], most: int = 3) -> str:
    """Write the first few paths, and how many more there are."""
    shown = ", ".join(path[:60] for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"
