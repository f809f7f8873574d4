"""On a course without checks, marks equal those of stock `nbgrader autograde`, whichever way our sandbox is used.

All of them where nbgrader's marks are asked for; else all but those listed here.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.converters import Autograde

from autograder.course import Course, list_submissions, open_course
from autograder.grading.basis import course_limits
from autograder.grading.execute import run_notebook
from autograder.grading.prepare import Prepared, prepare
from autograder.grading.save import save
from autograder.sandbox import Slot, SlotSettings
from tests.grading.courses import (
    ASSIGNMENT,
    answer,
    cell_of,
    make_course,
    nbgrader_cell,
    result_of,
    submit,
    sums_notebook,
)

# Stock nbgrader runs here in our process and warns of itself: rows not yet added, notebooks without cell ids.
pytestmark = pytest.mark.filterwarnings("ignore")

Rows = dict[tuple[str, ...], tuple[Any, ...]]
Executed = dict[str, tuple[Prepared, dict[str, NotebookNode]]]
RIGHT = "def double(number):\n    return 2 * number"
CONFIG = "c.Execute.timeout = 2"


def explained(notebook: NotebookNode) -> None:
    answer(RIGHT)(notebook)
    cell_of(notebook, "why").source = "Because."


def without_solution_cell(notebook: NotebookNode) -> None:
    notebook.cells.remove(cell_of(notebook, "double"))


def moved(notebook: NotebookNode) -> None:
    answer(RIGHT)(notebook)
    notebook.cells.append(notebook.cells.pop(1))


EDITS: dict[str, Callable[[NotebookNode], Any] | None] = {
    "unchanged": None,
    "right": answer(RIGHT),
    "explained": explained,
    "wrong": answer("def double(number):\n    return number"),
    "half": answer("def double(number):\n    return 2 * abs(number)"),
    "on_stderr": answer("import sys\ndef double(number):\n    print('hm', file=sys.stderr)\n    return 2 * number"),
    "exits": answer("raise SystemExit(3)"),
    "loops": answer(RIGHT + "\nwhile True:\n    pass"),
    "text": answer("def double(number):\n    return str(2 * number)"),
    "deleted": without_solution_cell,
    "moved": moved,
}


def graded_notebook() -> NotebookNode:
    notebook = sums_notebook()
    notebook.cells += [
        nbgrader_cell("double(1) / 2 * 3", "partial", "tests", points=3),
        nbgrader_cell("double(0.5)\n'some text'", "words", "tests", points=1),
        nbgrader_cell("import os\nassert os.environ['NBGRADER_EXECUTION'] == 'autograde'", "where", "tests", points=1),
        nbgrader_cell("double(1) == 2", "truth", "tests", points=2),
        nbgrader_cell("Draw it.", "draw", "task", points=5),
    ]
    return notebook


# (student, cell): nbgrader's mark, ours
DIFFERENCES = {
    ("on_stderr", "double-tests"): (0.0, 4.0),
    ("on_stderr", "partial"): (0.0, 3.0),
    ("on_stderr", "words"): (0.0, 1.0),
    ("on_stderr", "truth"): (0.0, 2.0),
    ("wrong", "truth"): (2.0, 0.0),
    ("text", "truth"): (2.0, 0.0),
}


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("submitted")
    course = make_course(root, {"sums": graded_notebook(), "extra": sums_notebook()}, {"data.csv": "1,2\n"}, CONFIG)
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2026, 11, 2, 17, 0))
    for student, edit in EDITS.items():
        submit(course, student, edit)
        if student != "right":  # one student hands both notebooks in; the others show what a missing one comes to
            (course.folder("submitted", student, ASSIGNMENT) / "extra.ipynb").unlink()
    (course.folder("submitted", "wrong", ASSIGNMENT) / "timestamp.txt").write_text("2026-11-03 17:00:00 UTC")
    return root


@pytest.fixture(scope="module")
def stock(submitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    course = copied(submitted, tmp_path_factory.mktemp("stock"))
    Autograde(coursedir=course.coursedir(assignment_id=ASSIGNMENT), config=course.config).start()
    return everything(course)


def copied(root: Path, target: Path) -> Course:
    shutil.copytree(root, target, dirs_exist_ok=True)
    return open_course(target)


def everything(course: Course) -> Rows:
    """Return every mark, comment and penalty of the gradebook."""
    found: Rows = {}
    with course.gradebook() as gradebook:
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            for notebook in submission.notebooks:
                place = (submission.student.id, notebook.name)
                found[place] = (notebook.score, notebook.needs_manual_grade, notebook.late_submission_penalty)
                for grade in notebook.grades:
                    found[(*place, "mark", grade.name)] = (
                        grade.auto_score,
                        grade.manual_score,
                        grade.needs_manual_grade,
                    )
                for comment in notebook.comments:
                    found[(*place, "comment", comment.name)] = (comment.auto_comment,)
    return found


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    with Slot.open(SlotSettings(preload=())) as opened:
        yield opened


@pytest.fixture(scope="module")
def executed(submitted: Path, slot: Slot, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Executed]:
    """Return the course in whose gradebook everybody has arrived, and everybody's executed notebooks."""
    course, staging = copied(submitted, tmp_path_factory.mktemp("executed")), tmp_path_factory.mktemp("staging")
    limits = course_limits(course)
    found = {}
    for submission in list_submissions(course, ASSIGNMENT):
        prepared = prepare(course, submission, staging)
        assert isinstance(prepared, Prepared), prepared
        notebooks = {}
        for path in prepared.notebooks:
            notebook = nbformat.read(path, as_version=4)
            run = run_notebook(notebook, slot=slot, files=path.parent, checks=(), limits=limits, seed="seed")
            assert run.flags == ()
            notebooks[path.stem] = run.notebook
        found[submission.student] = (prepared, notebooks)
    return course.root, found


@pytest.mark.parametrize("nbgrader_marks", [True, False], ids=["nbgrader's", "ours"])
def test_our_grading_gives_the_marks_of_stock_nbgrader(
    stock: Rows, executed: tuple[Path, Executed], nbgrader_marks: bool, tmp_path: Path
) -> None:
    root, found = executed
    course = copied(root, tmp_path / "ours")
    told = {}
    for student, (prepared, notebooks) in found.items():
        result, tidied = result_of(course, prepared, notebooks, nbgrader_marks=nbgrader_marks)
        save(course, prepared, tidied, result)
        cells = [cell for notebook in result.notebooks for cell in notebook.cells if cell.nbgrader_score is not None]
        told.update({(student, cell.cell): (cell.nbgrader_score, cell.score) for cell in cells})
    if nbgrader_marks:
        assert everything(course) == stock
    else:
        assert_differences(everything(course), stock)
    assert told == ({} if nbgrader_marks else DIFFERENCES)


@pytest.mark.parametrize("nbgrader_marks", [True, False], ids=["nbgrader's", "ours"])
def test_nbgrader_through_our_plugin_gives_the_marks_of_stock_nbgrader(
    submitted: Path, stock: Rows, nbgrader_marks: bool, tmp_path: Path
) -> None:
    course = copied(submitted, tmp_path / "plugin")
    lines = "from autograder.nbgrader_plugin import configure\nconfigure(c)\nc.SandboxedExecute.preload = []\n"
    if nbgrader_marks:
        lines += "c.SaveJudgedGrades.nbgrader_marks = True\n"
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(lines)
    course = open_course(course.root)
    Autograde(coursedir=course.coursedir(assignment_id=ASSIGNMENT), config=course.config).start()
    if nbgrader_marks:
        assert everything(course) == stock
    else:
        assert_differences(everything(course), stock)


def assert_differences(ours: Rows, theirs: Rows) -> None:
    """Every row is equal but the marks listed above, and the sums they go into."""
    assert ours.keys() == theirs.keys()
    differing = {place for place in ours if ours[place] != theirs[place]}
    marks = {(student, "sums", "mark", cell) for student, cell in DIFFERENCES}
    assert differing == marks | {(student, "sums") for student, _ in DIFFERENCES}
    for (student, cell), pair in DIFFERENCES.items():
        place = (student, "sums", "mark", cell)
        assert (theirs[place][0], ours[place][0]) == pair
        assert theirs[place][1:] == ours[place][1:]
