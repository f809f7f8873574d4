"""The judge's side of the wire: what a student's process says is untrusted, and becomes plain, checked values here.

The same format as `inside/encoding.py`, which runs in the student's process. Tensors arrive as raw bytes beside the
JSON: dtype from an allow-list, shape of non-negative integers, exactly as many bytes as they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

TENSOR_DTYPES = frozenset(
    np.dtype(name).str
    for name in (
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
    )
)
MAX_DEPTH = 32
MAX_TEXT = 100_000
MAX_DIMENSIONS = 16


class Malformed(ValueError):
    """A reply that does not keep to the format: the student's process was tampered with."""


@dataclass(frozen=True)
class Kept:
    """An object that stayed in the student's process: its name there, its class, what Keras calls it.

    Attributes:
        id: Its name on the wire.
        kind: The name of its class.
        is_model: Whether Keras calls it a model.
        is_layer: Whether Keras calls it a layer, which every model is.
    """

    id: str
    kind: str
    is_model: bool
    is_layer: bool


def encode(value: Any, buffers: list[bytes]) -> Any:
    """A value of ours as tagged JSON, its arrays in `buffers`. Objects with a `kept` attribute travel by name.

    Raises:
        TypeError: The value cannot travel; a mistake in the check that sends it.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.ascontiguousarray(value)
        if array.dtype.str not in TENSOR_DTYPES:
            raise TypeError(f"expected an array of numbers or booleans to send, received dtype {array.dtype}")
        buffers.append(array.tobytes())
        return {"t": "tensor", "i": len(buffers) - 1, "dtype": array.dtype.str, "shape": list(np.shape(value))}
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"t": "float", "v": repr(float(value))}
    if isinstance(value, (list, tuple)):
        return {"t": "tuple" if isinstance(value, tuple) else "list", "v": [encode(item, buffers) for item in value]}
    if isinstance(value, dict):
        return {"t": "dict", "v": [[encode(key, buffers), encode(item, buffers)] for key, item in value.items()]}
    if isinstance(kept := getattr(value, "kept", None), Kept):
        return {"t": "handle", "id": kept.id}
    raise TypeError(f"expected a plain value, an array or a handle to send, received {type(value).__name__}")


def decode(value: Any, buffers: Sequence[Any], keep: Callable[[Kept], Any]) -> Any:
    """A checked value from a reply; objects that stayed behind become `keep(Kept)`.

    Raises:
        Malformed: The reply breaks the format.
    """
    return _decoded(value, list(buffers), keep, 0)


def _decoded(value: Any, buffers: list[Any], keep: Callable[[Kept], Any], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise Malformed("nested too deeply")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Malformed("a bare infinite number")
        return value
    if not isinstance(value, dict):
        raise Malformed(f"an untagged {type(value).__name__}")
    kind, content = value.get("t"), value.get("v")
    if kind == "tensor":
        return _tensor(value, buffers)
    if kind == "handle":
        return keep(_kept(value))
    if kind == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if kind in ("list", "tuple") and isinstance(content, list):
        items = [_decoded(item, buffers, keep, depth + 1) for item in content]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict" and isinstance(content, list):
        return _dictionary(content, buffers, keep, depth)
    raise Malformed(f"an unknown tag {str(kind)[:40]!r}")


def _dictionary(pairs: list[Any], buffers: list[Any], keep: Callable[[Kept], Any], depth: int) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise Malformed("a dictionary entry that is no pair")
        key, item = (_decoded(part, buffers, keep, depth + 1) for part in pair)
        if not isinstance(key, (str, int, float, bool, tuple, type(None))):
            raise Malformed(f"a dictionary key of type {type(key).__name__}")
        try:
            found[key] = item
        except TypeError as error:
            raise Malformed("a dictionary key that cannot be one") from error
    return found


def _kept(value: dict[str, Any]) -> Kept:
    name, kind, is_model, is_layer = (value.get(key) for key in ("id", "kind", "model", "layer"))
    if not (isinstance(name, str) and isinstance(kind, str)):
        raise Malformed("a handle without name or kind")
    if not (isinstance(is_model, bool) and isinstance(is_layer, bool)) or (is_model and not is_layer):
        raise Malformed("a handle of something that cannot be")
    return Kept(name[:100], kind[:100], is_model, is_layer)


def _tensor(value: dict[str, Any], buffers: list[Any]) -> np.ndarray[Any, Any]:
    index, dtype, shape = value.get("i"), value.get("dtype"), value.get("shape")
    if not isinstance(dtype, str) or dtype not in TENSOR_DTYPES:
        raise Malformed(f"a tensor of dtype {str(dtype)[:40]!r}")
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise Malformed("a tensor without a shape")
    if any(not isinstance(n, int) or isinstance(n, bool) or n < 0 for n in shape):
        raise Malformed("a tensor whose shape is not made of lengths")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(buffers):
        raise Malformed("a tensor without its bytes")
    if buffers[index] is None:  # a list of one tensor a thousand times would become a thousand copies in a check
        raise Malformed("a tensor whose bytes are another's")
    raw, buffers[index] = memoryview(buffers[index]).cast("B"), None
    if raw.nbytes != math.prod(shape) * np.dtype(dtype).itemsize:
        raise Malformed("a tensor whose bytes do not fit its shape")
    try:
        return np.frombuffer(raw, dtype).reshape(shape)
    except ValueError as error:  # an empty tensor of lengths that no array can have
        raise Malformed("a tensor of an impossible shape") from error
