"""How values travel between the agent and the judge: JSON with tensors as raw bytes beside it.

The judge's side of the same format is `autograder/sandbox/wire.py`. Every container is tagged, so that no value of a
student's can be mistaken for a tag: {"t": "list" | "tuple" | "dict" | "tensor" | "handle" | "float", ...}; strings,
booleans, None, finite floats and 64-bit integers stand for themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
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
MAX_DEPTH = 20
MAX_ITEMS = 100_000

# captured before student code can replace them
_ndarray, _generic, _ascontiguousarray, _frombuffer = np.ndarray, np.generic, np.ascontiguousarray, np.frombuffer


class NotPlain(Exception):
    """The value cannot travel as plain data; the caller sends a handle instead."""


def as_array(value: Any) -> np.ndarray | None:
    """A NumPy array of an allowed dtype for arrays, NumPy scalars and backend tensors; None for anything else."""
    if isinstance(value, (_ndarray, _generic)):
        array = _ascontiguousarray(value).view(_ndarray).reshape(np.shape(value))
    elif _is_backend_tensor(value):
        array = _ascontiguousarray(_to_numpy(value)).reshape(tuple(value.shape))
    else:
        return None
    if array.dtype.name == "bfloat16":
        array = array.astype("float32")
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return array if array.dtype.str in TENSOR_DTYPES else None


def _is_backend_tensor(value: Any) -> bool:
    module = type(value).__module__
    return (
        module.startswith(("tensorflow", "keras", "jax", "torch"))
        and hasattr(value, "dtype")
        and hasattr(value, "shape")
    )


def _to_numpy(value: Any) -> Any:
    value = getattr(value, "value", value) if type(value).__module__.startswith("keras") else value
    if (detach := getattr(value, "detach", None)) is not None:  # PyTorch's
        value = detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value  # which NumPy does not know
    to_numpy = getattr(value, "numpy", None)
    return to_numpy() if to_numpy is not None else np.asarray(value)


def encode(value: Any, buffers: list[bytes], handle: Callable[[Any], dict[str, Any]], depth: int = 0) -> Any:
    """`value` as tagged JSON; tensors go to `buffers`, and whatever is not plain data becomes `handle(value)`."""
    if value is None or (isinstance(value, (bool, str)) and type(value) in (bool, str)):
        return value
    if type(value) is int:
        return value if abs(value) < 2**63 else handle(value)
    if type(value) is float:
        return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
    if depth < MAX_DEPTH and type(value) in (list, tuple) and len(value) <= MAX_ITEMS:
        return {"t": type(value).__name__, "v": [encode(item, buffers, handle, depth + 1) for item in value]}
    if depth < MAX_DEPTH and type(value) is dict and len(value) <= MAX_ITEMS:
        return {
            "t": "dict",
            "v": [[encode(part, buffers, handle, depth + 1) for part in pair] for pair in value.items()],
        }
    array = as_array(value)
    if array is None:
        return handle(value)
    buffers.append(array.tobytes())
    return {"t": "tensor", "i": len(buffers) - 1, "dtype": array.dtype.str, "shape": list(array.shape)}


def decode(value: Any, buffers: list[Any], handles: Callable[[str], Any]) -> Any:
    """The inverse, for what the judge sends: trusted input, so no checks here."""
    if not isinstance(value, dict):
        return value
    kind = value["t"]
    if kind == "tensor":
        array = _frombuffer(bytes(buffers[value["i"]]), value["dtype"]).reshape(value["shape"])
        return array.copy()  # writable, as a student expects of an array
    if kind == "float":
        return float(value["v"])
    if kind == "handle":
        return handles(value["id"])
    if kind == "dict":
        return {decode(key, buffers, handles): decode(item, buffers, handles) for key, item in value["v"]}
    items = [decode(item, buffers, handles) for item in value["v"]]
    return tuple(items) if kind == "tuple" else items
