"""What comes back from the student's process, read as what it should be, or a fault of the student's that says so."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.errors import StudentFault

Array = np.ndarray[Any, Any]


def kind_of(value: Any) -> str:
    """What a message calls a value of the wrong kind."""
    kind = getattr(value, "kind", None)
    return f"a {kind if isinstance(kind, str) else type(value).__name__}"


def list_of(value: Any) -> list[Any]:
    """Expect a list."""
    if not isinstance(value, list):
        raise StudentFault(f"expected a list, received {kind_of(value)}")
    return value


def entries(value: Any, length: int) -> list[list[Any]]:
    """Expect a list of lists of `length` parts."""
    found = list_of(value)
    if any(not isinstance(entry, list) or len(entry) != length for entry in found):
        raise StudentFault(f"expected entries of {length} parts from the model, received something else")
    return found


def array(value: Any, what: str) -> Array:
    """Expect an array; `what` may name a path of the student's making."""
    if not isinstance(value, np.ndarray):
        raise StudentFault(
            f"expected {what} to be an array, received {kind_of(value)}",
            untold="expected every part of the model to be an array, received something else",
        )
    return value


def number(value: Any, what: str) -> float:
    """Expect a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise StudentFault(f"expected a number as {what}, received {kind_of(value)}")
    try:
        return float(value)
    except OverflowError:
        raise StudentFault(f"expected a number as {what}, received one of hundreds of digits") from None


def gradients_by_path(value: Any) -> dict[str, Array | None]:
    """Expect the gradient of each weight by path, None where none arrives."""
    return {
        str(path): None if gradient is None else array(gradient, f"gradient of {path}")
        for path, gradient in entries(value, 2)
    }


def gradients_in_order(value: Any, how_many: int) -> list[Array | None]:
    """Expect a gradient for each of so many inputs, None where none arrives."""
    found = list_of(value)
    if len(found) != how_many:
        raise StudentFault(f"expected gradients for {how_many} inputs, received {len(found)}")
    return [None if one is None else array(one, f"gradient of input {place}") for place, one in enumerate(found)]
