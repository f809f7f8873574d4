"""The lab exam_residual: its answers against Keras, its data, and its checks against right and wrong solutions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "exam_residual"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "exam_residual_checks_under_test")


@pytest.fixture(scope="module")
def make_data() -> ModuleType:
    return import_file(FOLDER / "make_data.py", "exam_residual_make_data_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def expect_same_arrays(made: Path, kept: Path) -> None:
    with np.load(made) as one, np.load(kept) as other:
        assert sorted(one) == sorted(other)
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


def test_the_data_is_what_make_data_makes(make_data: ModuleType, tmp_path: Path) -> None:
    make_data.write(make_data.small_patterns(), tmp_path / "files", tmp_path / "data")
    for name in ("files/patterns.npz", "data/hidden.npz"):
        expect_same_arrays(tmp_path / name, FOLDER / name)


def test_there_are_as_many_pictures_of_each_kind_and_none_of_them_is_given_and_hidden() -> None:
    with np.load(FOLDER / "files" / "patterns.npz") as given, np.load(FOLDER / "data" / "hidden.npz") as hidden:
        assert np.bincount(given["train_labels"]).tolist() == [120] * 6
        assert np.bincount(given["validation_labels"]).tolist() == [40] * 6
        assert np.bincount(hidden["labels"]).tolist() == [100] * 6
        parts = [given["train_pictures"], given["validation_pictures"], hidden["pictures"]]
    everything = np.concatenate(parts).reshape(1560, 144)
    assert len(np.unique(everything, axis=0)) == 1560


def test_photographs_are_read_by_folder_and_shared_out(make_data: ModuleType, tmp_path: Path) -> None:
    from PIL import Image

    generator = np.random.default_rng(0)
    for kind, count in (("banded", 5), ("dotted", 10)):
        (tmp_path / "photographs" / kind).mkdir(parents=True)
        for number in range(count):
            picture = Image.fromarray(generator.integers(256, size=(90, 70, 3), dtype="uint8"))
            picture.save(tmp_path / "photographs" / kind / f"{number:02d}.png")
    assert make_data.main(["full", str(tmp_path / "photographs"), str(tmp_path / "large")]) == 0
    with np.load(tmp_path / "large" / "files" / "patterns.npz") as given:
        assert given["train_pictures"].shape == (9, 64, 64, 1)
        assert given["train_labels"].tolist() == [0] * 3 + [1] * 6
        assert given["validation_labels"].tolist() == [0, 1, 1]
    with np.load(tmp_path / "large" / "data" / "hidden.npz") as hidden:
        assert hidden["pictures"].dtype == np.uint8
        assert hidden["labels"].tolist() == [0, 1, 1]


def test_a_folder_without_photographs_is_told(make_data: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"expected photographs in .*, found none"):
        make_data.photographs(tmp_path)


@pytest.mark.parametrize(("shape", "filters", "strides"), [((6, 5, 3), 3, 1), ((7, 6, 2), 4, 2), ((8, 6, 3), 3, 2)])
def test_our_block_equals_that_of_the_reference(
    checks: ModuleType, shape: tuple[int, int, int], filters: int, strides: int
) -> None:
    keras = pytest.importorskip("keras")
    lab = import_file(FOLDER / "lab.py", "exam_residual_lab_under_test")
    x = np.random.default_rng(1).normal(size=(4, *shape)).astype("float32")
    block = lab.one_block(shape, filters, strides)
    kernels = [weight.numpy() for weight in block.weights if weight.shape[:2] == (3, 3)]
    projection = next((weight.numpy() for weight in block.weights if weight.shape[:2] == (1, 1)), None)
    first = next(kernel for kernel in kernels if kernel.shape[2] == shape[2])
    second = next(kernel for kernel in kernels if kernel is not first)
    ours = checks.block_of(x, [first, second], projection, strides)
    theirs = keras.ops.convert_to_numpy(block(x, training=True))
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_moves_are_found(checks: ModuleType) -> None:
    image = np.arange(1, 13).reshape(1, 3, 4, 1)
    down_and_left = np.array([[0, 0, 0, 0], [2, 3, 4, 0], [6, 7, 8, 0]]).reshape(1, 3, 4, 1)
    assert checks.found_moves(image, down_and_left, 1).tolist() == [[0, 2, 0]]
    mirrored = np.array([[4, 3, 2, 1], [8, 7, 6, 5], [12, 11, 10, 9]]).reshape(1, 3, 4, 1)
    assert checks.found_moves(image, mirrored, 1).tolist() == [[1, 1, 1]]
    assert checks.found_moves(image, image + 1, 1).tolist() == [[-1, -1, -1]]


def test_marks_begin_above_what_dense_networks_reach(checks: ModuleType) -> None:
    record = json.loads((FOLDER / "data" / "baselines.json").read_text(encoding="utf-8"))
    assert record["best_dense_accuracy"] <= checks.BASELINE < checks.GOOD


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []
