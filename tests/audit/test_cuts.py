"""Which cells of a notebook some tests cells rest on."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.audit.cuts import names_of, rests_on


def cell(source: str, name: str, grade: bool = False) -> NotebookNode:
    return new_code_cell(source, id=name, metadata={"nbgrader": {"grade_id": name, "grade": grade}})


NOTEBOOK = new_notebook(
    cells=[
        new_markdown_cell("# Title", id="title"),
        cell("import numpy as np\nimport keras", "imports"),
        cell("data = np.arange(4)", "data"),
        cell("def double(x):\n    return 2 * x", "double"),
        cell("print(double(3))", "double-tests", grade=True),
        cell("def build():\n    return keras.Sequential()", "build"),
        cell("model = build()\nmodel.fit(data)", "train"),
        cell("data[0] = 7", "change"),
        cell("shown = 3\nprint(shown, double(2))", "show"),
        cell("print(model)", "train-tests", grade=True),
    ]
)
ASKED = {"double-tests": ["double"], "train-tests": ["model"]}


def test_names_are_told_apart_by_what_a_cell_does_with_them() -> None:
    names = names_of("import a\nb = c\ndef d(e):\n    f = g\n    return b + e + f\nh[0] = 1\nb.add(2)")
    assert names.made == {"a", "d"}
    assert names.values == {"b"}
    assert names.used == {"c", "g", "h"}
    assert names.touched == {"c", "h"}


def test_a_name_that_is_read_before_it_is_set_comes_from_elsewhere() -> None:
    assert names_of("total = total + 1").used == {"total"}
    assert names_of("total += 1").used == {"total"}
    assert names_of("total = 0\ntotal = total + 1").used == set()


def test_what_a_function_sets_as_global_is_a_value_of_the_cell() -> None:
    assert names_of("def count():\n    global calls\n    calls = 1").values == {"calls"}


def test_a_cell_that_is_no_python_may_do_anything() -> None:
    assert not names_of("def broken(:").readable
    notebook = new_notebook(cells=[cell("%%bash\nls", "shell"), *NOTEBOOK.cells])
    assert "shell" in rests_on(notebook, ["double-tests"], ASKED)


@pytest.mark.parametrize(
    ("tests", "kept"),
    [
        ("double-tests", {"double", "double-tests"}),
        # `change` alters what `data` holds, which `train` has read: it may matter, and stays
        ("train-tests", {"imports", "data", "build", "train", "change", "train-tests"}),
    ],
)
def test_a_tests_cell_rests_on_what_its_checks_ask_for_and_on_what_that_needs(tests: str, kept: set[str]) -> None:
    assert rests_on(NOTEBOOK, [tests], ASKED) == kept


def test_without_checks_it_rests_on_what_its_visible_tests_use() -> None:
    assert rests_on(NOTEBOOK, ["double-tests"], {}) == {"double", "double-tests"}
    assert "imports" in rests_on(NOTEBOOK, ["train-tests"], {})


def test_a_cell_whose_text_is_asked_for_is_kept() -> None:
    assert "build" in rests_on(NOTEBOOK, ["double-tests"], {"double-tests": ["double", "build"]})
