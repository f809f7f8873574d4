from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from autograder.authoring import build_notebook, read_lab
from autograder.authoring.notebook import notebook_bytes

from .samples import LAB, write_lab


def test_headers_become_nbgraders_metadata(tmp_path: Path) -> None:
    notebook = build_notebook(read_lab(write_lab(tmp_path)))
    found = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    known = {"schema_version": 3, "task": False}
    assert found == [
        None,
        {**known, "grade_id": "imports", "grade": False, "solution": False, "locked": True},
        {**known, "grade_id": "moving-average", "grade": False, "solution": True, "locked": False},
        {**known, "grade_id": "moving-average-values", "grade": True, "solution": False, "locked": True, "points": 4},
        None,
        None,
        {**known, "grade_id": "why-longer", "grade": True, "solution": True, "locked": False, "points": 1.5},
    ]
    assert [cell.id for cell in notebook.cells if "nbgrader" in cell.metadata] == [
        "imports",
        "moving-average",
        "moving-average-values",
        "why-longer",
    ]


def test_the_notebook_is_plain_and_valid(tmp_path: Path) -> None:
    content = notebook_bytes(build_notebook(read_lab(write_lab(tmp_path))))
    notebook = nbformat.reads(content.decode(), as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert all(
        cell.outputs == [] and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code"
    )
    assert b"jupytext" not in content
    assert b"lines_to_next_cell" not in content
    assert b"__name__" not in content


def test_guarded_code_stands_at_the_left_margin(tmp_path: Path) -> None:
    tests = build_notebook(read_lab(write_lab(tmp_path))).cells[3]
    assert tests.source.startswith("# the window moves by one\naverages = moving_average(PRICES, 2)\n")
    assert tests.source.endswith('"""expected one mean\n      for each window"""')


def test_the_same_lab_makes_the_same_bytes(tmp_path: Path) -> None:
    first, second = (notebook_bytes(build_notebook(read_lab(write_lab(tmp_path / place)))) for place in ("a", "b"))
    assert first == second


def test_prose_added_anywhere_changes_no_other_cell_id(tmp_path: Path) -> None:
    before = build_notebook(read_lab(write_lab(tmp_path / "a")))
    text = LAB.replace('# %% text="imports"', '# %% [markdown]\n# A word more.\n\n# %% text="imports"')
    after = build_notebook(read_lab(write_lab(tmp_path / "b", text=text)))
    assert [cell.id for cell in after.cells if "A word more" not in cell.source] == [cell.id for cell in before.cells]


@pytest.mark.parametrize("again", [2, 3])
def test_cells_of_the_same_text_have_ids_of_their_own(tmp_path: Path, again: int) -> None:
    text = LAB + "\n# %% [markdown]\n# Pause.\n" * again
    ids = [cell.id for cell in build_notebook(read_lab(write_lab(tmp_path, text=text))).cells]
    assert len(set(ids)) == len(ids)
    assert ids[-1] == f"{ids[-again]}-{again}"
