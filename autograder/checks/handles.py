"""What stays in the student's process and is asked from outside: functions, objects, Keras layers and models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from autograder.checks.arguments import arguments, leaves
from autograder.checks.replies import array, entries, gradients_by_path, gradients_in_order, kind_of, list_of, number
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
    """One weight of a layer: its path, whether training changes it, its value."""

    path: str
    trainable: bool
    value: Array


@dataclass(frozen=True)
class Gradients:
    """Gradients of one number: of a sum of outputs, each times an entry of a cotangent.

    Attributes:
        inputs: One for each input, in order; None where none arrives, as for whole numbers.
        weights: One for each trainable weight by path; None where none arrives.
    """

    inputs: list[Array | None]
    weights: dict[str, Array | None]


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


class Function:
    """A function of the student's by its name, called with arrays and plain values: `student.function("softmax")`.

    Attributes:
        name: Its name in the notebook.
    """

    def __init__(self, student: Student, name: str) -> None:
        self._student, self.name = student, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What `student.call(name, ...)` returns."""
        return self._student.call(self.name, *args, **kwargs)

    def gradients_of(self, inputs: Any, cotangent: Any) -> Gradients:
        """Gradients of sum(function(*inputs) * cotangent) for each input, as `student.gradients_of` gives them."""
        return Gradients(self._student.gradients_of(self.name, inputs, cotangent), {})


class Layer(Handle):
    """A Keras layer in the student's process. Arrays go in and come out; the layer stays."""

    def __call__(self, *inputs: Any, training: bool = False) -> Any:
        """`layer(*inputs, training=training)`: one forward pass, which builds a layer that was never called."""
        return self._request("forward", inputs=list(inputs), training=training)

    def weights(self) -> list[Weight]:
        """Every weight in the layer's order; none while it is not built."""
        return [
            Weight(str(path), bool(trainable), array(value, f"weight {path}"))
            for path, trainable, value in entries(self._request("weights"), 3)
        ]

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Replace every weight, in the layer's order."""
        self._request("set_weights", weights=list(weights))

    def gradients_of(self, inputs: Any, cotangent: Any, training: bool = False) -> Gradients:
        """Gradients of sum(layer(inputs) * cotangent) for each input and each trainable weight.

        Args:
            inputs: An array, or a tuple of all arguments; a list counts as one argument of several arrays.
            cotangent: An array of the output's shape; of several outputs, a list of arrays.
            training: Which of its two modes the layer is in.
        """
        found = self._request("gradients_of", inputs=arguments(inputs), cotangent=cotangent, training=training)
        if not isinstance(found, list) or len(found) != 2:
            raise StudentFault(f"expected gradients of inputs and of weights, received {kind_of(found)}")
        return Gradients(gradients_in_order(found[0], len(leaves(inputs))), gradients_by_path(found[1]))

    def layer_classes(self) -> list[tuple[str, ...]]:
        """For each layer inside, nested ones too, the names of its class and of those it inherits from (reported)."""
        found = list_of(self._request("layer_classes"))
        return [tuple(str(name) for name in list_of(names)) for names in found]

    def as_model(self, input_shape: Sequence[int | None], dtype: str | None = None) -> Model:
        """A model of an input (of this shape, without the batch) and this very layer, whose weights they share."""
        return self._student._a_model(self._request("as_model", input_shape=tuple(input_shape), dtype=dtype))

    def from_config(self) -> Layer:
        """A layer of the same class, built anew by `type(layer).from_config(layer.get_config())`."""
        made = self._request("from_config")
        if not isinstance(made, Layer):
            raise StudentFault(f"expected `from_config` to return a Keras layer, received {kind_of(made)}")
        return made


class Model(Layer):
    """A Keras model in the student's process: a layer that can also predict, be trained and be saved."""

    def predict(self, x: Array, batch_size: int = 32) -> Any:
        """`model.predict(x)`: outputs for all of `x`, of shape (len(x), ...)."""
        return self._request("predict", x=x, batch_size=batch_size)

    def describe(self) -> ModelDescription:
        """Names, shapes and numbers of parameters as the model tells them (evidence: reported)."""
        found = self._request("describe")
        if not isinstance(found, dict) or not isinstance(found.get("layers"), list):
            raise StudentFault(f"expected a model's description, received {kind_of(found)}")
        return found  # type: ignore[return-value]

    def gradients(
        self, x: Array, y: Array, loss: str = "sparse_categorical_crossentropy", training: bool = False
    ) -> dict[str, Array | None]:
        """Gradient of the mean loss for every trainable weight by path; None where none arrives."""
        return gradients_by_path(self._request("gradients", x=x, y=y, loss=loss, training=training))

    def train_step(self, x: Array, y: Array) -> float:
        """One step of the model's own optimiser on one batch; the loss before the step."""
        return number(self._request("train_step", x=x, y=y), "loss")

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
        return {str(name): [number(value, str(name)) for value in list_of(values)] for name, values in found.items()}

    def save_and_load(self) -> Model:
        """The model after a round trip through a `.keras` file, made and read inside the sandbox."""
        return self._student._a_model(self._request("save_and_load"))
