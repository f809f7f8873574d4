"""What a sandbox imports beforehand follows from what the assignment imports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course import Course, open_course
from autograder.grading.basis import Basis
from autograder.grading.imported import imported_by, preload

ALL = ("numpy", "keras", "tensorflow")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "source").mkdir()
    return replace(open_course(tmp_path), preload=ALL)


def write(course: Course, *cells: str, name: str = "lab") -> Path:
    folder = course.source_folder("lab")
    folder.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(cells=[new_markdown_cell("import keras"), *map(new_code_cell, cells)])
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["import numpy as np\nimport matplotlib.pyplot as plt"], ("numpy",)),
        (["x = 1"], ()),
        (["import numpy as np", "def build():\n    from keras import layers"], ALL),
        (["%matplotlib inline\nimport keras.ops"], ALL),
        (["import tensorflow as tf"], ALL),
        (["import keras_hub"], ALL),
        (["import tensorflow_datasets as tfds"], ALL),
        (["from . import keras"], ()),
        (["import os, numpy, tensorflow.data"], ALL),
    ],
)
def test_keras_and_tensorflow_are_preloaded_where_a_cell_imports_one_of_their_family(
    course: Course, cells: list[str], expected: tuple[str, ...]
) -> None:
    write(course, *cells)
    assert preload(course, "lab") == expected


def test_a_module_beside_the_notebook_counts(course: Course) -> None:
    folder = write(course, "from helpers.nets import build")
    assert preload(course, "lab") == ()
    (folder / "helpers").mkdir()
    (folder / "helpers" / "nets.py").write_text("import keras\n")
    assert preload(course, "lab") == ALL


def test_every_notebook_of_the_assignment_counts(course: Course) -> None:
    write(course, "import numpy")
    write(course, "import keras", name="second")
    assert preload(course, "lab") == ALL


@pytest.mark.parametrize("source", ["this is no Python", "%%bash\nls -la |", "def f(:"])
def test_where_it_cannot_be_told_everything_is_preloaded(course: Course, source: str) -> None:
    assert preload(course, "lab") == ALL  # there is no notebook at all
    folder = write(course, "import numpy", source)
    assert imported_by(folder) is None
    assert preload(course, "lab") == ALL


def test_grading_makes_its_sandboxes_by_it(course: Course) -> None:
    write(course, "import numpy")
    assert Basis.of(course, "lab").settings.preload == ("numpy",)
    write(course, "import numpy, keras")
    assert Basis.of(course, "lab").settings.preload == ALL
