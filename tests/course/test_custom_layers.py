"""The lab custom_layers: its answers against Keras, its data, and its checks against right and wrong solutions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "custom_layers"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "custom_layers_checks_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def test_the_data_is_what_make_data_makes(tmp_path: Path) -> None:
    make_data = import_file(FOLDER / "make_data.py", "custom_layers_make_data_under_test")
    make_data.write(make_data.small_digits(), tmp_path / "files", tmp_path / "data")
    for name in ("files/digits.npz", "data/hidden.npz"):
        with np.load(tmp_path / name) as made, np.load(FOLDER / name) as kept:
            assert sorted(made) == sorted(kept)
            for key in made:
                np.testing.assert_array_equal(made[key], kept[key])


@pytest.mark.parametrize("activation", [None, "relu", "tanh", "sigmoid"])
def test_our_dense_layer_and_its_gradients_equal_those_of_keras(checks: ModuleType, activation: str | None) -> None:
    keras = pytest.importorskip("keras")
    tensorflow = pytest.importorskip("tensorflow")
    generator = np.random.default_rng(0)
    for shape, units in (((5, 3), 4), ((2, 4, 3), 2), ((2, 3, 2, 5), 1)):
        layer = keras.layers.Dense(units, activation=activation, dtype="float64")
        x, cotangent = generator.normal(size=shape), generator.normal(size=(*shape[:-1], units))
        kernel, bias = generator.normal(size=(shape[-1], units)), generator.normal(size=units)
        layer.build(shape)
        layer.set_weights([kernel, bias])
        with tensorflow.GradientTape() as tape:
            watched = tensorflow.constant(x)
            tape.watch(watched)
            outputs = layer(watched)
            total = tensorflow.reduce_sum(outputs * cotangent)
        np.testing.assert_allclose(checks.dense_of(x, kernel, bias, activation), outputs, rtol=1e-12, atol=1e-12)
        theirs = tape.gradient(total, [watched, *[weight.value for weight in layer.weights]])
        for ours, their in zip(checks.dense_gradients_of(x, kernel, bias, cotangent, activation), theirs, strict=True):
            np.testing.assert_allclose(ours, their, rtol=1e-12, atol=1e-12)


def test_our_running_mean_equals_that_of_batch_normalisation(checks: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    generator = np.random.default_rng(0)
    layer = keras.layers.BatchNormalization(momentum=0.75, center=False, scale=False, dtype="float64")
    mean = np.zeros(3)
    for _ in range(3):
        batch = generator.normal(size=(2, 4, 5, 3)) + 1.0
        layer(batch, training=True)
        mean = 0.75 * mean + 0.25 * checks.batch_mean_of(batch)
    np.testing.assert_allclose(layer.moving_mean, mean, rtol=1e-12)


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []
