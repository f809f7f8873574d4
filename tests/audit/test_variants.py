"""Variants of a lab: declared in variants.py, filled into the students' notebook."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.audit import (
    apply_variant,
    load_variants,
    reference_cells,
    reference_variant,
    replaced,
    untouched_variant,
)
from autograder.errors import CheckError

LAB = '''# %% [markdown] text="title"
# # Adding

# %% solution="add"
def add(a: int, b: int) -> int:
    """Return the sum."""
    # BEGIN SOLUTION
    return a + b
    # END SOLUTION


# %% tests="add-tests" points=2
if __name__ == "__main__":
    assert add(1, 2) == 3
'''
HEADER = "from autograder.audit import right, wrong\n\n"
SUBTRACTS = (
    '@wrong(loses=["add-tests"])\ndef subtracts():\n    """Subtracts."""\n    return {"add": "add = int.__sub__"}\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "adding"
    folder.mkdir()
    (folder / "lab.py").write_text(LAB, encoding="utf-8")
    return folder


def declare(folder: Path, text: str) -> Path:
    path = folder / "variants.py"
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def test_the_reference_is_handed_in_without_solution_markers(folder: Path) -> None:
    assert reference_cells(folder) == {
        "add": 'def add(a: int, b: int) -> int:\n    """Return the sum."""\n    return a + b'
    }
    assert reference_variant(folder).cells == reference_cells(folder)


def test_a_variant_carries_what_it_says(folder: Path) -> None:
    (variant,) = load_variants(declare(folder, SUBTRACTS))
    assert (variant.name, variant.kind, variant.sentence) == ("subtracts", "wrong", "Subtracts.")
    assert (variant.changed, variant.loses) == (("add",), ("add-tests",))


def test_variants_keep_their_order_and_kinds(folder: Path) -> None:
    text = '@right\ndef other():\n    """Another way."""\n    return {"add": "add = int.__add__"}\n\n\n' + SUBTRACTS
    assert [(v.name, v.kind) for v in load_variants(declare(folder, text))] == [
        ("other", "right"),
        ("subtracts", "wrong"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SUBTRACTS.replace('"add":', '"sub":'), "replaces 'sub', which is no solution cell"),
        (SUBTRACTS.replace("add-tests", "sub-tests"), "loses marks in 'sub-tests', which is no tests cell"),
        (SUBTRACTS.replace('["add-tests"]', "[]"), "at least one tests cell in loses="),
        (SUBTRACTS.replace('    """Subtracts."""\n', ""), "expected a docstring"),
        (SUBTRACTS.replace('{"add": "add = int.__sub__"}', "{}"), "expected cells that differ"),
        ("raise RuntimeError('no')", "cannot be loaded: RuntimeError: no"),
    ],
)
def test_a_variant_that_does_not_fit_the_lab_is_refused(folder: Path, text: str, message: str) -> None:
    with pytest.raises(CheckError, match=message):
        load_variants(declare(folder, text))


def test_a_change_must_find_its_place_exactly_once() -> None:
    assert replaced("a + b", ("+", "-")) == "a - b"
    for source in ("a * b", "a + b + c"):
        with pytest.raises(CheckError, match="the variant has to follow the lab"):
            replaced(source, ("+", "-"))


def test_a_variant_fills_a_copy_of_the_notebook_by_grade_id(folder: Path) -> None:
    released = new_notebook(
        cells=[new_code_cell("???", metadata={"nbgrader": {"grade_id": "add"}}), new_code_cell("add(1, 2)")]
    )
    filled = apply_variant(released, reference_variant(folder))
    assert filled.cells[0].source.endswith("return a + b")
    assert [cell.source for cell in released.cells] == ["???", "add(1, 2)"]
    assert apply_variant(released, untouched_variant()) == released


def test_a_notebook_without_the_cell_is_refused(folder: Path) -> None:
    with pytest.raises(CheckError, match="expected a cell 'add' in the notebook"):
        apply_variant(new_notebook(), reference_variant(folder))
