"""Gradients of a model's loss on the TensorFlow backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

_GradientTape, _reduce_mean, _convert, _zeros_like = (
    tf.GradientTape,
    tf.reduce_mean,
    tf.convert_to_tensor,
    np.zeros_like,
)


def gradients(model: Any, x: Any, y: Any, loss: Callable[..., Any], training: bool) -> list[Any]:
    """Gradients of the mean loss on `(x, y)`, one per trainable variable in order; None where none arrives."""
    variables = list(model.trainable_variables)
    with _GradientTape() as tape:
        value = _reduce_mean(loss(_convert(y), model(_convert(x), training=training)))
    found = tape.gradient(value, [variable.value for variable in variables])
    return [_convert(gradient) if gradient is not None else None for gradient in found]
