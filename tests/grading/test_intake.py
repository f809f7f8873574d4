"""Notebooks that are too much to take in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading.engine import nested_deeper
from autograder.grading.handed_in import handed_in_digest
from autograder.grading.intake import MAX_CELLS, MAX_DEPTH, NotReadableError, Sizes, copy_submission, read_notebook
from autograder.grading.store import read_notebooks


def written(folder: Path, count: int) -> Path:
    cell = {"cell_type": "markdown", "metadata": {}, "source": "x"}
    path = folder / "lab.ipynb"
    path.write_text(json.dumps({"cells": [cell] * count, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_as_many_cells_as_are_allowed_are_read(tmp_path: Path) -> None:
    assert len(read_notebook(written(tmp_path, MAX_CELLS)).cells) == MAX_CELLS


def test_a_notebook_of_too_many_cells_is_refused_with_their_number(tmp_path: Path) -> None:
    with pytest.raises(NotReadableError) as refusal:
        read_notebook(written(tmp_path, MAX_CELLS + 1))
    assert str(refusal.value) == (
        "expected at most 2,000 cells in lab.ipynb, found 2,001; ask the student to hand in the notebook without them"
    )


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder with a notebook, and more folders in folders beside it than a recursive walk survives."""
    root = tmp_path / "submitted"
    made = [root, *(root / "/".join("d" * depth) for depth in range(1, 1201))]
    for folder in made:
        folder.mkdir()
    (root / "lab.ipynb").write_text("{}")
    yield root
    (root / "lab.ipynb").unlink()
    for folder in reversed(made):  # shutil.rmtree is recursive too
        folder.rmdir()


def test_folders_in_folders_without_end_are_left_out_by_name_and_the_rest_is_kept(deep: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    left_out = copy_submission(deep, tmp_path / "copy", Sizes(10**6, 10**6, 10**6), ())
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["lab.ipynb"]
    assert list(left_out) == ["/".join("d" * (MAX_DEPTH + 1))]
    assert next(iter(left_out.values())).endswith("; left out")
    assert handed_in_digest(deep) == ""


def test_outputs_are_measured_for_how_deep_they_are_nested_without_going_down_into_them() -> None:
    nested: object = "z"
    for _ in range(5):
        nested = {"x": [nested]}
    assert not nested_deeper(nested, 10)
    assert nested_deeper(nested, 9)
    for _ in range(10**5):
        nested = [nested]
    assert nested_deeper(nested, 50)


def test_an_executed_notebook_that_overflows_its_reader_is_none(tmp_path: Path) -> None:
    (tmp_path / "deep.ipynb").write_text("[" * 10**5 + "]" * 10**5)
    assert read_notebooks(tmp_path, ["deep", "missing"]) == {}
