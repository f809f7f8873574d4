"""The inputs a check hands over, as the arguments and arrays they stand for."""

from __future__ import annotations

from typing import Any


def arguments(inputs: Any) -> list[Any]:
    """The arguments `inputs` stands for: those in a tuple, otherwise it is the one argument."""
    return list(inputs) if isinstance(inputs, tuple) else [inputs]


def leaves(inputs: Any) -> list[Any]:
    """Each array or plain value, of nested ones one by one, in Keras's order: that of a dict is its keys'."""
    if isinstance(inputs, dict):
        return [leaf for key in sorted(inputs) for leaf in leaves(inputs[key])]
    return [leaf for part in inputs for leaf in leaves(part)] if isinstance(inputs, (list, tuple)) else [inputs]


def replaced(inputs: Any, place: int, value: Any) -> Any:
    """The same inputs with another value for one of the leaves."""
    if isinstance(inputs, dict):
        keys = sorted(inputs)
        return dict(zip(keys, replaced([inputs[key] for key in keys], place, value), strict=True))
    if not isinstance(inputs, (list, tuple)):
        return value
    parts, begun = [], 0
    for part in inputs:
        end = begun + len(leaves(part))
        parts.append(replaced(part, place - begun, value) if begun <= place < end else part)
        begun = end
    return type(inputs)(parts)
