"""Validating a stock released notebook where there is no course: cell by cell, and what is missing."""

from __future__ import annotations

import io
import json
import logging
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.validator import Validator
from rich.console import Console

from autograder.errors import UsageError
from autograder.validate import NotebookReport, validate
from autograder.validate.finding import find_notebooks
from autograder.validate.screen import print_report
from tests.grading.conftest import released_sums  # noqa: F401 - a fixture, shared
from tests.grading.courses import answer, cell_of

RIGHT = "def double(number):\n    return 2 * number"
NOW = datetime(2027, 1, 30, 12, tzinfo=UTC)


@pytest.fixture
def notebook(released_sums: Path, tmp_path: Path) -> Path:  # noqa: F811
    """The released notebook, alone in a student's folder."""
    shutil.copytree(released_sums / "release" / "sums", tmp_path / "home" / "sums")
    return tmp_path / "home" / "sums" / "sums.ipynb"


def edit(path: Path, *edits: Callable[[NotebookNode], Any]) -> None:
    notebook = nbformat.read(path, as_version=4)
    for one in edits:
        one(notebook)
    path.write_text(json.dumps(notebook))


def source_of(name: str, source: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: cell_of(notebook, name).update(source=source)


def stamped(**stamp: Any) -> Callable[[NotebookNode], None]:
    return lambda notebook: notebook.metadata.update(autograder=stamp)


def states(report: NotebookReport) -> list[tuple[str, str]]:
    return [(cell.name, cell.state) for cell in report.cells]


def says(report: NotebookReport, name: str) -> str:
    return next(cell.says for cell in report.cells if cell.name == name)


def shown(report: NotebookReport, now: datetime = NOW) -> str:
    console = Console(width=80, record=True, file=io.StringIO())
    print_report(console, report, now)
    return console.export_text()


def test_an_untouched_notebook_is_not_begun_and_its_tests_fail(notebook: Path) -> None:
    before = notebook.read_bytes()
    report = validate(notebook)
    assert states(report) == [("double", "not begun"), ("double-tests", "fails"), ("why", "empty")]
    assert says(report, "double-tests") == "a part that it needs is not written yet (NotImplementedError)"
    assert not report.ready
    assert notebook.read_bytes() == before
    text = shown(report)
    assert "0 of 1 tests pass, worth 0 of 4 points." in text
    assert "To do: double, double-tests, why." in text


def test_a_finished_notebook_is_ready(notebook: Path) -> None:
    edit(notebook, answer(RIGHT), source_of("why", "Because."))
    report = validate(notebook)
    assert states(report) == [("double-tests", "passes"), ("why", "written")]
    assert report.ready
    assert "Nothing is missing. Passing here is no mark yet" in shown(report)


def test_a_failing_line_is_quoted(notebook: Path) -> None:
    edit(notebook, answer("def double(number):\n    return number"))
    assert says(validate(notebook), "double-tests") == "line 1 does not hold: assert double(2) == 4"


def test_an_error_in_ones_own_code_is_told_where_it_happened(notebook: Path) -> None:
    edit(notebook, answer("dubble = 1 / 0"), lambda nb: nb.cells.insert(0, new_code_cell("undefined_name")))
    report = validate(notebook)
    assert states(report)[:3] == [("cell 1", "error"), ("double", "error"), ("double-tests", "fails")]
    assert says(report, "cell 1") == "NameError: name 'undefined_name' is not defined"
    assert says(report, "double") == "ZeroDivisionError: division by zero"


def test_what_grading_would_undo_is_said(notebook: Path) -> None:
    edit(notebook, answer(RIGHT), source_of("double-tests", "pass"), source_of("intro", "# My sums"))
    report = validate(notebook)
    assert ("intro", "changed") in states(report)
    assert ("double-tests", "changed") in states(report)
    assert says(report, "double-tests") == "is locked: grading puts back what was released"
    assert not report.ready


def test_a_cell_of_another_type_is_said(notebook: Path) -> None:
    edit(notebook, lambda nb: cell_of(nb, "double").update(cell_type="raw"))
    assert says(validate(notebook), "double") == "was a code cell, and is a raw cell: change it back"


def test_what_is_there_twice_or_no_more_is_said(notebook: Path) -> None:
    edit(
        notebook,
        answer(RIGHT),
        stamped(cells=["intro", "double", "double-tests", "why"]),
        lambda nb: nb.cells.append(cell_of(nb, "double")),
        lambda nb: nb.cells.remove(cell_of(nb, "why")),
    )
    report = validate(notebook)
    assert states(report) == [("double-tests", "passes"), ("double", "twice"), ("why", "deleted")]


def test_a_notebook_of_another_name_than_it_was_released_under_is_said(notebook: Path) -> None:
    edit(notebook, answer(RIGHT), stamped(notebook=notebook.stem))
    assert "renamed" not in dict(states(validate(notebook))).values()
    renamed = notebook.rename(notebook.with_name("mine.ipynb"))
    report = validate(renamed)
    assert states(report)[-1] == ("mine.ipynb", "renamed")
    assert f"call it {notebook.stem}.ipynb again" in says(report, "mine.ipynb")
    assert "Nothing is missing" not in shown(report)


def test_points_in_part_are_told(notebook: Path) -> None:
    edit(notebook, answer(RIGHT), source_of("double-tests", "1.5"))
    report = validate(notebook)
    assert [cell.says for cell in report.cells if cell.name == "double-tests"] == [
        "is locked: grading puts back what was released",
        "1.5 of 4 points",
    ]


def test_a_cell_that_never_ends_is_stopped(notebook: Path) -> None:
    edit(notebook, answer("def double(number):\n    while True:\n        pass"))
    edit(notebook, source_of("why", "Because."))
    report = validate(notebook, cell_seconds=1)
    assert states(report) == [("double-tests", "fails"), ("why", "written")]
    assert says(report, "double-tests") == "stopped, as it took too long (--timeout gives it longer)"


def test_when_python_itself_ends_the_rest_is_not_run(notebook: Path) -> None:
    edit(notebook, answer("import os\nos._exit(1)"))
    report = validate(notebook)
    assert states(report) == [("double", "error"), ("double-tests", "not run"), ("why", "empty")]
    assert report.notes == ("Python ended in cell 2 of 4; nothing after it was run.",)


def test_data_beside_the_notebook_is_found(notebook: Path) -> None:
    edit(notebook, answer(f"{RIGHT}\nopen('data.csv').close()"))
    assert ("double-tests", "passes") in states(validate(notebook))


def test_a_kernel_that_is_not_installed_is_replaced_and_said(notebook: Path) -> None:
    edit(notebook, answer(RIGHT), lambda nb: nb.metadata.update(kernelspec={"name": "conda-env", "display_name": "x"}))
    report = validate(notebook)
    assert ("double-tests", "passes") in states(report)
    assert "names the kernel 'conda-env', which is not installed here" in report.notes[0]


def test_the_due_date_comes_from_the_release_or_from_the_course(notebook: Path, tmp_path: Path) -> None:
    edit(notebook, answer(RIGHT), stamped(assignment="sums", due="2027-01-31T23:59:00+00:00"))
    report = validate(notebook)
    assert (report.due, report.as_released) == (datetime(2027, 1, 31, 23, 59, tzinfo=UTC), True)
    assert "when this notebook was released" in shown(report)
    assert "36 hours left" in shown(report)
    assert "that has passed" in shown(report, datetime(2027, 2, 1, tzinfo=UTC))
    (tmp_path / "home" / "course.toml").write_text(
        '[[components]]\nid = "labs"\ntitle = "Labs"\nweight = 100\n[[assignments]]\nid = "sums"\nkind = "lab"\n'
        'title = "Sums"\ncomponent = "labs"\nreleased = 2027-01-01T00:00:00Z\ndue = 2027-02-05T12:00:00Z\n'
    )
    moved = validate(notebook)
    assert (moved.due, moved.as_released) == (datetime(2027, 2, 5, 12, tzinfo=UTC), False)


def test_a_course_that_was_named_and_is_none_is_wrong_usage(notebook: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected a course\.toml of a course in"):
        validate(notebook, course=tmp_path)


def test_a_lab_is_found_by_its_folder_or_its_name(notebook: Path) -> None:
    assert find_notebooks(notebook.parent) == [notebook]
    assert find_notebooks(notebook) == [notebook]
    assert find_notebooks(notebook.with_suffix("")) == [notebook]
    with pytest.raises(UsageError, match=r"found no .*summs \(there are .*sums\)"):
        find_notebooks(notebook.parent.parent / "summs")


def test_what_is_no_notebook_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text("[]")
    with pytest.raises(UsageError, match="expected a notebook in"):
        validate(tmp_path / "x.ipynb")
    with zipfile.ZipFile(tmp_path / "lab.zip", "w") as archive:
        archive.writestr("lab/lab.ipynb", "{}")
    with pytest.raises(UsageError, match=r"found a zip file; unpack it and name the notebook"):
        validate(tmp_path / "lab.zip")


def test_what_a_terminal_would_obey_is_not_shown(notebook: Path) -> None:
    edit(notebook, answer("raise ValueError('\\x1b]0;title\\x07')"))
    assert "\x1b" not in shown(validate(notebook))


@pytest.mark.filterwarnings("ignore")  # of nbgrader's own: it says things of itself
@pytest.mark.parametrize(("source", "outcome"), [(RIGHT, {}), ("pass", {"failed"})])
def test_nbgraders_own_validation_works_on_the_same_notebook(notebook: Path, source: str, outcome: set[str]) -> None:
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    edit(notebook, answer(source), source_of("why", "Because."))
    assert set(Validator().validate(str(notebook))) == set(outcome)
