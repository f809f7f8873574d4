"""nbgrader's second pass over an executed notebook, without executing and without marks."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nbconvert.exporters.notebook import NotebookExporter
from nbconvert.preprocessors.base import Preprocessor
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties, Execute, SaveAutoGrades
from traitlets.config import Config

from autograder.course import Course, Submission

# Execution is the sandbox's, marks and penalties are `save`'s, in one transaction.
OURS = (Execute, SaveAutoGrades, AssignLatePenalties)


def tidy_outputs(course: Course, submission: Submission, name: str, executed: NotebookNode) -> NotebookNode:
    """Return the executed notebook after the course's other preprocessors, as nbgrader runs them before it scores.

    Those are IgnorePattern (which may remove the stderr text that would cost a cell its marks), ClearMetadata and
    LimitOutput, then whatever the course has configured. Call it before `score_notebook`.

    Args:
        course: The course, whose configuration says which preprocessors there are.
        submission: Whose notebook it is.
        name: The notebook's name, without ".ipynb".
        executed: The notebook with its outputs; left as it is.
    """
    resources = {
        "unique_key": name,
        "output_files_dir": f"{name}_files",
        "metadata": {"name": name},
        "nbgrader": {
            "student": submission.student,
            "assignment": submission.assignment,
            "notebook": name,
            "db_url": course.db_url,
        },
    }
    config = _config(course)
    config.Exporter.default_preprocessors = []  # nbconvert's own, which nbgrader turns off too
    exporter = NotebookExporter(config=config)
    for preprocessor in second_pass(course):
        if not _is_ours(preprocessor):
            exporter.register_preprocessor(preprocessor)
    notebook, _ = exporter._preprocess(deepcopy(executed), resources)
    tidied: NotebookNode = notebook
    return tidied


def second_pass(course: Course) -> list[Any]:
    """Return the preprocessors the course runs after sanitising, nbgrader's own where it names none."""
    preprocessors: list[Any] = Autograde(config=_config(course)).autograde_preprocessors
    return preprocessors


def _config(course: Course) -> Config:
    return Config(deepcopy(course.config))


def _is_ours(preprocessor: Any) -> bool:
    return isinstance(preprocessor, type) and issubclass(preprocessor, Preprocessor) and issubclass(preprocessor, OURS)
