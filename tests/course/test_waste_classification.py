"""The lab waste_classification: its base against Keras, its data, and its checks against right and wrong solutions."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from autograder.checks import precision_recall_f1
from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "waste_classification"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "waste_classification_checks_under_test")


@pytest.fixture(scope="module")
def make_data() -> ModuleType:
    return import_file(FOLDER / "make_data.py", "waste_classification_make_data_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def pictures_in(archive: Path) -> dict[str, np.ndarray]:
    """The pictures of an archive by their names."""
    with zipfile.ZipFile(archive) as opened:
        return {name: np.asarray(Image.open(io.BytesIO(opened.read(name)))) for name in opened.namelist()}


def test_the_data_is_what_make_data_makes(make_data: ModuleType, tmp_path: Path) -> None:
    make_data.write_small(tmp_path / "files", tmp_path / "data")
    made, kept = pictures_in(tmp_path / "files" / "waste.zip"), pictures_in(FOLDER / "files" / "waste.zip")
    assert list(made) == list(kept)
    for name in made:
        np.testing.assert_array_equal(made[name], kept[name])
    with np.load(tmp_path / "data" / "hidden.npz") as hidden, np.load(FOLDER / "data" / "hidden.npz") as committed:
        for key in ("pictures", "labels"):
            np.testing.assert_array_equal(hidden[key], committed[key])


def test_students_get_folders_of_pictures_by_class() -> None:
    pictures = pictures_in(FOLDER / "files" / "waste.zip")
    assert {picture.shape for picture in pictures.values()} == {(32, 32, 3)}
    for part, num_each in (("train", 12), ("validation", 20)):
        names = [name.split("/")[2] for name in pictures if name.startswith(f"waste/{part}/")]
        assert {name: names.count(name) for name in names} == dict.fromkeys(
            ["cardboard", "glass", "metal", "organic", "paper", "plastic"], num_each
        )


def test_no_picture_is_given_and_hidden() -> None:
    given = {picture.tobytes() for picture in pictures_in(FOLDER / "files" / "waste.zip").values()}
    with np.load(FOLDER / "data" / "hidden.npz") as hidden:
        assert not given & {picture.tobytes() for picture in hidden["pictures"]}


def test_things_to_pretrain_on_have_the_looks_they_are_labelled_with(make_data: ModuleType) -> None:
    pictures, kinds = make_data.PICTURES.draw_things(3, seed=0)
    assert (pictures.shape, pictures.dtype, kinds.shape) == ((3, 32, 32, 3), "uint8", (3, 3))
    for shape in make_data.PICTURES.SHAPES.values():
        line = np.linspace(-1, 1, 65)
        u, v = np.meshgrid(line, line)
        assert 0.1 < shape(u, v, np.random.default_rng(0)).mean() < 0.75


def test_the_weights_of_the_base_are_those_the_checks_know() -> None:
    keras = pytest.importorskip("keras")
    model = keras.models.load_model(FOLDER / "files" / "base.keras")
    with np.load(FOLDER / "data" / "base.npz") as kept:
        assert list(kept) == [weight.path for weight in model.weights]
        for weight in model.weights:
            np.testing.assert_array_equal(kept[weight.path].astype("float32"), weight.numpy())


def test_our_features_equal_those_of_keras(checks: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    base = keras.models.load_model(FOLDER / "files" / "base.keras")
    pictures = np.random.default_rng(0).uniform(-1, 1, size=(5, 32, 32, 3)).astype("float32")
    np.testing.assert_allclose(checks.features_of(pictures), base.predict(pictures, verbose=0), rtol=1e-3, atol=1e-4)


def test_our_reader_recognises_two_of_three_pictures_or_more(checks: ModuleType, make_data: ModuleType) -> None:
    pictures, labels = make_data.PICTURES.draw_waste(20, seed=6)
    classes = checks.READER.classify(checks.features_of(make_data.scaled(pictures)))
    assert precision_recall_f1(labels, classes, 6).recall.mean() > 2 / 3


def test_full_marks_are_well_above_what_is_reached_from_scratch(checks: ModuleType) -> None:
    assert checks.BEST_SCRATCH + 0.05 <= checks.GOOD


def test_photographs_are_split_by_their_names(make_data: ModuleType, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    for name in ("glass", "trash"):
        (tmp_path / "from" / name).mkdir(parents=True)
        for number in range(20):
            photograph = generator.integers(256, size=(48, 64, 3), dtype="uint8")
            Image.fromarray(photograph).save(tmp_path / "from" / name / f"{name}{number}.jpg")
    make_data.make_full(tmp_path / "from", tmp_path / "to")
    pictures = pictures_in(tmp_path / "to" / "files" / "waste.zip")
    assert {picture.shape for picture in pictures.values()} == {(160, 160, 3)}
    with np.load(tmp_path / "to" / "data" / "hidden.npz") as hidden:
        assert hidden["pictures"].shape == (len(hidden["labels"]), 160, 160, 3)
        assert set(hidden["labels"]) <= {0, 1}
        assert len(pictures) + len(hidden["labels"]) == 40
    for name in pictures:
        _, part, kind, file = name.split("/")
        assert make_data.part_of(f"{kind}/{Path(file).stem}.jpg") == part


def test_about_seven_of_ten_photographs_are_to_train_with(make_data: ModuleType) -> None:
    parts = [make_data.part_of(f"glass/glass{number}.jpg") for number in range(500)]
    assert 0.63 < parts.count("train") / 500 < 0.77
    assert 0.10 < parts.count("validation") / 500 < 0.20
    assert 0.10 < parts.count("hidden") / 500 < 0.20


def test_a_folder_without_pictures_is_refused(make_data: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="expected a folder of pictures for each class"):
        make_data.make_full(tmp_path, tmp_path / "to")


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []
