"""Gradients on the TensorFlow backend; gradient_requests.py says what `pull_back` promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

# captured before student code can replace them
_GradientTape, _convert, _cast, _sum, _mean = (
    tf.GradientTape,
    tf.convert_to_tensor,
    tf.cast,
    tf.reduce_sum,
    tf.reduce_mean,
)
_add_n, _float32, _float64, _ndarray = tf.add_n, tf.float32, tf.float64, np.ndarray


def pull_back(
    function: Callable[..., list[Any]], arguments: list[Any], cotangents: list[Any] | None, variables: list[Any], _: Any
) -> tuple[list[Any], list[Any]]:
    """Gradients of the arguments and of the variables."""
    tensors = [_convert(value) if isinstance(value, _ndarray) else value for value in arguments]
    floats = [n for n, value in enumerate(arguments) if isinstance(value, _ndarray) and value.dtype.kind == "f"]
    with _GradientTape() as tape:
        for number in floats:
            tape.watch(tensors[number])
        outputs = [_at_least_float32(_convert(output)) for output in function(*tensors)]
        if cotangents is None:
            value = _mean(outputs[0])
        else:
            # in float64, so that a sum over many numbers adds no error of its own to what is asked about
            pairs = zip(outputs, cotangents, strict=True)
            value = _add_n([_sum(_cast(output, _float64) * _cast(by, _float64)) for output, by in pairs])
    sources = [*(tensors[number] for number in floats), *(variable.value for variable in variables)]
    found = [_convert(one) if one is not None else None for one in tape.gradient(value, sources)]  # lookups are sparse
    of_arguments = dict(zip(floats, found, strict=False))
    return [of_arguments.get(number) for number in range(len(arguments))], found[len(floats) :]


def _at_least_float32(tensor: Any) -> Any:
    return tensor if tensor.dtype in (_float32, _float64) else _cast(tensor, _float32)
