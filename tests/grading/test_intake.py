"""Notebooks that are too much to take in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.grading.intake import MAX_CELLS, NotReadableError, read_notebook


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
