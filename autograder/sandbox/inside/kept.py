"""Objects that stay in the student's process, and the names by which the judge asks about them."""

from __future__ import annotations

import sys
from typing import Any


class Refused(Exception):
    """The judge asked for something that is not there; the text says what."""


class Unfit(Exception):
    """What the judge asked about does not fit the question; the text says expected and received."""


class Kept:
    """Objects by name. Which of them Keras calls layers and models is decided by its classes as they are now.

    Attributes:
        keras: The module, where it is loaded; None otherwise.
    """

    def __init__(self) -> None:
        self.keras: Any = sys.modules.get("keras")  # captured before student code runs
        self._layer: Any = getattr(self.keras, "Layer", ())
        self._model: Any = getattr(self.keras, "Model", ())
        self._objects: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._objects)

    def handle(self, value: Any) -> dict[str, Any]:
        """Keep `value` here and return the name the judge may use for it."""
        name = f"h{len(self._objects)}"
        self._objects[name] = value
        model, layer = isinstance(value, self._model), isinstance(value, self._layer)
        return {"t": "handle", "id": name, "kind": type(value).__name__[:100], "model": model, "layer": model or layer}

    def object(self, name: str) -> Any:
        """The object behind a handle."""
        try:
            return self._objects[name]
        except KeyError:
            raise Refused(f"no object {name!r} is kept here") from None
