"""Building an optimizer before the first step saves a trace, and changes no weight, no variable and no bit."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers
from keras.src.backend.tensorflow.trainer import TensorFlowTrainer

from autograder.course import DEFAULT_PRELOAD
from autograder.sandbox import SlotSettings
from autograder.sandbox.inside import traced_once
from tests.sandbox.kernels import Kernel
from tests.slots import opened

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(24, 6)).astype("float32")
TARGETS = RNG.normal(size=(24, 2)).astype("float32")
traces: list[str] = []


class Traced(layers.Layer):
    """Passes its input on, and notes each time Python looks at it."""

    def call(self, inputs: object) -> object:
        traces.append(self.name)
        return inputs


class OwnStep(keras.Model):
    """Trains its head alone, in a training step of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = layers.Dense(4), layers.Dense(2)

    def call(self, inputs: object) -> object:
        return self.head(self.body(inputs))

    def train_step(self, data: tuple[object, object]) -> dict[str, object]:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = keras.ops.mean(keras.ops.square(self(data[0]) - data[1]))
        weights = self.head.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"loss": loss}


class Subclassed(keras.Model):
    """Has no weights before it has seen an input, and a layer that draws."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = [layers.Dense(8, activation="relu"), layers.Dropout(0.3), Traced(), layers.Dense(2)]

    def call(self, inputs: object, training: bool = False) -> object:
        for stage in self.stages:
            inputs = stage(inputs, training=training) if isinstance(stage, layers.Dropout) else stage(inputs)
        return inputs


def functional() -> keras.Model:
    inputs = keras.Input((6,))
    hidden = layers.BatchNormalization()(layers.Dense(8, activation="tanh")(inputs))
    hidden = layers.Dropout(0.2)(Traced()(hidden))
    model = keras.Model(inputs, layers.Dense(2)(hidden))
    model.layers[1].trainable = False
    return model


OPTIMIZERS: dict[str, Callable[[], keras.optimizers.Optimizer]] = {
    "adam": lambda: keras.optimizers.Adam(0.01, amsgrad=True),
    "momentum": lambda: keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True, clipnorm=0.5),
    "average": lambda: keras.optimizers.AdamW(0.01, use_ema=True, ema_momentum=0.9, gradient_accumulation_steps=2),
    "schedule": lambda: keras.optimizers.RMSprop(keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.9)),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)),
}
CELL = """
import keras, numpy as np
seen = []
class Traced(keras.layers.Layer):
    def call(self, x):
        seen.append(1)
        return x
model = keras.Sequential([keras.Input((3,)), Traced(), keras.layers.Dense(1)])
model.compile("adam", "mse")
seen.clear()
model.fit(np.zeros((4, 3)), np.zeros((4, 1)), verbose=0)
print(len(seen))
"""
Trained = tuple[list[np.ndarray], list[tuple[str, np.ndarray]], list[float], int]


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Called in a test, it has the rest of the test train as in the sandbox."""
    return lambda: monkeypatch.setattr(
        TensorFlowTrainer, "make_train_function", traced_once.after_building(TensorFlowTrainer)
    )


def trained(build: Callable[[], keras.Model], optimizer: Callable[[], keras.optimizers.Optimizer]) -> Trained:
    """Weights, the optimizer's variables, losses, and how often Python saw a layer in the first step."""
    keras.utils.set_random_seed(3)
    keras.backend.clear_session()
    model = build()
    model.compile(optimizer(), "mse")
    traces.clear()
    losses = [float(np.asarray(model.train_on_batch(INPUTS[:8], TARGETS[:8])))]
    seen = len(traces)
    losses += model.fit(INPUTS, TARGETS, batch_size=8, epochs=3, verbose=0).history["loss"]
    variables = [(one.path, np.asarray(one)) for one in model.optimizer.variables]
    return model.get_weights(), variables, losses, seen


# A model that makes its weights when it sees its first input is traced twice for these alone.
@pytest.mark.parametrize(("build", "saved"), [(functional, 1), (Subclassed, 0)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_everything_is_the_same_bit_for_bit_and_traced_once_less(
    build: Callable[[], keras.Model], saved: int, optimizer: str, once: Callable[[], None]
) -> None:
    weights, variables, losses, seen = trained(build, OPTIMIZERS[optimizer])
    once()
    weights_again, variables_again, losses_again, seen_again = trained(build, OPTIMIZERS[optimizer])
    assert losses_again == losses
    assert [path for path, _ in variables_again] == [path for path, _ in variables]
    for one, other in zip(
        (*weights, *(value for _, value in variables)),
        (*weights_again, *(value for _, value in variables_again)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)
    assert seen_again == seen - saved


def test_a_training_step_of_ones_own_decides_what_the_optimizer_holds(once: Callable[[], None]) -> None:
    weights, variables, _, _ = trained(OwnStep, OPTIMIZERS["adam"])
    once()
    weights_again, variables_again, _, _ = trained(OwnStep, OPTIMIZERS["adam"])
    assert [path for path, _ in variables_again] == [path for path, _ in variables]
    for one, other in zip(weights, weights_again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_trainable_weights_or_without_an_optimizer_nothing_is_built(
    once: Callable[[], None],
) -> None:
    once()
    frozen = functional()
    frozen.trainable = False
    frozen.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        frozen.fit(INPUTS, TARGETS, verbose=0)
    assert not frozen.optimizer.built
    with pytest.raises(ValueError, match="compile"):
        functional().fit(INPUTS, TARGETS, verbose=0)


def test_kernels_train_so() -> None:
    with opened(SlotSettings(preload=DEFAULT_PRELOAD)) as slot, Kernel(slot) as kernel:
        assert kernel.run(CELL) == "1"
