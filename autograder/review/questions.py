"""What the instructor's notebooks say of an assignment's questions: order, titles, which answer each one is about.

nbgrader keeps comments of answers and tasks, none of tests cells. What is said about a tests cell belongs to the answer
before it, as with automatic comments.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader import utils

from autograder.course import Course
from autograder.errors import UsageError
from autograder.reports import titles_of
from autograder.reports.places import page_path
from autograder.review.standing import CellName

Stamp = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Questions:
    """An assignment's questions.

    Attributes:
        order: The place of each cell in its notebook, and of the notebook.
        answers: The cell whose comment is about a question, for the questions that have one.
        titles: What people call the assignment and its notebooks.
    """

    order: Mapping[CellName, int] = field(default_factory=dict)
    answers: Mapping[CellName, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def place(self, name: CellName) -> tuple[int, CellName]:
        """What to sort questions by; those of no instructor's notebook come last."""
        return self.order.get(name, len(self.order)), name


class QuestionReader:
    """The questions of each assignment, read anew when a notebook of the instructor's has changed."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._kept: dict[str, tuple[Stamp, Questions]] = {}
        self._lock = threading.Lock()

    def of(self, assignment: str) -> Questions:
        """The questions of an assignment; none where the instructor's notebooks are not there, or not to be read."""
        try:
            page_path("student", assignment)
        except UsageError:
            return Questions()
        paths = sorted(self._course.source_folder(assignment).glob("*.ipynb"))
        stamp = tuple((path.name, path.stat().st_mtime_ns) for path in paths)
        with self._lock:
            kept = self._kept.get(assignment)
            if kept is None or kept[0] != stamp:
                kept = (stamp, _read(self._course, assignment, paths))
                self._kept[assignment] = kept
            return kept[1]


def _read(course: Course, assignment: str, paths: list[Path]) -> Questions:
    order: dict[CellName, int] = {}
    answers: dict[CellName, str] = {}
    try:
        for path in paths:
            answer = ""
            for cell in nbformat.read(path, as_version=4).cells:
                grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
                if utils.is_solution(cell):
                    answer = grade_id
                if utils.is_grade(cell) or utils.is_task(cell):
                    name = (path.stem, grade_id)
                    order[name] = len(order)
                    answers[name] = grade_id if utils.is_task(cell) else answer
        return Questions(order, answers, titles_of(course, assignment))
    except (OSError, ValueError):
        return Questions()
