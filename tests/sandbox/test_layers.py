"""Keras layers and gradients, asked about as a check asks, on every backend that is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.checks import Handle, Layer, Model, Student
from autograder.errors import StudentFault
from autograder.sandbox import Limits, SlotSettings
from tests.sandbox.kernels import Kernel
from tests.slots import opened

BACKENDS = ("tensorflow", "jax", "torch")

NOTEBOOK = """
import keras, numpy as np, random
from keras import layers, ops

class Affine(layers.Layer):
    def __init__(self, units, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.factor = units, factor
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.bias = self.add_weight(shape=(self.units,), name="bias", initializer="zeros")
    def call(self, x):
        print("hidden", x)
        return self.factor * (ops.matmul(x, self.kernel) + self.bias)
    def get_config(self):
        return {**super().get_config(), "units": self.units, "factor": self.factor}

class Forgetful(Affine):
    def get_config(self):
        return layers.Layer.get_config(self)

class Product(layers.Layer):
    def call(self, a, b):
        return a * b

class Both(layers.Layer):
    def call(self, x):
        return [x * 2.0, x * x]

class Lazy(layers.Layer):
    def __init__(self):
        super().__init__()
        self.built = True
        self.inner = Affine(2)
    def call(self, x):
        return self.inner(x)

class Detached(layers.Layer):
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1],), name="kernel", initializer="ones")
    def call(self, x):
        return x + ops.stop_gradient(self.kernel)

def dense(): return layers.Dense(2)
def dense64(): return layers.Dense(2, dtype="float64")
def normalise(): return layers.BatchNormalization(momentum=0.5)
def drop(): return layers.Dropout(0.5, seed=1)
def embed(): return layers.Embedding(5, 3)
def named(value): return value is kept
def frozen():
    layer = layers.Dense(1)
    layer.build((None, 2))
    layer.trainable = False
    return layer
def pair(): return layers.Dense(3, activation="tanh"), layers.Dense(1)
def square(x): return x * x
def weighted(a, n, b): return n * a * ops.sum(b, axis=-1, keepdims=True)
def summed(parts): return parts[0] + 3.0 * parts[1]
def loud(x):
    print("hidden", x)
    return x * 2.0
def nothing(x): return None
def fails(x): raise ValueError("no")
def draws(): return [random.random(), float(np.random.rand()), float(keras.random.uniform(()))]
class Doubler:
    def __call__(self, x): return 2.0 * x
"""

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]], dtype="float32")
COTANGENT = np.array([[1.0, 2.0], [-1.0, 0.5]], dtype="float32")


@pytest.fixture(scope="module", params=BACKENDS)
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed here")
    settings = SlotSettings(limits=Limits(), preload=("numpy", "keras", request.param), backend=request.param)
    with opened(settings) as slot, Kernel(slot) as made:
        assert made.run(NOTEBOOK) == ""
        assert made.run("print(keras.backend.backend())") == request.param
        yield made


@pytest.fixture
def student(kernel: Kernel) -> Student:
    return kernel.student()


def layer_of(student: Student, function: str, *args: object) -> Layer:
    layer = student.call(function, *args)
    assert isinstance(layer, Layer)
    return layer


# layers -------------------------------------------------------------------------------------------------------------


def test_what_keras_calls_a_layer_is_one_and_a_model_is_one_too(student: Student) -> None:
    layer = layer_of(student, "Affine", 2)
    assert (layer.kind, isinstance(layer, Model)) == ("Affine", False)
    assert isinstance(layer.as_model((3,)), Model)
    assert not isinstance(student.call("Doubler"), Layer)
    generator, discriminator = student.call("pair")
    assert isinstance(generator, Layer)
    assert isinstance(discriminator, Layer)


def test_a_layer_is_built_by_its_first_call_and_gives_its_weights(student: Student) -> None:
    layer = layer_of(student, "Affine", 2)
    assert layer.weights() == []
    assert np.shape(layer(X)) == (2, 2)
    kernel, bias = layer.weights()
    assert [one.path.rsplit("/", 1)[-1] for one in (kernel, bias)] == ["kernel", "bias"]
    assert (kernel.value.shape, bias.value.shape, kernel.trainable) == ((3, 2), (2,), True)
    layer.set_weights([np.ones((3, 2)), np.array([0.0, 1.0])])
    assert layer(X).tolist() == [[-0.5, 0.5], [4.0, 5.0]]


def test_a_layer_of_several_inputs_is_called_with_several(student: Student) -> None:
    assert np.array_equal(layer_of(student, "Product")(X, X), X * X)


def test_the_model_around_a_layer_shares_its_weights(student: Student) -> None:
    layer = layer_of(student, "Affine", 2)
    model = layer.as_model((3,))
    assert model.describe()["output_shape"] == (None, 2)
    layer.set_weights([np.ones((3, 2)), np.zeros(2)])
    assert np.allclose(model.predict(X), X.sum(axis=1, keepdims=True).repeat(2, axis=1))
    tokens = layer_of(student, "embed").as_model((None,), dtype="int32")
    assert np.shape(tokens.predict(np.array([[0, 4]]))) == (1, 2, 3)


def test_a_layer_from_its_configuration_is_another_with_the_same_settings(student: Student) -> None:
    layer = layer_of(student, "Affine", 2, 3.0)
    layer(X)
    copy = layer.from_config()
    copy(X)
    assert not np.array_equal(copy(X), layer(X))
    copy.set_weights([one.value for one in layer.weights()])
    assert np.array_equal(copy(X), layer(X))
    assert copy.get("factor") == 3.0
    with pytest.raises(StudentFault, match=r"(?s)raised TypeError: .*units"):
        layer_of(student, "Forgetful", 2).from_config()


def test_handles_are_arguments_and_arrive_as_the_objects_they_stand_for(kernel: Kernel, student: Student) -> None:
    layer = layer_of(student, "dense")
    assert kernel.run("kept = None\ndef keep(layer):\n    global kept\n    kept = layer") == ""
    student.call("keep", layer)
    assert student.call("named", layer) is True
    assert student.call("named", layer_of(student, "dense")) is False


def test_a_check_can_fix_the_seeds_itself(student: Student) -> None:
    drawn = []
    for number in (1, 1, 2):
        student.seed(number)
        drawn.append(student.call("draws"))
    assert drawn[0] == drawn[1]
    assert all(one != other for one, other in zip(drawn[0], drawn[2], strict=True))


def test_a_function_is_called_by_name(student: Student) -> None:
    square = student.function("square")
    assert square.name == "square"
    assert np.array_equal(square(X), X * X)
    with pytest.raises(StudentFault, match="does not define `cube`"):
        student.function("cube")(X)


# gradients ----------------------------------------------------------------------------------------------------------


def test_gradients_of_a_layer_are_those_of_the_weighted_sum_of_its_outputs(student: Student) -> None:
    layer = layer_of(student, "Affine", 2, 3.0)
    found = layer.gradients_of(X, COTANGENT)  # the layer was never called before
    kernel, bias = layer.weights()
    assert list(found.weights) == [kernel.path, bias.path]
    assert np.allclose(found.weights[kernel.path], 3 * X.T @ COTANGENT)
    assert np.allclose(found.weights[bias.path], 3 * COTANGENT.sum(axis=0))
    assert np.allclose(found.inputs[0], 3 * COTANGENT @ kernel.value.T)


def test_gradients_in_float64_stay_in_float64_where_the_backend_has_it(kernel: Kernel, student: Student) -> None:
    found = layer_of(student, "dense64").gradients_of(X.astype("float64"), COTANGENT.astype("float64"))
    wanted = np.float32 if kernel.slot.settings.backend == "jax" else np.float64  # JAX: unless the notebook asks for it
    assert [one.dtype for one in (*found.inputs, *found.weights.values()) if one is not None] == [wanted] * 3


def test_a_layer_can_be_made_in_float64_by_default(kernel: Kernel, student: Student) -> None:
    layer = student.call_in_float64("dense")
    wanted = np.float32 if kernel.slot.settings.backend == "jax" else np.float64
    assert layer(X).dtype == wanted
    assert layer_of(student, "dense")(X).dtype == np.float32


def test_each_of_several_inputs_has_its_gradient(student: Student) -> None:
    found = layer_of(student, "Product").gradients_of((X, 2 * X), np.ones_like(X))
    assert [one.tolist() for one in found.inputs if one is not None] == [(2 * X).tolist(), X.tolist()]
    assert found.weights == {}


def test_several_outputs_have_a_cotangent_each(student: Student) -> None:
    found = layer_of(student, "Both").gradients_of(X, [np.ones_like(X), X])
    assert np.allclose(found.inputs[0], 2 + 2 * X * X)


def test_weights_that_the_first_call_makes_have_gradients(student: Student) -> None:
    layer = layer_of(student, "Lazy")
    found = layer.gradients_of(X, COTANGENT)
    gradients = {path.rsplit("/", 1)[-1]: gradient for path, gradient in found.weights.items()}
    assert np.allclose(gradients["kernel"], X.T @ COTANGENT)
    assert np.allclose(gradients["bias"], COTANGENT.sum(axis=0))


def test_what_a_layer_does_not_use_has_no_gradient_or_one_of_zeros(student: Student) -> None:
    found = layer_of(student, "Detached").gradients_of(X, np.ones_like(X))
    [kernel] = found.weights.values()
    assert kernel is None or not kernel.any()
    assert np.array_equal(found.inputs[0], np.ones_like(X))


def test_frozen_weights_are_not_among_the_gradients(student: Student) -> None:
    found = layer_of(student, "frozen").gradients_of(X[:, :2], np.ones((2, 1), "float32"))
    assert found.weights == {}
    assert np.any(found.inputs[0])


def test_whole_numbers_have_no_gradient_and_the_rows_that_were_looked_up_have_one(student: Student) -> None:
    found = layer_of(student, "embed").gradients_of(np.array([[1, 1, 4]]), np.ones((1, 3, 3), "float32"))
    assert found.inputs == [None]
    [table] = found.weights.values()
    assert table.tolist() == [[0.0] * 3, [2.0] * 3, [0.0] * 3, [0.0] * 3, [1.0] * 3]


def test_batch_normalisation_has_its_two_modes_and_moves_its_averages_once(student: Student) -> None:
    layer = layer_of(student, "normalise")
    resting = layer.gradients_of(X, np.ones_like(X)).inputs[0]
    assert np.allclose(resting, 1 / np.sqrt(1 + 1e-3))
    averages = {one.path.rsplit("/", 1)[-1]: one.value for one in layer.weights() if not one.trainable}
    assert np.array_equal(averages["moving_mean"], np.zeros(3))
    learning = layer.gradients_of(X, np.ones_like(X), training=True).inputs[0]
    assert np.allclose(learning, 0, atol=1e-5)  # moving all examples alike changes nothing
    averages = {one.path.rsplit("/", 1)[-1]: one.value for one in layer.weights() if not one.trainable}
    assert np.allclose(averages["moving_mean"], 0.5 * X.mean(axis=0))


def test_dropout_draws_anew_at_each_question(student: Student) -> None:
    layer, ones = layer_of(student, "drop"), np.ones((8, 16), "float32")
    first, second = (layer.gradients_of(ones, ones, training=True).inputs[0] for _ in range(2))
    assert set(np.unique(first)) == {0.0, 2.0}
    assert not np.array_equal(first, second)
    assert np.array_equal(layer.gradients_of(ones, ones).inputs[0], ones)


def test_gradients_of_a_function_come_for_each_input(student: Student) -> None:
    b = np.arange(8.0, dtype="float32").reshape(2, 4)
    found = student.gradients_of("weighted", (X, 3, b), np.ones_like(X))
    assert np.allclose(found[0], 3 * b.sum(axis=1, keepdims=True).repeat(3, axis=1))
    assert found[1] is None
    assert np.allclose(found[2], 3 * X.sum(axis=1, keepdims=True).repeat(4, axis=1))
    [only] = student.gradients_of("weighted", (X, 3, b), np.ones_like(X), wrt=[2])
    assert np.array_equal(only, found[2])
    assert np.array_equal(student.function("square").gradients_of(X, X).inputs[0], 2 * X * X)
    one, other = student.gradients_of("summed", [X, X], np.ones_like(X))
    assert (one.tolist(), other.tolist()) == (np.ones_like(X).tolist(), (3 * np.ones_like(X)).tolist())


def test_gradients_of_an_object_that_can_be_called(student: Student) -> None:
    doubler = student.call("Doubler")
    assert isinstance(doubler, Handle)
    assert np.array_equal(student.gradients_of(doubler, X, X)[0], 2 * X)


def test_gradients_go_through_a_chain_of_layers(student: Student) -> None:
    first, last = student.call("pair")
    ones = np.ones((2, 1), "float32")
    inner, outer = student.chain_gradients([first, last], X, ones)
    hidden = first(X)
    kernel = next(one.value for one in last.weights() if one.path.endswith("kernel"))
    by_name = {path.rsplit("/", 1)[-1]: gradient for path, gradient in {**inner}.items()}
    assert np.allclose(by_name["kernel"], X.T @ ((1 - hidden**2) * kernel.T), atol=1e-6)
    assert np.allclose(next(iter(outer.values())), hidden.T @ ones, atol=1e-6)


def test_a_layer_that_comes_twice_in_a_chain_has_the_same_gradient_in_both_places(student: Student) -> None:
    layer = layer_of(student, "Affine", 3)
    layer(X)
    layer.set_weights([2 * np.eye(3, dtype="float32"), np.zeros(3, "float32")])
    once, twice = student.chain_gradients([layer, layer], X, np.ones_like(X))
    assert [one.tolist() for one in once.values()] == [one.tolist() for one in twice.values()]
    assert np.allclose(next(iter(once.values())), 4 * X.T @ np.ones_like(X))


def test_gradients_of_a_models_loss(student: Student) -> None:
    model = layer_of(student, "Affine", 2).as_model((3,))
    kernel, bias = (one.value for one in model.weights())
    found = model.gradients(X, np.zeros((2, 2), "float32"), loss="mse")
    assert np.allclose(next(iter(found.values())), X.T @ (X @ kernel + bias) / 2, atol=1e-6)


def test_an_output_of_another_shape_is_said_to_be_one(student: Student) -> None:
    layer = layer_of(student, "Affine", 2)
    with pytest.raises(StudentFault) as fault:
        layer.gradients_of(X, np.ones((2, 5), "float32"))
    assert fault.value.message == "expected an output of shape (2, 5) to take gradients of, received (2, 2)"
    with pytest.raises(StudentFault, match="expected tensors to take gradients of, received NoneType"):
        student.gradients_of("nothing", X, X)
    with pytest.raises(StudentFault, match="raised ValueError: no"):
        student.gradients_of("fails", X, X)


def test_nothing_of_what_is_printed_on_the_way_is_shown(kernel: Kernel, student: Student) -> None:
    student.gradients_of("loud", X, X)
    layer_of(student, "Affine", 2).gradients_of(X, COTANGENT)
    assert kernel.run("print('next')") == "next"


def test_of_hidden_data_only_numbers_come_back(kernel: Kernel) -> None:
    student = kernel.student(hidden=True)
    layer = layer_of(student, "Affine", 2)
    assert layer.kind == "Keras layer"
    assert np.array_equal(student.gradients_of("square", X, X)[0], 2 * X * X)
    with pytest.raises(StudentFault) as fault:
        layer.gradients_of(X, COTANGENT)  # paths are text
    assert fault.value.message == "expected numbers in answer to a question on hidden data, received text"
    with pytest.raises(StudentFault) as fault:
        student.gradients_of("square", X, X[:1])
    assert fault.value.message == "expected an answer of the form the check asks for, received something else"


def test_gradients_are_taken_with_what_was_there_before_the_notebook(kernel: Kernel) -> None:
    tampering = {
        "tensorflow": "import tensorflow as tf\ntf.GradientTape = tf.reduce_sum = tf.convert_to_tensor = None",
        "jax": "import jax\njax.grad = jax.numpy.sum = keras.StatelessScope = None",
        "torch": "import torch\ntorch.autograd.grad = keras.ops.convert_to_tensor = None",
    }
    with Kernel(kernel.slot) as one:
        assert one.run(NOTEBOOK + tampering[kernel.slot.settings.backend]) == ""
        assert one.student().gradients_of("square", X, X)[0].tolist() == (2 * X * X).tolist()
