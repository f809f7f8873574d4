"""Structure: what a layer or model is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.checks.shapes import Shape, expect_model, fits, words
from autograder.checks.values import received
from autograder.errors import CheckError, Failure
from autograder.sandbox.wire import TENSOR_DTYPES

if TYPE_CHECKING:
    from autograder.checks.handles import Layer, Weight

NOT_BUILT = "A layer makes its weights when it is first called: call it on one batch, or begin with `keras.Input`."


def expect_layer(value: Any, what: str = "the result") -> Layer:
    """Expect a Keras layer (every model is one) and return it.

    Example: `layer = expect_layer(student.call("MyDense", 4), "MyDense(4)")`

    Raises:
        Failure: The student's code gave something else.
    """
    if not callable(value) or not all(callable(getattr(value, name, None)) for name in ("weights", "set_weights")):
        hint = "Does its class inherit from `keras.layers.Layer`, and is an object of it returned, not the class?"
        raise Failure(f"expected {what} to be a Keras layer, received {received(value)}", hint)
    layer: Layer = value
    return layer


def expect_weight_shapes(
    layer: Any, shapes: Mapping[str, Shape] | Sequence[Shape], what: str = "the layer", *, trainable: bool | None = None
) -> None:
    """Expect a built layer to have weights of these shapes, each of them once, and no others.

    Example: `expect_weight_shapes(layer, {"kernel": (3, 4), "bias": (4,)}, "MyDense(4)")`

    Args:
        layer: The student's layer or model.
        shapes: By the end of each weight's path ("kernel", or "query/kernel"); or shapes alone, in any order, where
            names are the student's to choose. None stands for any length.
        what: What has these weights, for the message.
        trainable: True looks only at the weights that training changes, False only at the others.

    Raises:
        Failure: A weight is missing, has another shape, or is there without being asked for.
    """
    weights = [one for one in expect_layer(layer, what).weights() if trainable in (None, one.trainable)]
    if shapes and not weights:
        raise Failure(f"expected {what} to have {len(shapes)} weights, received none", NOT_BUILT)
    if isinstance(shapes, Mapping):
        _expect_named(weights, shapes, what)
        return
    left, missing = [np.shape(weight.value) for weight in weights], []
    for shape in sorted(shapes, key=lambda one: sum(length is None for length in one)):  # the pickiest choose first
        found = next((one for one in left if fits(one, shape)), None)
        left.remove(found) if found is not None else missing.append(words(shape))
    if missing or left:
        raise Failure(
            f"expected {what} to have weights of the shapes {', '.join(words(shape) for shape in shapes) or 'none'}, "
            f"received {', '.join(str(np.shape(weight.value)) for weight in weights)[:200]}",
            "Is each weight made once, in `build` or in `__init__`, and kept as an attribute of the layer?",
        )


def _expect_named(weights: Sequence[Weight], shapes: Mapping[str, Shape], what: str) -> None:
    found: dict[str, list[Weight]] = {name: [] for name in shapes}
    for weight in weights:
        names = [name for name in shapes if ends_with(weight.path, name)]
        if not names:
            wanted = f"the weights {', '.join(shapes)} and no others" if shapes else "no weights"
            raise Failure(f"expected {what} to have {wanted}, received one more: {weight.path[:60]}")
        found[max(names, key=len)].append(weight)
    for name, shape in shapes.items():
        if len(found[name]) != 1:
            paths = ", ".join(weight.path[:60] for weight in weights[:6])
            raise Failure(
                f"expected {what} to have one weight called {name}, received {len(found[name])} (its weights: {paths})",
                "`self.add_weight(..., name=...)` gives a weight its name; is it made once?",
            )
        if not fits(np.shape(found[name][0].value), shape):
            raise Failure(
                f"expected {what}'s weight {name} to have shape {words(shape)}, "
                f"received {np.shape(found[name][0].value)}"
            )


def ends_with(path: str, name: str) -> bool:
    """Whether a path ends with whole parts `name`, not counting the number that tells repeated paths apart."""
    return f"/{path.split('#')[0]}".endswith(f"/{name}")


def expect_num_params(model: Any, exactly: int, what: str = "the model", *, trainable: bool | None = None) -> None:
    """Expect a built layer or model with so many numbers in its weights.

    Example: `expect_num_params(model, 4 * 8 + 8)`

    Args:
        model: The student's layer or model.
        exactly: How many, of weights that training changes and others together.
        what: What has them, for the message.
        trainable: True counts only the weights that training changes, False only the others.

    Raises:
        Failure: It has more or fewer.
    """
    weights = [one for one in expect_layer(model, what).weights() if trainable in (None, one.trainable)]
    counted = sum(int(np.size(weight.value)) for weight in weights)
    if counted != exactly:
        kind = {None: "", True: "trainable ", False: "non-trainable "}[trainable]
        sizes = ", ".join(f"{weight.path[:60]} {np.shape(weight.value)}" for weight in weights[:6])
        raise Failure(
            f"expected {what} to have {exactly:,} {kind}parameters, received {counted:,}"
            + (f" ({sizes}{', ...' if len(weights) > 6 else ''})" if weights else ""),
            "" if weights else NOT_BUILT,
        )


def expect_num_params_at_most(model: Any, most: int) -> None:
    """Expect a built model with at most `most` weights in all, trainable or not.

    Both what the model says and the weights it really hands over are counted.

    Example: `expect_num_params_at_most(student.rebuild(model), 50_000)`

    Raises:
        Failure: It has more, or none at all.
    """
    model = expect_model(model, "this")
    said = model.describe().get("num_params")
    if not isinstance(said, int) or isinstance(said, bool) or said < 0:
        raise Failure(f"expected the model to tell how many weights it has, received {received(said)}")
    counted = said
    if said <= most:
        counted = max(said, sum(int(np.size(weight.value)) for weight in model.weights()))
    if counted > most:
        raise Failure(
            f"expected at most {most:,} weights, received {counted:,}",
            "`model.summary()` says which layer holds most of them; often it is the first dense one.",
        )
    if counted == 0:
        raise Failure(
            "expected a model with weights, received one without any",
            "A model is built once it has seen an input shape: begin with `keras.Input`, or call it on one batch.",
        )


def expect_layers(
    model: Any, present: Sequence[str] = (), absent: Sequence[str] = (), what: str = "the model", *, hint: str = ""
) -> None:
    """Expect layers of some classes in a model and none of others, nested ones and subclasses included.

    What the notebook's process says of a model is all this looks at: declare the check `evidence="reported"`, or ask
    `student.rebuild(model)` and declare it "recomputed". Where behaviour shows the difference, look at behaviour.

    Example: `expect_layers(model, present=["Conv2D"], absent=["Flatten"])`

    Args:
        model: The student's model or layer.
        present: Names of Keras classes, each of which has to be there.
        absent: Names of Keras classes that must not be there.
        what: What is made of them, for the message.
        hint: What to try.

    Raises:
        Failure: Names the class that is missing or there.
    """
    classes = expect_layer(model, what).layer_classes()
    every = {name for names in classes for name in names}
    made_of = ", ".join(dict.fromkeys(names[0][:40] for names in classes if names)) or "no layers"
    for name in present:
        if name not in every:
            raise Failure(
                f"expected {what} to have a layer of class {name}, received one made of {made_of[:200]}", hint
            )
    for name in absent:
        if name in every:
            raise Failure(f"expected {what} to do without {name}, received one made of {made_of[:200]}", hint)


def expect_dtype(value: Any, dtype: str, what: str = "the result") -> None:
    """Expect an array of this dtype, or a layer whose weights all have it.

    bfloat16 cannot be told from float32 here: it travels as such.

    Example: `expect_dtype(layer(x), "float64", "the layer's output under the policy float64")`

    Raises:
        Failure: It has another one, or is neither.
        CheckError: There is no such dtype: a mistake in the check.
    """
    if dtype not in (names := sorted(np.dtype(one).name for one in TENSOR_DTYPES)):
        raise CheckError(f"expected one of the dtypes {', '.join(names)}, received {dtype!r}")
    wanted = np.dtype(dtype)
    if callable(getattr(value, "weights", None)):
        weights = expect_layer(value, what).weights()
        if not weights:
            raise Failure(f"expected {what} to have weights of dtype {wanted}, received no weights", NOT_BUILT)
        for weight in weights:
            expect_dtype(weight.value, dtype, f"{what}'s weight {weight.path[:60]}")
    elif not isinstance(value, (np.ndarray, np.generic)):
        raise Failure(f"expected {what} to be an array of dtype {wanted}, received {received(value)}")
    elif value.dtype != wanted:
        raise Failure(
            f"expected {what} to have dtype {wanted}, received {value.dtype}",
            "A constant of another dtype, such as NumPy's default float64, decides on what it is combined with.",
        )
