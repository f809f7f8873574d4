"""Small models with the interface checks see, computed in NumPy: enough to try the vocabulary on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.checks.handles import Gradients, Weight
from autograder.errors import StudentFault

GARBAGE: dict[str, Any] = {
    "None": None,
    "a string": "softmax",
    "a list of strings": ["a", "b"],
    "bytes": b"abc",
    "a ragged list": [[1, 2], [3]],
    "a list with None": [1.0, None],
    "a dict": {"a": 1},
    "complex numbers": np.array([1 + 2j]),
    "a complex number": 1j,
    "strings in an array": np.array(["a", "b"]),
    "objects in an array": np.array([None, 1], dtype=object),
    "dates in an array": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "a number of 400 digits": 10**400,
    "a list with such a number": [10**400],
    "nested deeper than NumPy goes": eval("[" * 80 + "1" + "]" * 80),  # noqa: S307 - a literal
    "an object": object(),
    "a set": {1, 2},
}


def softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


class LinearModel:
    """Softmax regression on flattened images, with gradients and training by hand.

    Args:
        image_shape: Shape of one image.
        num_classes: Number of classes.
        trainable: Whether the kernel may learn.
        output: What is done to the probabilities before they are given back.
    """

    def __init__(
        self,
        image_shape: tuple[int, ...] = (4, 4, 1),
        num_classes: int = 3,
        trainable: bool = True,
        output: Callable[[np.ndarray], Any] = lambda probabilities: probabilities,
    ) -> None:
        self.image_shape, self.trainable, self.output = image_shape, trainable, output
        self.kernel = np.random.default_rng(0).normal(size=(int(np.prod(image_shape)), num_classes))
        self.bias = np.zeros(num_classes)
        self.cut_off = False
        self.said: dict[str, Any] = {}
        self.batches: list[int] = []

    def describe(self) -> dict[str, Any]:
        num_params = self.kernel.size + self.bias.size
        return {"input_shape": (None, *self.image_shape), "num_params": num_params, "layers": [], **self.said}

    def predict(self, x: np.ndarray, batch_size: int = 32) -> Any:
        self.batches.append(len(x))
        if x.shape[1:] != self.image_shape:
            raise StudentFault(f"expected images of shape {self.image_shape}, received {x.shape[1:]}")
        return self.output(softmax(x.reshape(len(x), -1) @ self.kernel + self.bias))

    def __call__(self, x: np.ndarray, training: bool = False) -> Any:
        return self.predict(x)

    def weights(self) -> list[Weight]:
        return [
            Weight("dense/kernel", self.trainable, self.kernel.copy()),
            Weight("dense/bias", True, self.bias.copy()),
            Weight("norm/moving_mean", False, np.zeros(2)),
        ]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.kernel, self.bias, _ = weights

    def gradients(self, x: np.ndarray, y: np.ndarray, loss: str, training: bool = False) -> dict[str, Any]:
        errors = softmax(x.reshape(len(x), -1) @ self.kernel + self.bias)
        errors[np.arange(len(y)), y] -= 1
        found: dict[str, Any] = {"dense/bias": errors.mean(axis=0)}
        if self.trainable:
            found["dense/kernel"] = None if self.cut_off else x.reshape(len(x), -1).T @ errors / len(x)
        return found

    def fit(self, x: np.ndarray, y: np.ndarray, batch_size: int = 32, **_: Any) -> dict[str, list[float]]:
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            gradients = self.gradients(x[batch], y[batch], "")
            if gradients.get("dense/kernel") is not None:
                self.kernel -= 2.0 * gradients["dense/kernel"]
        return {"loss": [1.0]}


class Affine:
    """`factor * (x @ kernel + bias)`, with the interface checks have to a Keras layer.

    Args:
        units: Width of the output.
        factor: What the sum is multiplied by.
        dtype: Of weights and outputs.
    """

    def __init__(self, units: int = 2, factor: float = 1.0, dtype: str = "float64") -> None:
        self.units, self.factor, self.dtype = units, factor, dtype
        self.kernel = self.bias = np.zeros(0)
        self.path = "affine"
        self.trainable = True
        self.slip = 1.0  # what every gradient is too large by
        self.forgets = False  # whether the configuration leaves the factor out
        self.classes: list[tuple[str, ...]] = [("MyConv", "Conv2D", "Layer"), ("Dense", "Layer")]

    def __call__(self, x: np.ndarray, training: bool = False) -> Any:
        if not self.kernel.size:
            generator = np.random.default_rng(len(self.path))
            self.kernel = generator.normal(size=(x.shape[-1], self.units)).astype(self.dtype)
            self.bias = np.zeros(self.units, self.dtype)
        return (self.factor * (x.astype(self.dtype) @ self.kernel + self.bias)).astype(self.dtype)

    def weights(self) -> list[Weight]:
        if not self.kernel.size:
            return []
        return [
            Weight(f"{self.path}/kernel", self.trainable, self.kernel),
            Weight(f"{self.path}/bias", self.trainable, self.bias),
        ]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.kernel, self.bias = weights

    def gradients_of(self, x: np.ndarray, cotangent: np.ndarray, training: bool = False) -> Gradients:
        by = self.slip * self.factor * cotangent
        found = {f"{self.path}/kernel": x.T @ by, f"{self.path}/bias": by.sum(axis=0)}
        return Gradients([by @ self.kernel.T], dict(found) if self.trainable else {})

    def from_config(self) -> Affine:
        copy = Affine(self.units, 1.0 if self.forgets else self.factor, self.dtype)
        copy.path = "affine_1"
        return copy

    def get(self, name: str) -> Any:
        return getattr(self, name)

    def layer_classes(self) -> list[tuple[str, ...]]:
        return self.classes
