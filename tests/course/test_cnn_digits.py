"""The lab cnn_digits: its answers against Keras, its data, and its checks against right and wrong solutions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.audit import Variant, reference_variant
from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "cnn_digits"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "cnn_digits_checks_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def test_the_data_is_what_make_data_makes(tmp_path: Path) -> None:
    make_data = import_file(FOLDER / "make_data.py", "cnn_digits_make_data_under_test")
    make_data.write(make_data.small_digits(), tmp_path / "files", tmp_path / "data")
    for name in ("files/digits.npz", "data/hidden.npz"):
        with np.load(tmp_path / name) as made, np.load(FOLDER / name) as kept:
            assert sorted(made) == sorted(kept)
            for key in made:
                np.testing.assert_array_equal(made[key], kept[key])


def test_students_get_images_in_the_stated_form_and_no_hidden_one() -> None:
    with np.load(FOLDER / "files" / "digits.npz") as given, np.load(FOLDER / "data" / "hidden.npz") as hidden:
        images = np.concatenate([given["train_images"], given["validation_images"]])
        assert images.dtype == np.float32
        assert images.shape[1:] == (8, 8, 1)
        assert (images.min(), images.max()) == (0.0, 1.0)
        theirs = {image.tobytes() for image in images}
        assert not any(image.tobytes() in theirs for image in hidden["images"])


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_our_convolution_equals_that_of_keras(checks: ModuleType, padding: str, strides: int) -> None:
    keras = pytest.importorskip("keras")
    generator = np.random.default_rng(strides)
    for shape, kernel_shape in (
        ((2, 9, 8, 3), (3, 2, 3, 4)),
        ((1, 5, 7, 1), (4, 5, 1, 2)),
        ((2, 6, 6, 2), (1, 1, 2, 1)),
    ):
        images, kernels = generator.normal(size=shape), generator.normal(size=kernel_shape)
        ours = checks.convolution_of(images, kernels, np.zeros(kernel_shape[-1]), strides, padding)
        theirs = keras.ops.convert_to_numpy(keras.ops.conv(images, kernels, strides=strides, padding=padding))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_our_pooling_equals_that_of_keras(checks: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    images = np.random.default_rng(0).normal(loc=-1.0, size=(2, 9, 8, 3)).astype("float32")
    for pool_size, strides in ((2, 2), (3, 2), (3, 1), (2, 3)):
        theirs = keras.ops.convert_to_numpy(keras.ops.max_pool(images, pool_size, strides=strides, padding="valid"))
        np.testing.assert_array_equal(checks.pooling_of(images, pool_size, strides), theirs)


def test_our_scores_equal_those_of_scikit_learn(checks: ModuleType) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(0)
    labels, predictions = generator.integers(0, 5, 80), generator.integers(0, 4, 80)  # class 4 is never predicted
    theirs = metrics.precision_recall_fscore_support(labels, predictions, labels=range(6), zero_division=0)[:3]
    for ours, their in zip(checks.scores_of(labels, predictions, 6).values(), theirs, strict=True):
        np.testing.assert_allclose(ours, their)


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []


def test_a_network_made_for_the_checks_alone_is_seen_by_a_person(laboratory: Laboratory) -> None:
    reference = reference_variant(FOLDER)
    calls_counted = """
real_build, calls = build_cnn, []


def build_cnn():
    calls.append(None)
    if len(calls) <= 2:  # the notebook's own cells
        return real_build()
    dense = keras.layers.Dense(10, activation="softmax")
    return keras.Sequential([keras.Input(shape=(8, 8, 1)), keras.layers.Flatten(), dense])
"""
    cells = {**reference.cells, "build-cnn": reference.cells["build-cnn"] + calls_counted}
    trial = laboratory.hand_in(Variant("counts", "wrong", "Counts its calls.", cells, ("build-cnn",)))
    assert [flag for flag in trial.flags if "not like `cnn`" in flag], trial.tell()
