"""Checks of layers, gradients and invariance, asked of real Keras objects: right ones pass, wrong ones do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograder.checks import (
    Failure,
    Student,
    expect_batch_independent,
    expect_dtype,
    expect_equals_reference,
    expect_gradient_norm_at_most,
    expect_gradients_close,
    expect_gradients_match_differences,
    expect_gradients_reach,
    expect_gradients_reach_every_weight,
    expect_in_range,
    expect_layer,
    expect_layers,
    expect_no_gradient,
    expect_num_params,
    expect_permutation_equivariant,
    expect_permutation_invariant,
    expect_same_after_saving,
    expect_same_from_config,
    expect_translation_equivariant,
    expect_translation_invariant,
    expect_weight_shapes,
)
from autograder.course import DEFAULT_PRELOAD
from autograder.sandbox import Limits, SlotSettings
from tests.sandbox.kernels import Kernel
from tests.slots import opened

NOTEBOOK = """
import keras, numpy as np, tensorflow as tf
from keras import layers, ops

class MyDense(layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.activation = units, keras.activations.get(activation)
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.bias = self.add_weight(shape=(self.units,), name="bias", initializer="zeros")
    def call(self, x):
        return self.activation(ops.matmul(x, self.kernel) + self.bias)
    def get_config(self):
        return {**super().get_config(), "units": self.units, "activation": keras.activations.serialize(self.activation)}

class ForgetsActivation(MyDense):
    def get_config(self):
        return {**layers.Layer.get_config(self), "units": self.units}

class ForgetsUnits(MyDense):
    def get_config(self):
        return layers.Layer.get_config(self)

class Untracked(layers.Layer):
    def build(self, input_shape):
        self._factors = np.random.rand(input_shape[-1]).astype("float32")
        self.shift = self.add_weight(shape=(input_shape[-1],), name="shift")
    def call(self, x):
        return x * self._factors + self.shift

class MakesItTwice(MyDense):
    def build(self, input_shape):
        super().build(input_shape)
        super().build(input_shape)

class Detached(MyDense):
    def call(self, x):
        return ops.matmul(x, ops.stop_gradient(self.kernel)) + self.bias

class NumPyInside(MyDense):
    def call(self, x):
        return ops.convert_to_tensor(np.maximum(x.numpy() @ self.kernel.numpy(), 0)) + self.bias

class HalfAsSteep(MyDense):
    def call(self, x):
        y = super().call(x)
        return 0.5 * y + ops.stop_gradient(0.5 * y)

class InFloat64(MyDense):
    def call(self, x):
        return ops.cast(super().call(x), "float64")

class BatchMean(layers.Layer):
    def call(self, x, training=False):
        return x - ops.mean(x, axis=0, keepdims=True)

class SelfAttention(layers.Layer):
    def __init__(self):
        super().__init__()
        self.inner = layers.MultiHeadAttention(2, 3)
    def call(self, x):
        return self.inner(x, x)

class Noise(layers.Layer):
    def call(self, x, training=False):
        return x + keras.random.normal(ops.shape(x))

def my_dense(*args, **kwargs): return MyDense(*args, **kwargs)
def dropout(): return layers.Dropout(0.4)
def normalisation(): return layers.BatchNormalization()
def normalised_while_training(x): return layers.BatchNormalization()(x, training=True)
def recurrent(): return layers.LSTM(4, return_sequences=True)
def embedding(): return layers.Embedding(7, 3)
def attention(): return layers.MultiHeadAttention(2, 3)
def hidden_dense():
    return keras.Sequential([layers.Input((3,)), keras.Sequential([layers.Input((3,)), MyDense(4), layers.Dense(2)])])
class Subclassed(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.parts = [MyDense(5, "tanh"), layers.BatchNormalization(), layers.Dropout(0.5), MyDense(2)]
    def call(self, x, training=False):
        for part in self.parts:
            x = part(x, training=training) if isinstance(part, layers.Dropout) else part(x)
        return x
def two_outputs():
    x = layers.Input((3,))
    h = layers.Dense(4, activation="tanh")(x)
    return keras.Model(x, [layers.Dense(2)(h), layers.Dense(1, activation="sigmoid")(h)])
def relu(z): return np.maximum(z, 0)
def swish_of_mine(x): return x * ops.sigmoid(x)
def loss_of_mine(y_true, y_pred): return ops.mean(ops.abs(y_true - y_pred), axis=-1)
def own_functions():
    model = keras.Sequential([layers.Input((3,)), layers.Dense(4, swish_of_mine), layers.Dense(2, "relu")])
    model.compile("adam", loss_of_mine)
    return model
def conv_net(pool=True, norm=True):
    parts = [layers.Input((12, 12, 1)), layers.Conv2D(4, 3, padding="same", activation="relu")]
    parts += [layers.BatchNormalization()] if norm else []
    parts += [layers.GlobalMaxPooling2D() if pool else layers.Flatten(), layers.Dense(3, activation="softmax")]
    return keras.Sequential(parts)
def conv(): return layers.Conv2D(2, 3, padding="same")
def deep_set():
    return keras.Sequential([layers.Input((None, 3)), layers.Dense(4, "tanh"), layers.GlobalAveragePooling1D()])
def sequence_end():
    return keras.Sequential([layers.Input((None, 3)), layers.LSTM(4)])
def softplus(x): return ops.log(1.0 + ops.exp(x))
def td_loss(q, next_q): return ops.sum(ops.square(q - ops.stop_gradient(next_q)))
def td_loss_both(q, next_q): return ops.sum(ops.square(q - next_q))
def clip(gradients, norm): return tf.clip_by_global_norm(gradients, norm)[0]
def clip_each(gradients, norm): return [tf.clip_by_norm(one, norm) for one in gradients]
"""

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(6, 3)).astype("float32")
SEQUENCES = DRAW.normal(size=(3, 5, 3)).astype("float32")
TOKENS = DRAW.integers(0, 7, size=(3, 5))
PICTURES = np.pad(DRAW.random((2, 6, 6, 1)), [(0, 0), (3, 3), (3, 3), (0, 0)]).astype("float32")

Expect = Callable[[Student], Any]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with opened(SlotSettings(limits=Limits(), preload=DEFAULT_PRELOAD)) as slot, Kernel(slot) as made:
        assert made.run(NOTEBOOK) == ""
        yield made


@pytest.fixture
def student(kernel: Kernel) -> Student:
    student = kernel.student()
    student.seed(1)
    return student


def called(student: Student, function: str, *args: Any, on: Any = X) -> Any:
    layer = expect_layer(student.call(function, *args), function)
    layer(on)
    return layer


def differences(student: Student, function: str, *args: Any, on: Any, **settings: Any) -> None:
    expect_gradients_match_differences(student.call_in_float64(function, *args), on, rng=student.rng, **settings)


def gradients_of(layer: Any, x: Any = X) -> Any:
    return layer.gradients_of(x, np.ones_like(layer(x)))


RIGHT: dict[str, Expect] = {
    "weights of a layer": lambda s: expect_weight_shapes(called(s, "my_dense", 4), {"kernel": (3, 4), "bias": (4,)}),
    "weights of two layers": lambda s: expect_weight_shapes(s.call("hidden_dense"), [(3, 4), (4,), (4, 2), (2,)]),
    "weights that training changes": lambda s: expect_weight_shapes(
        called(s, "normalisation"), {"gamma": (3,), "beta": (3,)}, trainable=True
    ),
    "parameters": lambda s: expect_num_params(s.call("hidden_dense"), 3 * 4 + 4 + 4 * 2 + 2),
    "parameters of a subclass": lambda s: expect_num_params(called(s, "Subclassed"), 20 + 4 * 5 + 12),
    "nested layers": lambda s: expect_layers(s.call("hidden_dense"), present=["MyDense", "Dense"], absent=["Flatten"]),
    "float32": lambda s: expect_dtype(called(s, "my_dense", 4)(X.astype("float64")), "float32"),
    "float64": lambda s: expect_dtype(s.call_in_float64("my_dense", 4)(X), "float64"),
    "weights in float64": lambda s: [expect_dtype(layer, "float64") for layer in [s.call_in_float64("conv_net")]],
    "saving a layer": lambda s: expect_same_after_saving(s.call("my_dense", 4, "tanh").as_model((3,)), X),
    "saving batch normalisation and dropout": lambda s: expect_same_after_saving(called(s, "Subclassed"), X),
    "saving two outputs": lambda s: expect_same_after_saving(s.call("two_outputs"), X),
    "saving functions of the notebook's own": lambda s: expect_same_after_saving(s.call("own_functions"), X),
    "configuration": lambda s: expect_same_from_config(s.call("my_dense", 4, "tanh"), X, attributes=["units"]),
    "configuration of dropout": lambda s: expect_same_from_config(s.call("dropout"), X, attributes=["rate"]),
    "configuration of attention": lambda s: expect_same_from_config(s.call("attention"), (SEQUENCES, SEQUENCES)),
    "configuration of a recurrent layer": lambda s: expect_same_from_config(s.call("recurrent"), SEQUENCES),
    "reference": lambda s: expect_equals_reference(
        s.function("softplus"), lambda z: np.log1p(np.exp(z)), [X, X.astype("float64")], "softplus"
    ),
    "range": lambda s: expect_in_range(s.call("conv_net")(PICTURES), 0.0, 1.0),
    "rows alone": lambda s: expect_batch_independent(s.call("conv_net"), PICTURES),
    "rows alone, two outputs": lambda s: expect_batch_independent(s.call("two_outputs"), X),
    "rows alone, predict": lambda s: expect_batch_independent(called(s, "Subclassed").predict, X),
    "rows alone, tokens": lambda s: expect_batch_independent(s.call("embedding"), TOKENS),
    "a set": lambda s: expect_permutation_invariant(s.call("deep_set"), SEQUENCES),
    "attention without positions": lambda s: expect_permutation_equivariant(s.call("SelfAttention"), SEQUENCES),
    "content that moves": lambda s: expect_translation_invariant(s.call("conv_net"), PICTURES, [(0, 2), (-1, 1)]),
    "a map that moves along": lambda s: expect_translation_equivariant(
        s.call("conv"), DRAW.normal(size=(1, 9, 9, 2)), [(1, 0), (-2, 3)], margin=1
    ),
    "gradients": lambda s: expect_gradients_close(
        gradients_of(called(s, "my_dense", 4)).weights,
        {"kernel": X.T @ np.ones((6, 4)), "bias": np.full(4, 6.0)},
    ),
    "gradients everywhere": lambda s: expect_gradients_reach(gradients_of(called(s, "my_dense", 4, "tanh"))),
    "gradients of tokens": lambda s: expect_gradients_reach(gradients_of(s.call("embedding"), TOKENS).weights),
    "gradients of a loss": lambda s: expect_gradients_reach_every_weight(
        s.call("conv_net"), PICTURES, np.array([0, 2])
    ),
    "no gradient": lambda s: expect_no_gradient(s.gradients_of("td_loss", (X, 2 * X), np.float32(1)), ["input 1"]),
    "clipped together": lambda s: expect_gradient_norm_at_most(s.call("clip", [X, 3 * X], 1.0), 1.0),
    "clipped alone": lambda s: expect_gradient_norm_at_most(s.call("clip_each", [X, 3 * X], 1.0), 1.0, each=True),
    "differences of a function": lambda s: expect_gradients_match_differences(
        s.function("softplus"), X.astype("float64"), rng=s.rng
    ),
    "differences in float32": lambda s: expect_gradients_match_differences(s.call("my_dense", 4, "tanh"), X),
    "differences of a layer": lambda s: differences(s, "my_dense", 4, "gelu", on=X.astype("float64")),
    "differences of a subclass": lambda s: differences(s, "Subclassed", on=X.astype("float64")),
    "differences of two outputs": lambda s: differences(s, "two_outputs", on=X.astype("float64")),
    "differences of attention": lambda s: differences(s, "attention", on=(SEQUENCES.astype("float64"),) * 2),
    "differences of tokens": lambda s: differences(s, "embedding", on=TOKENS),
    "differences of batch statistics": lambda s: differences(s, "normalisation", on=X.astype("float64"), training=True),
}

WRONG: dict[str, tuple[Expect, str]] = {
    "a class, not an object": (lambda s: expect_layer(s.value("MyDense"), "it"), "expected it to be a Keras layer"),
    "a weight made twice": (
        lambda s: expect_weight_shapes(called(s, "MakesItTwice", 4), {"kernel": (3, 4), "bias": (4,)}),
        "one weight called kernel, received 2",
    ),
    "another width": (
        lambda s: expect_weight_shapes(called(s, "my_dense", 5), {"kernel": (3, 4), "bias": (4,)}),
        r"weight kernel to have shape \(3, 4\), received \(3, 5\)",
    ),
    "one parameter too few": (lambda s: expect_num_params(s.call("hidden_dense"), 27), "27 parameters, received 26"),
    "a dense layer hidden in a model": (
        lambda s: expect_layers(s.call("hidden_dense"), absent=["Dense"]),
        "expected the model to do without Dense, received one made of",
    ),
    "another dtype than the policy's": (
        lambda s: expect_dtype(s.call("InFloat64", 4)(X), "float32"),
        "to have dtype float32, received float64",
    ),
    "an activation that is not saved": (
        lambda s: expect_same_after_saving(s.call("ForgetsActivation", 4, "tanh").as_model((3,)), X),
        "after saving and loading is not what it should be",
    ),
    "a width that is not saved": (
        lambda s: expect_same_after_saving(s.call("ForgetsUnits", 4).as_model((3,)), X),
        r"(?s)raised TypeError.*units",
    ),
    "a weight that Keras does not know": (
        lambda s: expect_same_after_saving(s.call("Untracked").as_model((3,)), X),
        "after saving and loading is not what it should be",
    ),
    "an activation that is not in the configuration": (
        lambda s: expect_same_from_config(s.call("ForgetsActivation", 4, "tanh"), X),
        "made from its configuration is not what it should be",
    ),
    "a width that is not in the configuration": (
        lambda s: expect_same_from_config(s.call("ForgetsUnits", 4), X),
        r"(?s)raised TypeError.*units",
    ),
    "another function": (
        lambda s: expect_equals_reference(s.function("softplus"), lambda z: np.maximum(z, 0), [X], "softplus"),
        r"softplus \(case 1\) is not what it should be",
    ),
    "numbers out of range": (lambda s: expect_in_range(s.call("Noise")(X), 0.0, 1.0), "received some from -"),
    "a mean over the batch": (
        lambda s: expect_batch_independent(s.call("BatchMean"), X),
        "the output for an example alone is not what it should be",
    ),
    "batch statistics in use": (
        lambda s: expect_batch_independent(s.function("normalised_while_training"), X),
        "is not what it should be",
    ),
    "a set whose last member counts": (
        lambda s: expect_permutation_invariant(s.call("sequence_end"), SEQUENCES),
        "the output for another order along axis 1",
    ),
    "a recurrent layer": (
        lambda s: expect_permutation_equivariant(s.call("recurrent"), SEQUENCES),
        "the output for another order along axis 1",
    ),
    "a dense layer behind a convolution": (
        lambda s: expect_translation_invariant(s.call("conv_net", pool=False), PICTURES, [(0, 2), (-1, 1)]),
        r"the output for images moved by \(0, 2\)",
    ),
    "a gradient that is half as large": (
        lambda s: expect_gradients_close(
            gradients_of(called(s, "HalfAsSteep", 4)).weights, {"kernel": X.T @ np.ones((6, 4))}
        ),
        "the gradient of kernel is not what it should be",
    ),
    "a kernel without a gradient": (
        lambda s: expect_gradients_reach(gradients_of(called(s, "Detached", 4))),
        r"for 1 of 3: detached\w*/kernel",
    ),
    "a gradient that NumPy cuts off": (
        lambda s: expect_gradients_reach(gradients_of(called(s, "NumPyInside", 4)), ["input 0"]),
        "for 1 of 1: input 0",
    ),
    "a target that is differentiated": (
        lambda s: expect_no_gradient(
            s.gradients_of("td_loss_both", (X, 2 * X), np.float32(1)), ["input 1"], "the loss"
        ),
        "expected no gradient of the loss at input 1, received one",
    ),
    "each clipped where all were to be": (
        lambda s: expect_gradient_norm_at_most(s.call("clip_each", [X, 3 * X], 1.0), 1.0),
        r"\(all together\) to have a norm of at most 1, received 1\.414",
    ),
    "half a gradient against differences": (
        lambda s: differences(s, "HalfAsSteep", 4, on=X.astype("float64")),
        "the gradient of input 0 to match central differences",
    ),
    "half a gradient against differences in float32": (
        lambda s: expect_gradients_match_differences(s.call("HalfAsSteep", 4), X),
        "the gradient of input 0 to match central differences",
    ),
    "a detached weight against differences": (
        lambda s: differences(s, "Detached", 4, on=X.astype("float64")),
        r"the gradient of detached\w*/kernel to match central differences: .* received no gradient",
    ),
    "differences of noise": (
        lambda s: expect_gradients_match_differences(s.call("Noise"), X),
        "expected the same outputs for the same inputs",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(student: Student, name: str) -> None:
    RIGHT[name](student)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_fails_with_its_reason(student: Student, name: str) -> None:
    expect, message = WRONG[name]
    with pytest.raises(Failure, match=message):
        expect(student)


def test_float64_is_the_default_for_that_one_call(kernel: Kernel) -> None:
    with Kernel(kernel.slot) as one:
        one.run(NOTEBOOK)
        student = one.student()
        student.call_in_float64("my_dense", 4)
        with pytest.raises(Failure):
            student.call_in_float64("my_dense")
        assert one.run("print(keras.config.floatx(), keras.config.dtype_policy().name)") == "float32 float32"
