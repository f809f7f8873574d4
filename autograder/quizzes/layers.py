"""Layers as plain data: how a student reads them, and what the sandbox is given to compute from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

Job = Mapping[str, Any]
"""What the sandbox computes: `{"input": axes, "layers": [...]}` or `{"code": text}`, as JSON has it."""


def digest(job: Job) -> str:
    """What a job's result is kept under: another job, another name."""
    return hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()[:32]


def model_source(axes: Sequence[int | None], layers: Sequence[Mapping[str, Mapping[str, Any]]]) -> str:
    """The layers as Keras code, for students to read.

    Args:
        axes: The shape that goes in, without the batch.
        layers: The layers, as in the file.
    """
    shape = f"({', '.join(map(str, axes))}{',' if len(axes) == 1 else ''})"
    if any(is_attention(layer) for layer in layers):
        lines = [f"{_call(layer)}({'x, x' if is_attention(layer) else 'x'})" for layer in layers]
        return "\n".join([f"x = keras.Input({shape})", *(f"x = {line}" for line in lines)])
    lines = [f"keras.Input({shape})", *(_call(layer) for layer in layers)]
    return "\n".join(["model = keras.Sequential([", *(f"    {line}," for line in lines), "])"])


def is_attention(layer: Mapping[str, Any]) -> bool:
    """Whether the layer takes what it attends to beside what attends: both are the same here."""
    return next(iter(layer)).endswith("Attention")


def _call(layer: Mapping[str, Mapping[str, Any]]) -> str:
    ((name, arguments),) = layer.items()
    given = [
        _argument(value) if key == "layer" and _is_layer(value) else f"{key}={_argument(value)}"
        for key, value in arguments.items()
    ]
    return f"layers.{name}({', '.join(given)})"


def _argument(value: Any) -> str:
    if _is_layer(value):
        return _call(value)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_argument(part) for part in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _is_layer(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value))[:1].isupper()
