"""Runs in the sandbox: builds models from plain data and runs pieces of code, and says what came of them.

The notebook that runs it has put the jobs into `JOBS` before. It prints one line of JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import numpy

JOBS: dict[str, Any] = globals().get("JOBS", {})


def built(layer: dict[str, Any]) -> Any:
    """The Keras layer that `{"Dense": {"units": 3}}` describes; an argument may be a layer."""
    ((name, arguments),) = layer.items()
    return getattr(keras.layers, name)(**{key: argument(value) for key, value in arguments.items()})


def argument(value: Any) -> Any:
    """An argument of a layer: a list becomes a tuple, a description a layer."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value))[:1].isupper():
        return built(value)
    return tuple(value) if isinstance(value, list) else value


def described(job: dict[str, Any]) -> dict[str, Any]:
    """The output's shape and the numbers of parameters of the layers, one after the other."""
    inputs = outputs = keras.Input(tuple(job["input"]))
    for layer in job["layers"]:
        takes_two = next(iter(layer)).endswith("Attention")
        outputs = built(layer)(*[outputs] * (2 if takes_two else 1))
    model = keras.Model(inputs, outputs)
    counted = {
        "all": model.weights,
        "trainable": model.trainable_weights,
        "frozen": model.non_trainable_weights,
    }
    numbers = {
        name: sum(int(numpy.prod(weight.shape)) for weight in weights if "seed_generator" not in weight.path)
        for name, weights in counted.items()
    }
    return {"shape": list(model.output_shape), **numbers}


def shown(code: str) -> dict[str, str]:
    """What the code prints."""
    keras.utils.set_random_seed(0)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {"__name__": "__main__"})  # noqa: S102 - the author's code, in the sandbox
    return {"output": printed.getvalue()}


def done(job: dict[str, Any]) -> dict[str, Any]:
    """The result of a job, or what went wrong."""
    try:
        return shown(job["code"]) if "code" in job else described(job)
    except Exception as error:  # noqa: BLE001 - told to the author
        return {"error": f"{type(error).__name__}: {error}"}


print("ANSWERS " + json.dumps({name: done(job) for name, job in JOBS.items()}))  # noqa: T201 - its one answer
