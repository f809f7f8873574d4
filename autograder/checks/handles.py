"""What stays in the student's process and is asked from outside: objects, and Keras models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from autograder.errors import CheckError, StudentFault
from autograder.sandbox.wire import Kept

if TYPE_CHECKING:
    from autograder.checks.student import Student

Array = np.ndarray[Any, Any]


class LayerDescription(TypedDict):
    """One layer as the model tells it; `output_shape` is None where Keras does not know it."""

    name: str
    class_name: str
    trainable: bool
    num_params: int
    output_shape: tuple[int | None, ...] | None


class ModelDescription(TypedDict):
    """A model as it tells of itself: evidence of the kind "reported"."""

    name: str
    class_name: str
    input_shape: tuple[int | None, ...] | None
    output_shape: tuple[int | None, ...] | None
    num_params: int
    num_trainable_params: int
    built: bool
    compiled: bool
    layers: list[LayerDescription]


@dataclass(frozen=True)
class Weight:
    """One weight of a model: its path, whether training changes it, its value."""

    path: str
    trainable: bool
    value: Array


class Handle:
    """An object that stayed in the student's process.

    Attributes:
        kind: Its class's name, by its own account.
        kept: Its name on the wire.
    """

    def __init__(self, student: Student, kept: Kept) -> None:
        self._student, self.kept, self.kind = student, kept, kept.kind

    def call(self, method: str = "__call__", /, *args: Any, **kwargs: Any) -> Any:
        """Call one of its methods; without a name, the object itself."""
        return self._student._ask("call_method", handle=self.kept.id, method=method, args=list(args), kwargs=kwargs)

    def get(self, attribute: str) -> Any:
        """One of its attributes."""
        return self._student._ask("attribute", handle=self.kept.id, name=attribute)

    def _request(self, request: str, **arguments: Any) -> Any:
        return self._student._ask(request, handle=self.kept.id, **arguments)

    def __repr__(self) -> str:
        """Name it as a message to the student would."""
        return f"<{self.kind} in the notebook>"


class Model(Handle):
    """A Keras model in the student's process. Arrays go in and come out; the model stays."""

    def __call__(self, x: Array, training: bool = False) -> Any:
        """`model(x, training=training)`: one forward pass."""
        return self._request("forward", x=x, training=training)

    def predict(self, x: Array, batch_size: int = 32) -> Any:
        """`model.predict(x)`: outputs for all of `x`, of shape (len(x), ...)."""
        return self._request("predict", x=x, batch_size=batch_size)

    def describe(self) -> ModelDescription:
        """Names, shapes and numbers of parameters as the model tells them (evidence: reported)."""
        found = self._request("describe")
        if not isinstance(found, dict) or not isinstance(found.get("layers"), list):
            raise StudentFault(f"expected a model's description, received {kind_of(found)}")
        return found  # type: ignore[return-value]

    def weights(self) -> list[Weight]:
        """Every weight in the model's order."""
        return [
            Weight(str(path), bool(trainable), _array(value, f"weight {path}"))
            for path, trainable, value in _entries(self._request("weights"), 3)
        ]

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Replace every weight, in the model's order."""
        self._request("set_weights", weights=list(weights))

    def gradients(
        self, x: Array, y: Array, loss: str = "sparse_categorical_crossentropy", training: bool = False
    ) -> dict[str, Array | None]:
        """Gradient of the mean loss for every trainable weight by path; None where none arrives."""
        found = _entries(self._request("gradients", x=x, y=y, loss=loss, training=training), 2)
        return {str(path): None if value is None else _array(value, f"gradient of {path}") for path, value in found}

    def train_step(self, x: Array, y: Array) -> float:
        """One step of the model's own optimiser on one batch; the loss before the step."""
        return _number(self._request("train_step", x=x, y=y), "loss")

    def fit(
        self,
        x: Array,
        y: Array,
        epochs: int = 1,
        batch_size: int = 32,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        loss: str | None = None,
        shuffle: bool = True,
    ) -> dict[str, list[float]]:
        """Train inside the sandbox and return the history by metric.

        With `loss`, the model is compiled first (with `optimizer`, "adam" unless named); without it, the model's own
        compilation is used.
        """
        if loss is None and (optimizer is not None or learning_rate is not None):
            raise CheckError("expected loss= together with optimizer= or learning_rate=, received no loss")
        compile_with = None
        if loss is not None:
            compile_with = {"optimizer": optimizer or "adam", "learning_rate": learning_rate, "loss": loss}
        found = self._request(
            "fit", x=x, y=y, epochs=epochs, batch_size=batch_size, shuffle=shuffle, compile_with=compile_with
        )
        if not isinstance(found, dict):
            raise StudentFault(f"expected a training history, received {kind_of(found)}")
        return {str(name): [_number(value, str(name)) for value in _list(values)] for name, values in found.items()}

    def save_and_load(self) -> Model:
        """The model after a round trip through a `.keras` file, made and read inside the sandbox."""
        return self._student._a_model(self._request("save_and_load"))


def kind_of(value: Any) -> str:
    """What a message calls a value of the wrong kind."""
    return f"a {value.kind}" if isinstance(value, Handle) else f"a {type(value).__name__}"


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise StudentFault(f"expected a list, received {kind_of(value)}")
    return value


def _entries(value: Any, length: int) -> list[list[Any]]:
    entries = _list(value)
    if any(not isinstance(entry, list) or len(entry) != length for entry in entries):
        raise StudentFault(f"expected entries of {length} parts from the model, received something else")
    return entries


def _array(value: Any, what: str) -> Array:
    if not isinstance(value, np.ndarray):
        raise StudentFault(
            f"expected {what} to be an array, received {kind_of(value)}",
            untold="expected every part of the model to be an array, received something else",
        )
    return value


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise StudentFault(f"expected a number as {what}, received {kind_of(value)}")
    return float(value)
