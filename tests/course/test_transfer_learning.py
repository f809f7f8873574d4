"""The lab transfer_learning: its answers against Keras, its data, and its checks against right and wrong solutions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "transfer_learning"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "transfer_learning_checks_under_test")


@pytest.fixture(scope="module")
def make_data() -> ModuleType:
    return import_file(FOLDER / "make_data.py", "transfer_learning_make_data_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def test_the_data_is_what_make_data_makes(make_data: ModuleType, tmp_path: Path) -> None:
    make_data.write(make_data.small_digits(), tmp_path / "files", tmp_path / "data")
    make_data.write_letters(tmp_path / "files" / "letters.npz")
    for name in ("files/digits.npz", "files/letters.npz", "data/hidden.npz"):
        with np.load(tmp_path / name) as made, np.load(FOLDER / name) as kept:
            assert sorted(made) == sorted(kept)
            for key in made:
                np.testing.assert_array_equal(made[key], kept[key])


def test_students_learn_from_two_of_each_digit() -> None:
    with np.load(FOLDER / "files" / "digits.npz") as digits:
        assert np.bincount(digits["few_labels"]).tolist() == [2] * 10
        assert digits["few_images"].shape == (20, 8, 8, 1)


def test_the_letter_reader_reads_letters_and_its_weights_are_those_the_checks_know(make_data: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    model = keras.models.load_model(FOLDER / "files" / "letter_reader.keras")
    images, labels = make_data.render_letters(10, seed=3)
    assert np.mean(model.predict(images, verbose=0).argmax(axis=1) == labels) > 0.95
    with np.load(FOLDER / "data" / "base.npz") as kept:
        assert list(kept) == [weight.path for weight in model.weights]
        for weight in model.weights:
            np.testing.assert_array_equal(kept[weight.path], weight.numpy())


def test_our_features_equal_those_of_keras(checks: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    model = keras.models.load_model(FOLDER / "files" / "letter_reader.keras")
    base = keras.Model(model.inputs, model.get_layer("features").output)
    images = np.random.default_rng(0).random((5, 8, 8, 1), dtype="float32")
    ours = checks.features_of(images, checks.PRETRAINED)
    np.testing.assert_allclose(ours, base.predict(images, verbose=0), rtol=1e-4, atol=1e-5)


def test_full_marks_are_well_above_what_is_reached_from_scratch(checks: ModuleType) -> None:
    assert checks.BEST_SCRATCH + 0.01 <= checks.GOOD


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []
