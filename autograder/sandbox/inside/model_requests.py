"""What the judge may ask of a Keras layer or model in the student's process."""

from __future__ import annotations

import contextlib
import json
import os
import types
from collections.abc import Iterator
from typing import Any

from kept import Kept, Refused


class ModelRequests:
    """Answers requests about layers and models.

    Args:
        kept: The objects handles stand for.
        namespace: The kernel's user namespace, which has the classes that a saved model may need.
    """

    REQUESTS = (
        *("describe", "layer_classes", "predict", "forward", "weights", "set_weights", "train_step", "fit"),
        *("as_model", "from_config", "save_and_load", "load_model", "configuration", "rebuild"),
    )

    def __init__(self, kept: Kept, namespace: dict[str, Any]) -> None:
        self.kept, self.namespace = kept, namespace
        self.object, self.keras = kept.object, kept.keras

    # asking ------------------------------------------------------------------------------------------------------

    def describe(self, handle: str) -> dict[str, Any]:
        """What the model says of itself: names, shapes, numbers of parameters. Reported, not measured."""
        model = self.object(handle)
        return {
            **_described(model),
            "input_shape": _shape(model, "input_shape"),
            "num_trainable_params": sum(_size(v) for v in getattr(model, "trainable_variables", ())),
            "built": bool(getattr(model, "built", False)),
            "compiled": bool(getattr(model, "compiled", False)),
            "layers": [
                {**_described(layer), "trainable": bool(layer.trainable)} for layer in getattr(model, "layers", ())
            ],
        }

    def layer_classes(self, handle: str) -> list[list[str]]:
        """For each layer inside, nested ones too, the names of its class and of those it inherits from."""
        inside = self.object(handle)._flatten_layers(include_self=False)
        return [[one.__name__ for one in type(layer).__mro__[:-1]] for layer in inside]

    def predict(self, handle: str, x: Any, batch_size: int) -> Any:
        """`model.predict` in batches."""
        return self.object(handle).predict(x, batch_size=batch_size, verbose=0)

    def forward(self, handle: str, inputs: list[Any], training: bool) -> Any:
        """`layer(*inputs, training=...)`."""
        return self.object(handle)(*inputs, training=training)

    def weights(self, handle: str) -> list[list[Any]]:
        """Every weight as [path, trainable, value], in the layer's order."""
        layer = self.object(handle)
        trainable = {id(variable) for variable in layer.trainable_variables}
        return [[path, id(v) in trainable, v] for path, v in zip(paths(layer.weights), layer.weights, strict=False)]

    # changing ----------------------------------------------------------------------------------------------------

    def set_weights(self, handle: str, weights: list[Any]) -> None:
        """Replace every weight, in the layer's order."""
        self.object(handle).set_weights(weights)

    def train_step(self, handle: str, x: Any, y: Any) -> float:
        """One optimiser step on one batch; the loss before it."""
        result = self.object(handle).train_on_batch(x, y)
        first = result[0] if isinstance(result, (list, tuple)) else result
        return float(first)

    def fit(self, handle: str, x: Any, y: Any, epochs: int, batch_size: int, shuffle: bool, compile_with: Any) -> Any:
        """`model.fit`, compiled first when `compile_with` is given; the history by metric."""
        model = self.object(handle)
        if compile_with is not None:
            optimizer = self.keras.optimizers.get(compile_with["optimizer"])
            if compile_with["learning_rate"] is not None:
                optimizer.learning_rate = compile_with["learning_rate"]
            model.compile(optimizer=optimizer, loss=compile_with["loss"], metrics=["accuracy"])
            if self._is_graph(model) and model.trainable_variables:
                optimizer.build(model.trainable_variables)  # TensorFlow traces a step twice that makes variables
        history = model.fit(x, y, epochs=epochs, batch_size=batch_size, shuffle=shuffle, verbose=0)
        return {name: [float(value) for value in values] for name, values in history.history.items()}

    def _is_graph(self, model: Any) -> bool:
        """Whether it is a graph of layers, all called once already, so that it has every weight it will ever have."""
        outputs = getattr(model, "outputs", None)
        return isinstance(outputs, list) and all(isinstance(one, self.keras.KerasTensor) for one in outputs)

    @contextlib.contextmanager
    def in_float64(self) -> Iterator[None]:
        """Have layers compute in float64 that are made meanwhile."""
        if self.keras is None:
            raise Refused("float64 needs Keras, loaded before the notebook began")
        config = self.keras.config
        floatx, policy = config.floatx(), config.dtype_policy()
        config.set_floatx("float64")
        config.set_dtype_policy("float64")
        try:
            yield
        finally:
            config.set_floatx(floatx)
            config.set_dtype_policy(policy)

    # making one from another -------------------------------------------------------------------------------------

    def as_model(self, handle: str, input_shape: tuple[Any, ...], dtype: str | None) -> Any:
        """A model of an input and this very layer, which keeps its weights."""
        return self.keras.Sequential([self.keras.Input(tuple(input_shape), dtype=dtype), self.object(handle)])

    def from_config(self, handle: str) -> Any:
        """A layer of the same class, built anew from the configuration alone."""
        layer = self.object(handle)
        return type(layer).from_config(layer.get_config())

    def save_and_load(self, handle: str) -> Any:
        """The model after a round trip through a `.keras` file on the student's own scratch disk."""
        path = f"/tmp/round-trip-{len(self.kept)}.keras"
        self.object(handle).save(path)
        return self.load_model(path)

    def load_model(self, path: str) -> Any:
        """A model from a file in the student's working folder, with the notebook's own classes at hand."""
        if not os.path.exists(path):
            raise Refused(f"there is no file {path!r} beside the notebook")
        return self.keras.saving.load_model(path, custom_objects=self._own_objects())

    def _own_objects(self) -> dict[str, Any]:
        """The notebook's layers, models and functions, losses and activations among them."""
        layers = (self.keras.layers.Layer, self.keras.Model)
        return {
            name: value
            for name, value in list(self.namespace.items())
            if isinstance(value, types.FunctionType) or (isinstance(value, type) and issubclass(value, layers))
        }

    def configuration(self, handle: str) -> str:
        """The model's configuration as JSON: what it is made of, without a weight."""
        try:
            return str(self.object(handle).to_json())
        except (NotImplementedError, TypeError, ValueError) as error:
            raise Refused(f"the model has no configuration that can be taken out as data: {error}") from error

    def rebuild(self, configuration: str, weights: list[Any]) -> Any:
        """A model from its configuration, made of Keras's own classes only, with these weights."""
        try:
            try:
                model = self.keras.models.model_from_json(configuration)
            except (TypeError, ValueError, ImportError, AttributeError):
                # a loss or a metric of the notebook's own: what the model is made of does not need it
                parts = {name: part for name, part in json.loads(configuration).items() if name != "compile_config"}
                model = self.keras.models.model_from_json(json.dumps(parts))
        except (TypeError, ValueError, ImportError, AttributeError) as error:
            raise Refused(f"the configuration names what Keras itself does not have: {error}") from error
        model.set_weights(weights)
        return model


def paths(variables: Any) -> list[str]:
    """Each variable's path, made unique by a counter where a model repeats one."""
    seen: dict[str, int] = {}
    found = []
    for variable in variables:
        path = str(getattr(variable, "path", variable.name))
        seen[path] = seen.get(path, 0) + 1
        found.append(path if seen[path] == 1 else f"{path}#{seen[path]}")
    return found


def _described(part: Any) -> dict[str, Any]:
    return {
        "name": str(getattr(part, "name", "")),
        "class_name": type(part).__name__,
        "num_params": sum(_size(variable) for variable in getattr(part, "weights", ())),
        "output_shape": _shape(part, "output_shape"),
    }


def _size(variable: Any) -> int:
    size = 1
    for length in variable.shape:
        size *= int(length)
    return size


def _shape(part: Any, attribute: str) -> Any:
    try:
        shape = getattr(part, attribute)
    except (AttributeError, ValueError, RuntimeError, NotImplementedError):
        return None  # a subclassed model that was never called has no shape to tell
    if isinstance(shape, (list, tuple)) and all(n is None or isinstance(n, int) for n in shape):
        return tuple(shape)
    return None
