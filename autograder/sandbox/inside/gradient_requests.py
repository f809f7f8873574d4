"""What the judge may ask about gradients; the running Keras backend has a module of its own that takes them.

Each of those modules has the same face, one function `pull_back(function, arguments, cotangents, variables, state)`:

- `function` of as many arguments as `arguments` has entries gives a list of output tensors;
- the gradients are those of the sum of output * cotangent over all outputs, or of the mean over the one output where
  `cotangents` is None;
- they come as two lists, one entry per argument and one per variable of `variables`: None where none can arrive (an
  argument that is no array of floats), and where the backend finds no way from it to an output (on JAX: zeros);
- whatever the function assigns to the variables of `state` while it runs is assigned, as in any forward pass.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

from kept import Kept, Refused, Unfit
from model_requests import paths

BACKENDS = {"tensorflow": "gradients_tensorflow", "jax": "gradients_jax", "torch": "gradients_torch"}


class GradientRequests:
    """Answers requests for gradients.

    Args:
        kept: The objects handles stand for.
        named: Gives the student's function of a name.
    """

    REQUESTS = ("gradients", "gradients_of", "chain_gradients", "function_gradients")

    def __init__(self, kept: Kept, named: Callable[[str], Any]) -> None:
        self.object, self.keras, self.named = kept.object, kept.keras, named
        self.backend = _loaded_backend()
        self.tree = self.keras.tree if self.keras is not None else None

    def gradients(self, handle: str, x: Any, y: Any, loss: str, training: bool) -> list[list[Any]]:
        """[path, gradient or None] of the mean loss for every trainable weight."""
        model = self.object(handle)

        def losses(inputs: Any, training: bool) -> Any:
            return self.keras.losses.get(loss)(y, model(inputs, training=training))

        return self._of([model], losses, [x], None, training)[1][0]

    def gradients_of(self, handle: str, inputs: list[Any], cotangent: Any, training: bool) -> list[Any]:
        """[gradients of the inputs, [path, gradient] of the trainable weights] of the sum of output * cotangent."""
        layer = self.object(handle)
        arguments, [found] = self._of([layer], layer, inputs, cotangent, training)
        return [arguments, found]

    def chain_gradients(self, parts: list[Any], inputs: list[Any], cotangent: Any, training: bool) -> list[Any]:
        """[path, gradient] of the trainable weights of each of several layers, each applied to what the last gave."""

        def through_all(*given: Any, training: bool) -> Any:
            outputs = parts[0](*given, training=training)
            for part in parts[1:]:
                outputs = part(outputs, training=training)
            return outputs

        return self._of(parts, through_all, inputs, cotangent, training)[1]

    def function_gradients(self, function: Any, inputs: list[Any], cotangent: Any) -> list[Any]:
        """The gradients of a function's inputs; it is an object of the student's, or its name."""
        called = self.named(function) if isinstance(function, str) else function
        return self._of([], called, inputs, cotangent)[0]

    def _of(
        self, layers: list[Any], function: Callable[..., Any], inputs: list[Any], cotangent: Any, training: Any = None
    ) -> tuple[list[Any], list[list[Any]]]:
        """The gradients of the inputs, nested ones flattened, and of the trainable weights of each layer."""
        if self.backend is None:
            raise Refused("gradients need Keras on TensorFlow, JAX or PyTorch, loaded before the notebook began")
        tree = self.keras.tree
        mode = {} if training is None else {"training": training}
        if not all(part.built for layer in layers for part in layer._flatten_layers()):
            function(*inputs, training=False)  # weights that the first call makes exist from here on
        cotangents = None if cotangent is None else tree.flatten(cotangent)

        def outputs(*flat: Any) -> list[Any]:
            found: list[Any] = tree.flatten(function(*tree.pack_sequence_as(inputs, list(flat)), **mode))
            _expect_tensors(found, cotangents)
            return found

        variables = [list(layer.trainable_variables) for layer in layers]
        state = [variable for layer in layers for variable in layer.non_trainable_variables]
        every = list({id(one): one for part in variables for one in part}.values())  # parts may share some
        arguments, found = self.backend.pull_back(outputs, tree.flatten(inputs), cotangents, every, state)
        gradients = dict(zip(map(id, every), found, strict=True))
        return arguments, [
            [[path, gradients[id(one)]] for path, one in zip(paths(part), part, strict=True)] for part in variables
        ]


def _expect_tensors(outputs: list[Any], cotangents: list[Any] | None) -> None:
    """Expect arrays of numbers of the shapes the judge has made its cotangents for."""
    strange = [one for one in outputs if not hasattr(one, "shape") and not isinstance(one, (int, float))]
    if strange or not outputs:
        received = type(strange[0]).__name__ if strange else "nothing"
        raise Unfit(f"expected tensors to take gradients of, received {received}")
    if cotangents is not None:
        found, wanted = ([tuple(getattr(one, "shape", ())) for one in part] for part in (outputs, cotangents))
        if found != wanted:
            raise Unfit(
                f"expected an output of shape {_listed(wanted)} to take gradients of, received {_listed(found)}"
            )


def _listed(shapes: list[Any]) -> str:
    return " and ".join(str(shape) for shape in shapes)


def load_backend() -> None:
    """Import the gradients of the running Keras backend, in the warm process, while our own folder is importable."""
    if (keras := sys.modules.get("keras")) is not None and keras.backend.backend() in BACKENDS:
        importlib.import_module(BACKENDS[keras.backend.backend()])


def _loaded_backend() -> Any:
    return next((sys.modules[name] for name in BACKENDS.values() if name in sys.modules), None)
