"""Serialisation: does a layer or model survive being saved, or made anew from its configuration?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.checks.arguments import arguments
from autograder.checks.handles import Handle
from autograder.checks.shapes import expect_model
from autograder.checks.structure import expect_layer
from autograder.checks.values import expect_close, expect_finite, received
from autograder.errors import Failure


def expect_same_after_saving(model: Any, x: Any, what: str = "the model") -> None:
    """Expect the same outputs from a model that was saved to a `.keras` file and loaded again, inside the sandbox.

    Layers of the student's own are found by their class; what their `get_config` leaves out is missing afterwards.

    Example: `expect_same_after_saving(layer.as_model((8,)), x, "a model with MyDense")`

    Args:
        model: The student's model, one that gives the same outputs twice.
        x: Inputs for `predict`: an array, or a list of arrays.
        what: What is saved, for the message.

    Raises:
        Failure: It cannot be saved or loaded, or gives other outputs.
    """
    model = expect_model(model, what)
    before = model.predict(x)
    again = expect_model(model.save_and_load(), f"{what} after loading").predict(x)
    hint = "Does `get_config` return every argument of `__init__`? Is every weight made by `add_weight` or in a layer?"
    _expect_same_outputs(again, before, f"the output of {what} after saving and loading", hint)


def expect_same_from_config(layer: Any, x: Any, what: str = "the layer", *, attributes: Sequence[str] = ()) -> None:
    """Expect that the configuration says all about a layer: one made from it, with the same weights, does the same.

    Example: `expect_same_from_config(student.call("MyDropout", 0.3), x, attributes=["rate"])`

    Args:
        layer: The student's layer, one that gives the same outputs twice.
        x: Inputs: an array, or a tuple of all arguments. The layer is called with `training=False`.
        what: What is made anew, for the message.
        attributes: Names of attributes that have to be equal as well, for settings that only training shows.

    Raises:
        Failure: It cannot be made, or differs.
    """
    layer = expect_layer(layer, what)
    before = layer(*arguments(x))
    copy = expect_layer(layer.from_config(), f"{what} made from its configuration")
    copy(*arguments(x))
    weights, others = layer.weights(), copy.weights()
    shapes, found = ([np.shape(weight.value) for weight in part] for part in (weights, others))
    hint = "`get_config` returns `{**super().get_config(), ...}` with every argument of `__init__`."
    if shapes != found:
        raise Failure(
            f"expected {what} made from its configuration to have weights of the shapes {shapes}, received {found}",
            hint,
        )
    copy.set_weights([weight.value for weight in weights])
    made = f"{what} made from its configuration"
    _expect_same_outputs(copy(*arguments(x)), before, f"the output of {made}", hint)
    for name in attributes:
        old, new = layer.get(name), copy.get(name)
        if not _alike(old, new):
            raise Failure(f"expected {made} to have {name} = {_brief(old)}, received {_brief(new)}", hint)


def _expect_same_outputs(actual: Any, before: Any, what: str, hint: str) -> None:
    if isinstance(before, (list, tuple)) and before and all(isinstance(part, np.ndarray) for part in before):
        if not isinstance(actual, (list, tuple)) or len(actual) != len(before):
            raise Failure(f"expected {what} to have {len(before)} parts, received {received(actual)}", hint)
        for place, (one, other) in enumerate(zip(actual, before, strict=True)):
            _expect_same_outputs(one, other, f"{what}, part {place}", hint)
        return
    expect_finite(before, f"{what} (before that)")
    expect_close(actual, np.asarray(before), what, hint=hint)


def _alike(old: Any, new: Any) -> bool:
    """Whether two settings are equal; of objects that stayed inside no more is known than their class."""
    if isinstance(old, Handle) or isinstance(new, Handle):
        return received(old) == received(new)
    return type(old) is type(new) and bool(np.array_equal(old, new))


def _brief(value: Any) -> str:
    return str(value)[:40] if isinstance(value, (bool, int, float, str)) or value is None else received(value)
