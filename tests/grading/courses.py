"""Small real nbgrader courses: a released assignment, and submissions to damage."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.converters import GenerateAssignment

from autograder.course import Course, open_course
from autograder.grading.outputs import tidy_outputs
from autograder.grading.prepare import Prepared, Refused
from autograder.grading.score import combine, score_notebook
from autograder.results import CheckResult, Protection, SubmissionResult

ASSIGNMENT = "sums"
SOLUTION = "def double(number):\n    ### BEGIN SOLUTION\n    return 2 * number\n    ### END SOLUTION"
TESTS = "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(-3) == -6\n### END HIDDEN TESTS"


def nbgrader_cell(source: str, grade_id: str, kind: str, points: float = 0) -> NotebookNode:
    """Return a source cell; `kind` is "solution", "tests", "answer", "task" or "text"."""
    cell = new_code_cell(source) if kind in ("solution", "tests") else new_markdown_cell(source)
    marks = kind in ("tests", "answer")
    cell.metadata.nbgrader = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": marks,
        "solution": kind in ("solution", "answer"),
        "locked": kind in ("tests", "task", "text"),
        "task": kind == "task",
        **({"points": points} if marks or kind == "task" else {}),
    }
    return cell


def sums_notebook() -> NotebookNode:
    """Return the source of the assignment: 4 points by tests, 2 by hand."""
    notebook = new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            nbgrader_cell("# Sums", "intro", "text"),
            nbgrader_cell(SOLUTION, "double", "solution"),
            nbgrader_cell(TESTS, "double-tests", "tests", points=4),
            nbgrader_cell("Why?", "why", "answer", points=2),
        ],
    )
    for cell in notebook.cells:
        cell.id = cell.metadata.nbgrader.grade_id
    return notebook


def make_course(
    root: Path,
    notebooks: Mapping[str, NotebookNode] | None = None,
    files: Mapping[str, str] | None = None,
    config: str = "",
) -> Course:
    """Make a course with one released assignment in `root`."""
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    for name, notebook in (notebooks or {"sums": sums_notebook()}).items():
        nbformat.write(notebook, source / f"{name}.ipynb")
    for name, content in (files or {}).items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(content)
    (root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'arithmetic'\n{config}\n"
    )
    course = open_course(root)
    coursedir = course.coursedir(assignment_id=ASSIGNMENT, student_id=".")
    GenerateAssignment(coursedir=coursedir, config=course.config).start()
    return course


def submit(course: Course, student: str, edit: Callable[[NotebookNode], Any] | None = None, name: str = "sums") -> Path:
    """Hand in the released notebook, changed by `edit`; return the submitted folder."""
    folder = course.folder("submitted", student, ASSIGNMENT)
    if not folder.exists():
        shutil.copytree(course.root / "release" / ASSIGNMENT, folder)
    path = folder / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    if edit is not None:
        edit(notebook)
    path.write_text(json.dumps(notebook))
    return folder


def cell_of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """Return the cell with that grade_id."""
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def answer(source: str = "def double(number):\n    return 2 * number") -> Callable[[NotebookNode], None]:
    """Return an edit that answers the question `double`."""

    def edit(notebook: NotebookNode) -> None:
        cell_of(notebook, "double").source = source

    return edit


def read_prepared(prepared: Prepared | Refused, name: str = "sums") -> NotebookNode:
    """Return a staged notebook."""
    assert isinstance(prepared, Prepared), prepared
    return nbformat.read(prepared.folder / f"{name}.ipynb", as_version=4)


def run_unprotected(prepared: Prepared) -> dict[str, NotebookNode]:
    """Execute the staged notebooks in a plain kernel: what these tests hand in is their own code."""
    executed = {}
    for path in prepared.notebooks:
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=30, allow_errors=True, resources={"metadata": {"path": path.parent}}).execute()
        executed[path.stem] = notebook
    return executed


def result_of(
    course: Course,
    prepared: Prepared,
    executed: Mapping[str, NotebookNode],
    verdicts: Mapping[str, tuple[CheckResult, ...]] | None = None,
    *,
    nbgrader_marks: bool = False,
) -> tuple[SubmissionResult, dict[str, NotebookNode]]:
    """Tidy and score the executed notebooks, as grading a class does; return the result and the tidied notebooks."""
    tidied = {name: tidy_outputs(course, prepared.submission, name, one) for name, one in executed.items()}
    scored = [score_notebook(name, one, verdicts or {}, nbgrader_marks=nbgrader_marks) for name, one in tidied.items()]
    notebooks = (*scored, *prepared.missing)
    result = SubmissionResult(
        course=course.course_id,
        student=prepared.submission.student,
        assignment=prepared.submission.assignment,
        score=sum(one.score for one in notebooks),
        max_score=sum(one.max_score for one in notebooks),
        status=combine(one.status for one in notebooks),
        notebooks=notebooks,
        notes=prepared.notes,
        late_seconds=prepared.late_seconds,
        protection=Protection(level="none", holds={}),
        key="",
        started="2026-11-02T17:05:00Z",
        seconds=0.0,
        versions={},
    )
    return result, tidied
