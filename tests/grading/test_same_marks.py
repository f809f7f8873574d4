"""On a course without checks, marks equal those of stock `nbgrader autograde`, whichever way our sandbox is used."""

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
from autograder.grading.execute import run_notebook
from autograder.grading.grade import course_limits
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
        nbgrader_cell("Draw it.", "draw", "task", points=5),
    ]
    return notebook


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
def stock(submitted: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], tuple[Any, ...]]:
    course = copied(submitted, tmp_path_factory.mktemp("stock"))
    Autograde(coursedir=course.coursedir(assignment_id=ASSIGNMENT), config=course.config).start()
    return everything(course)


def copied(root: Path, target: Path) -> Course:
    shutil.copytree(root, target, dirs_exist_ok=True)
    return open_course(target)


def everything(course: Course) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Return every mark, comment and penalty of the gradebook."""
    found: dict[tuple[str, ...], tuple[Any, ...]] = {}
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


def test_our_grading_gives_the_marks_of_stock_nbgrader(
    submitted: Path, stock: dict[tuple[str, ...], tuple[Any, ...]], slot: Slot, tmp_path: Path
) -> None:
    course = copied(submitted, tmp_path / "ours")
    limits = course_limits(course)
    for submission in list_submissions(course, ASSIGNMENT):
        prepared = prepare(course, submission, tmp_path / "staging")
        assert isinstance(prepared, Prepared), prepared
        executed = {}
        for path in prepared.notebooks:
            notebook = nbformat.read(path, as_version=4)
            run = run_notebook(notebook, slot=slot, files=path.parent, checks=(), limits=limits, seed="seed")
            executed[path.stem] = run.notebook
        result, tidied = result_of(course, prepared, executed)
        save(course, prepared, tidied, result)
    assert everything(course) == stock


def test_nbgrader_through_our_plugin_gives_the_marks_of_stock_nbgrader(
    submitted: Path, stock: dict[tuple[str, ...], tuple[Any, ...]], tmp_path: Path
) -> None:
    course = copied(submitted, tmp_path / "plugin")
    lines = "from autograder.nbgrader_plugin import configure\nconfigure(c)\nc.SandboxedExecute.preload = []\n"
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(lines)
    course = open_course(course.root)
    Autograde(coursedir=course.coursedir(assignment_id=ASSIGNMENT), config=course.config).start()
    assert everything(course) == stock
