"""The tripwire: what in a student's code a person is told of, and what is nobody's business."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.grading.tripwire import NAMES, mentioned, tripwires
from tests.grading.courses import nbgrader_cell


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("get_ipython().ast_transformers.append(Remove())", "ast_transformers"),
        ("InteractiveShell.showtraceback = lambda *_: None", "showtraceback"),
        ("setattr(shell, 'showtraceback', print)", "showtraceback"),
        ("import ctypes", "ctypes"),
        ("from ctypes import string_at", "ctypes"),
        ("import inspect as i\nframes = inspect.stack()", "inspect.stack"),
        ("from inspect import stack", "inspect.stack"),
        ("frame = sys._getframe(1)", "_getframe"),
        ("answers = In[-1]", "In[-1]"),
        ("%history -g", "%history"),
        ("open('/proc/self/maps').read()", "/proc/"),
        ("!cat /proc/1/environ", "/proc/"),
        ("get_ipython().kernel.do_execute = forge", "do_execute"),
        ("shell.kernel.shell_handlers['x'] = forge", "shell_handlers"),
        ("import autograder", "autograder"),
    ],
)
def test_code_that_reaches_for_the_grader_is_told_of(source: str, word: str) -> None:
    assert word in mentioned(source)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1  # unlike ctypes or inspect.stack, and /proc/ is no place to look",
        'def f():\n    """Never call sys._getframe, see /proc/self."""\n    return 1',
        "print('graded by nbgrader, with autograder')",
        "stack = [1, 2]\nstack.pop()\nIn = [3]\nIn[0]",
        "processed = np.stack([a, b])\nopen('data/processed.csv')",
        "history = model.fit(x, y)\nhistory.history['loss']",
        "%matplotlib inline\n%timeit f(1)",
        "def broken(:\n    import ctypes",
        "-" * 100_000 + "1",
        "a" + ".b" * 50_000,
    ],
)
def test_what_people_write_for_the_task_is_not(source: str) -> None:
    assert mentioned(source) == []


def test_only_the_students_own_cells_are_read() -> None:
    reads = "import ctypes"
    notebook: NotebookNode = new_notebook(
        cells=[
            nbgrader_cell(reads, "locked", "tests", points=1),
            new_markdown_cell(reads),
            nbgrader_cell("import sys\nsys._getframe()", "mine", "solution"),
            new_code_cell("open('/proc/1/mem')"),
        ]
    )
    first, second = tripwires(notebook)
    assert first.startswith("cell `mine` uses `_getframe`, which looks at who is calling")
    assert second.startswith("cell `cell 4` uses `/proc/`, which looks at other processes")


def test_a_word_is_told_of_once_and_there_is_an_end_to_it() -> None:
    notebook: NotebookNode = new_notebook(cells=[new_code_cell("import ctypes") for _ in range(3)])
    assert len(tripwires(notebook)) == 1
    everything = "\n".join(f"x.{word}" for word in ("do_execute", "displayhook", "_ih", "f_back"))
    assert len(tripwires(new_notebook(cells=[new_code_cell(everything)]))) == 4
    everything = "\n".join(f"x.{word}" for word in NAMES if word.isidentifier())
    assert len(tripwires(new_notebook(cells=[new_code_cell(everything)]))) == 10
