"""The agent: the only code of ours inside a student's kernel. It answers the judge's requests and holds no secret.

A request is a Jupyter message of type `autograder_request` on the shell channel, its reply one of type
`autograder_reply` to the asker alone: nothing is broadcast, nothing is pickled, no file is shared. What an answer is
worth is the judge's business: everything in this process belongs to the student's code.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import random
import sys
import traceback
from typing import Any

import encoding
from originals import Originals

REQUEST, REPLY = "autograder_request", "autograder_reply"
MAX_TEXT = 2000
GRADIENTS = "gradients_tensorflow"


class Refused(Exception):
    """The judge asked for something that is not there; the text says what."""


class _Nowhere(io.TextIOBase):
    """Swallows what student code prints while it answers: hidden inputs must not come out in the notebook."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


class Agent:
    """Answers requests about the objects in the student's namespace.

    Args:
        namespace: The kernel's user namespace.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.objects: dict[str, Any] = {}
        self.keras: Any = sys.modules.get("keras")  # captured before student code runs
        self.numpy: Any = sys.modules.get("numpy")
        self.gradient: Any = sys.modules.get(GRADIENTS) if self.keras is not None else None
        self.originals: Originals | None = None  # those of a kernel, once it has one
        self.not_restored = ""

    # handles -----------------------------------------------------------------------------------------------------

    def handle(self, value: Any) -> dict[str, Any]:
        """Keep `value` here and return the name the judge may use for it."""
        name = f"h{len(self.objects)}"
        self.objects[name] = value
        is_model = self.keras is not None and isinstance(value, self.keras.Model)
        return {"t": "handle", "id": name, "kind": type(value).__name__[:100], "model": is_model}

    def object(self, name: str) -> Any:
        """The object behind a handle."""
        try:
            return self.objects[name]
        except KeyError:
            raise Refused(f"no object {name!r} is kept here") from None

    # requests: functions and values ------------------------------------------------------------------------------

    def ping(self) -> str:
        """Answer, to show that the kernel is idle and alive."""
        return "pong"

    def restore(self) -> list[str]:
        """Names tests rely on that the notebook has redefined; the rest was put back before this was called."""
        if self.originals is None or self.not_restored:
            raise Refused(f"not everything could be put back: {self.not_restored}")
        return self.originals.hidden()

    def seed(self, seed: int) -> None:
        """Fix the seeds of Python, NumPy and Keras."""
        random.seed(seed)
        if self.numpy is not None:
            self.numpy.random.seed(seed)
        if self.keras is not None:
            self.keras.utils.set_random_seed(seed)

    def call(self, function: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call the student's function (or class) of that name."""
        return self._named(function)(*args, **kwargs)

    def value(self, name: str) -> Any:
        """The value of a name in the student's notebook."""
        return self._named(name)

    def has(self, name: str) -> bool:
        """Whether the student's notebook defines the name."""
        return name in self.namespace

    def call_method(self, handle: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a method of a kept object; "__call__" calls the object itself."""
        kept = self.object(handle)
        return (kept if method == "__call__" else getattr(kept, method))(*args, **kwargs)

    def attribute(self, handle: str, name: str) -> Any:
        """An attribute of a kept object."""
        return getattr(self.object(handle), name)

    def _named(self, name: str) -> Any:
        if name not in self.namespace:
            raise Refused(f"the notebook does not define `{name}`")
        return self.namespace[name]

    # requests: models --------------------------------------------------------------------------------------------

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

    def predict(self, handle: str, x: Any, batch_size: int) -> Any:
        """`model.predict` in batches."""
        return self.object(handle).predict(x, batch_size=batch_size, verbose=0)

    def forward(self, handle: str, x: Any, training: bool) -> Any:
        """`model(x, training=...)`."""
        return self.object(handle)(x, training=training)

    def weights(self, handle: str) -> list[list[Any]]:
        """Every weight as [path, trainable, value], in the model's order."""
        model = self.object(handle)
        trainable = {id(variable) for variable in model.trainable_variables}
        return [[path, id(v) in trainable, v] for path, v in zip(_paths(model.weights), model.weights, strict=False)]

    def set_weights(self, handle: str, weights: list[Any]) -> None:
        """Replace every weight, in the model's order."""
        self.object(handle).set_weights(weights)

    def gradients(self, handle: str, x: Any, y: Any, loss: str, training: bool) -> list[list[Any]]:
        """[path, gradient or None] of the mean loss for every trainable weight."""
        model = self.object(handle)
        if self.gradient is None:
            raise Refused("gradients need the TensorFlow backend of Keras; another backend is running here")
        found = self.gradient.gradients(model, x, y, self.keras.losses.get(loss), training)
        return [list(pair) for pair in zip(_paths(model.trainable_variables), found, strict=False)]

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
        history = model.fit(x, y, epochs=epochs, batch_size=batch_size, shuffle=shuffle, verbose=0)
        return {name: [float(value) for value in values] for name, values in history.history.items()}

    def save_and_load(self, handle: str) -> Any:
        """The model after a round trip through a `.keras` file on the student's own scratch disk."""
        path = f"/tmp/round-trip-{len(self.objects)}.keras"
        self.object(handle).save(path)
        return self.load_model(path)

    def load_model(self, path: str) -> Any:
        """A model from a file in the student's working folder, with the notebook's own classes at hand."""
        if not os.path.exists(path):
            raise Refused(f"there is no file {path!r} beside the notebook")
        layers = (self.keras.layers.Layer, self.keras.Model)
        classes = {n: v for n, v in list(self.namespace.items()) if isinstance(v, type) and issubclass(v, layers)}
        return self.keras.saving.load_model(path, custom_objects=classes)

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

    # answering ---------------------------------------------------------------------------------------------------

    REQUESTS = frozenset(
        (
            "ping",
            "restore",
            "seed",
            "call",
            "value",
            "has",
            "call_method",
            "attribute",
            "describe",
            "predict",
            "forward",
            "weights",
            "set_weights",
            "gradients",
            "train_step",
            "fit",
            "save_and_load",
            "load_model",
            "configuration",
            "rebuild",
        )
    )

    def answer(self, content: dict[str, Any], buffers: list[Any]) -> tuple[dict[str, Any], list[bytes]]:
        """The reply to one request: `{"id", "ok"}` or `{"id", "error"}`, and its tensors."""
        reply: dict[str, Any] = {"id": content.get("id")}
        out: list[bytes] = []
        try:
            request = content["request"]
            if request not in self.REQUESTS:
                raise Refused(f"no request {request!r}")
            arguments = {
                name: encoding.decode(value, buffers, self.object) for name, value in content["arguments"].items()
            }
            nowhere = _Nowhere()
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                result = getattr(self, request)(**arguments)
                reply["ok"] = encoding.encode(result, out, self.handle)
        except Refused as error:
            reply["error"] = {"kind": "refused", "name": "", "text": str(error)[:MAX_TEXT], "line": None}
        except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of student code included
            out.clear()
            reply["error"] = {
                "kind": "raised",
                "name": type(error).__name__[:100],
                "text": _text(error),
                "line": _line_in_notebook(error),
            }
        return reply, out


def install(kernel: Any, namespace: dict[str, Any]) -> Agent:
    """Have `kernel` answer the judge's requests about `namespace`."""
    agent = Agent(namespace)
    session = kernel.session

    def on_request(stream: Any, identity: Any, message: dict[str, Any]) -> None:
        if message["content"].get("request") == "restore":
            # before anything else is called, which may have been changed too
            agent.not_restored = originals.restore()
        reply, buffers = agent.answer(message["content"], message.get("buffers") or [])
        session.send(stream, REPLY, reply, parent=message, ident=identity, buffers=buffers)

    kernel.shell_handlers[REQUEST] = on_request
    agent.originals = originals = Originals(kernel)
    return agent


def load_backend() -> None:
    """Import the gradients of the running Keras backend, in the warm process, while our own folder is importable."""
    if "tensorflow" in sys.modules:
        importlib.import_module(GRADIENTS)


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


def _paths(variables: Any) -> list[str]:
    """Each variable's path, made unique by a counter where a model repeats one."""
    seen: dict[str, int] = {}
    paths = []
    for variable in variables:
        path = str(getattr(variable, "path", variable.name))
        seen[path] = seen.get(path, 0) + 1
        paths.append(path if seen[path] == 1 else f"{path}#{seen[path]}")
    return paths


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except BaseException:  # noqa: BLE001 - a student's exception may refuse to be printed
        return "(the exception has no readable text)"


def _line_in_notebook(error: BaseException) -> int | None:
    """The line, within its cell, where student code raised last."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if "ipykernel_" in frame.filename]
    return lines[-1] if lines else None
