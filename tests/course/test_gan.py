"""The lab gan: its answers against Keras, its data, and its checks against right and wrong solutions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "gan"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "gan_checks_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def test_the_data_is_what_make_data_makes(tmp_path: Path) -> None:
    make_data = import_file(FOLDER / "make_data.py", "gan_make_data_under_test")
    make_data.write(make_data.small_digits(), tmp_path / "files", tmp_path / "data")
    for name in ("files/digits.npz", "data/hidden.npz"):
        with np.load(tmp_path / name) as made, np.load(FOLDER / name) as kept:
            assert sorted(made) == sorted(kept)
            for key in made:
                np.testing.assert_array_equal(made[key], kept[key])


def test_the_hidden_digits_are_those_of_the_other_lab_on_digits() -> None:
    other = FOLDER.parent / "cnn_digits" / "data" / "hidden.npz"
    with np.load(FOLDER / "data" / "hidden.npz") as ours, np.load(other) as theirs:
        np.testing.assert_array_equal(ours["images"], theirs["images"])


def test_our_losses_equal_those_of_keras(checks: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    generator = np.random.default_rng(0)
    real, fake = generator.normal(scale=5.0, size=(6, 1)), generator.normal(scale=5.0, size=(9, 1))
    loss = keras.losses.BinaryCrossentropy(from_logits=True, dtype="float64")
    theirs = float(loss(np.ones((6, 1)), real)) + float(loss(np.zeros((9, 1)), fake))
    assert checks.discriminator_loss(real, fake) == pytest.approx(theirs, rel=1e-6)
    assert checks.generator_loss(fake) == pytest.approx(float(loss(np.ones((9, 1)), fake)), rel=1e-6)


def test_the_graders_classifier_reads_real_digits(checks: ModuleType) -> None:
    with np.load(FOLDER / "data" / "hidden.npz") as hidden:
        assert np.mean(checks.CLASSIFIER.classify(hidden["images"]) == hidden["labels"]) > 0.95


def test_what_the_notebook_says_of_distances_is_so(checks: ModuleType) -> None:
    """Random pixels 1.9, the average digit 1.3, one digit again and again about 3; by digit, averages 1.0."""
    with np.load(FOLDER / "files" / "digits.npz") as given:
        images, labels = given["train_images"], given["train_labels"]
    generator = np.random.default_rng(0)
    assert checks.energy_distance(generator.random((500, 8, 8, 1)), checks.REAL) == pytest.approx(1.9, abs=0.05)
    average = np.repeat(images.mean(axis=0)[None], 500, axis=0)
    assert checks.energy_distance(average, checks.REAL) == pytest.approx(1.3, abs=0.05)
    repeated = [checks.energy_distance(np.repeat(image[None], 500, axis=0), checks.REAL) for image in images[:20]]
    assert np.mean(repeated) == pytest.approx(3.0, abs=0.2)
    averages = [
        checks.energy_distance(np.repeat(images[labels == digit].mean(axis=0)[None], 100, axis=0), real)
        for digit, real in enumerate(checks.REAL_BY_DIGIT)
    ]
    assert np.mean(averages) == pytest.approx(1.0, abs=0.05)


def test_a_player_changes_one_network_and_learns_from_the_other_as_it_is_now() -> None:
    keras = pytest.importorskip("keras")
    lab = import_file(FOLDER / "lab.py", "gan_lab_under_test")
    keras.utils.set_random_seed(0)
    first, second = (keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)]) for _ in range(2))
    player = lab.Player(first, second, lambda x: keras.ops.mean((first(x) - second(x)) ** 2), learning_rate=0.1)
    x = np.ones((4, 2), dtype="float32")
    before = second.get_weights()
    for _ in range(60):
        loss = player.step(x)
    assert loss < 1e-2
    second.set_weights([weight + 1.0 for weight in before])  # the opponent moves: the next loss has to see it
    assert player.step(x) > 4.0
    for old, new in zip(before, second.get_weights(), strict=True):
        np.testing.assert_array_equal(old + 1.0, new)


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []
