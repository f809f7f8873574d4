"""The lab custom_layers: its answers against Keras, its data, and its checks against right and wrong solutions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.audit import load_variants
from autograder.authoring import read_lab
from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "custom_layers"
LAB = read_lab(FOLDER)
VARIANTS = load_variants(FOLDER / "variants.py")


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "custom_layers_checks_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def test_the_points_sum_to_forty() -> None:
    assert LAB.max_points == 40


def test_every_tests_cell_has_checks(checks: ModuleType) -> None:
    judged = {
        value.__autograder_check__.cell for value in vars(checks).values() if hasattr(value, "__autograder_check__")
    }
    assert judged == {cell.grade_id for cell in LAB.of_kind("tests")}


def test_there_are_enough_variants() -> None:
    kinds = [variant.kind for variant in VARIANTS]
    assert kinds.count("wrong") >= 12
    assert kinds.count("right") >= 4


def test_every_tests_cell_is_lost_by_some_wrong_variant() -> None:
    lost = {cell for variant in VARIANTS for cell in variant.loses}
    assert lost == {cell.grade_id for cell in LAB.of_kind("tests")}


def test_students_need_nothing_but_keras_numpy_and_matplotlib() -> None:
    assert imported(FOLDER / "lab.py") == {"keras", "matplotlib", "numpy"}


def test_the_judging_side_needs_no_keras() -> None:
    for name in ("checks.py", "variants.py"):
        assert not imported(FOLDER / name) & {"keras", "tensorflow", "torch", "sklearn"}, name


def imported(path: Path) -> set[str]:
    """The packages a file imports, wherever it does."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


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
