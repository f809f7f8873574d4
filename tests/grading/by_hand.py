"""Grading without a sandbox: what a worker would bring back is made up, everything after it is the real thing."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.course import Course
from autograder.grading.grade import Options, Run
from autograder.grading.pool import Outcome
from autograder.grading.store import read_notebooks
from autograder.grading.task import Done, Executed, Ready, Task
from autograder.results import Protection, SubmissionResult
from tests.grading.courses import ASSIGNMENT, cell_of


def grade_by_hand(course: Course, student: str, *, right: bool = True, force: bool = False) -> SubmissionResult:
    """Grade one submission, whether its mark falls or not; the tests of `double` pass (4 points) or fail (0)."""
    run = Run(course, ASSIGNMENT, Options(students=(student,), force=force, lower=True))
    with run.ready():
        return finish_by_hand(run, right=right)


def finish_by_hand(run: Run, *, right: bool = True) -> SubmissionResult:
    """Take the run's first submission and finish it, or resume what a killed run left."""
    at_once: list[object] = []
    task = run.take(run.submissions[0], at_once)  # type: ignore[arg-type]
    if task is None:
        return at_once[0].result  # type: ignore[attr-defined, no-any-return]
    execute_by_hand(task, right)
    return run.finish(outcome_of(task)).result


def execute_by_hand(task: Task, right: bool = True) -> None:
    """Leave executed notebooks where a worker would."""
    folder = Path(task.executed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, notebook in read_notebooks(Path(task.folder), task.notebooks).items():
        _execute(notebook, right)
        (folder / f"{name}.ipynb").write_text(nbformat.writes(notebook))


def outcome_of(task: Task) -> Outcome:
    """What a worker would answer for a task without checks."""
    executed = Executed(verdicts={}, cell_seconds={}, limits=(), notes=(), flags=(), seconds=0.1)
    ready = Ready(protection=Protection(level="none", holds={}), versions={})
    return Outcome(task, Done(student=task.student, notebooks=dict.fromkeys(task.notebooks, executed)), ready)


def _execute(notebook: NotebookNode, right: bool) -> None:
    for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
        cell.execution_count = number
    if not right:
        cell_of(notebook, "double-tests").outputs = [
            new_output("error", ename="AssertionError", evalue="", traceback=[])
        ]
