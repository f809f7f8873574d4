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
        cell("data[0] = 7", "change"),
        cell("model = build()\nmodel.fit(data)", "train"),
        cell("data[1] = 7", "change-again"),
        cell("shown = 3\nprint(shown, double(2))", "show"),
        cell("print(model)", "train-tests", grade=True),
    ]
)


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


def test_the_names_of_a_comprehension_are_its_own() -> None:
    names = names_of("words = {word for story in stories for word in story if word in known}")
    assert (names.values, names.used) == ({"words"}, {"stories", "known"})
    assert names_of("[word for word in word]").used == {"word"}
    assert names_of("longest = [len(word) for word in words]\nprint(word)").used == {"words", "word", "len", "print"}
    assert names_of("sums = [[x + y for x in row] for row in rows]").used == {"y", "rows"}


def test_what_a_function_sets_as_global_is_a_value_of_the_cell() -> None:
    assert names_of("def count():\n    global calls\n    calls = 1").values == {"calls"}


def test_a_cell_that_is_no_python_may_do_anything() -> None:
    assert not names_of("def broken(:").readable
    notebook = new_notebook(cells=[cell("%%bash\nls", "shell"), *NOTEBOOK.cells])
    assert "shell" in rests_on(notebook, ["double"])


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("double", {"double"}),
        # `change` alters what `data` holds before `train` reads it
        ("model", {"imports", "data", "build", "train", "change"}),
    ],
)
def test_who_asks_for_a_name_rests_on_what_gives_it_a_meaning_and_on_what_that_needs(
    asked: str, kept: set[str]
) -> None:
    assert rests_on(NOTEBOOK, [asked]) == kept


def test_a_tests_cell_without_checks_rests_on_what_its_visible_tests_use() -> None:
    assert rests_on(NOTEBOOK, (), ["double-tests"]) == {"double", "double-tests"}
    assert "imports" in rests_on(NOTEBOOK, (), ["train-tests"])


def test_a_cell_whose_text_is_asked_for_is_kept() -> None:
    assert rests_on(NOTEBOOK, ["double", "build"]) == {"double", "build", "imports"}


@pytest.mark.parametrize(
    ("source", "only"),
    [
        ('"""Words."""\nimport a\nfrom b import c\nSIZE: int = 3\nPair = tuple[int, int]\ndef d():\n    e()', True),
        ("@a.register()\nclass B(a.Layer):\n    def call(self):\n        pass", True),
        ("", True),
        ("x = a()", False),
        ("a()", False),
        ("for x in y:\n    pass", False),
        ("%matplotlib inline", False),
    ],
)
def test_a_cell_that_only_defines_is_known(source: str, only: bool) -> None:
    assert names_of(source).only_defines is only


def kept_of(*sources: str, asked: str) -> list[int]:
    """Numbers of the cells that whoever asks for a name rests on."""
    cells = [cell(source, str(number)) for number, source in enumerate(sources)]
    return sorted(map(int, rests_on(new_notebook(cells=cells), [asked])))


@pytest.mark.parametrize(
    ("sources", "asked", "kept"),
    [
        (["model = 1", "print(model)", "model = build()", "print(model)"], "model", [2, 3]),
        (["model = 1", "if late:\n    model = build()"], "model", [0, 1]),
        (["with np.load('a') as a:\n    x = a['x']", "with np.load('b') as b:\n    x = b['x']"], "x", [1]),
        (["import a as b", "b = b.c()"], "b", [0, 1]),
        # a function reads what its names mean when it is called
        (["size = [1]", "def build():\n    return size", "size = [2]", "model = build()"], "model", [0, 1, 2, 3]),
    ],
)
def test_a_name_that_gets_another_meaning_rests_on_nothing_before(
    sources: list[str], asked: str, kept: list[int]
) -> None:
    assert kept_of(*sources, asked=asked) == kept


def test_what_reads_a_number_does_not_change_it() -> None:
    assert kept_of("rate = -0.01", "train(rate)", asked="rate") == [0]
    assert kept_of("sizes = (3, 'valid')", "train(sizes)", asked="sizes") == [0]
    assert kept_of("rates = [0.01]", "train(rates)", asked="rates") == [0, 1]
    assert kept_of("rate = 0.01", "rate += 0.01", asked="rate") == [0, 1]
