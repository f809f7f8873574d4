"""What the instructor released, from the gradebook: the only source a submission's cells are held against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, Notebook
from nbgrader.nbgraderformat import SCHEMA_VERSION

from autograder.course import Course
from autograder.errors import UsageError

PYTHON = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class CellSpecification:
    """One nbgrader cell as released.

    Attributes:
        grade_id: Its name.
        cell_type: "code", "markdown" or "raw".
        grade: Whether it carries marks of its own.
        solution: Whether the student writes in it.
        locked: Whether its source is put back before grading.
        task: Whether it is a hand-marked task.
        points: The marks it carries; None where it carries none.
        checksum: nbgrader's checksum of the released cell.
        source: The instructor's text, hidden tests included.
        metadata: The instructor's other metadata, such as tags.
    """

    grade_id: str
    cell_type: str
    grade: bool
    solution: bool
    locked: bool
    task: bool
    points: float | None
    checksum: str | None
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def nbgrader_metadata(self) -> dict[str, Any]:
        """Return the cell's `metadata.nbgrader`, schema 3."""
        points = {} if self.points is None else {"points": self.points}
        checksum = {} if self.checksum is None else {"checksum": self.checksum}
        return {
            "schema_version": SCHEMA_VERSION,
            "grade_id": self.grade_id,
            "grade": self.grade,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "cell_type": self.cell_type,
            **points,
            **checksum,
        }


@dataclass(frozen=True)
class NotebookSpecification:
    """One notebook of an assignment: its name, kernel and nbgrader cells in the instructor's order."""

    name: str
    kernelspec: Mapping[str, Any]
    cells: tuple[CellSpecification, ...]


def read_specification(course: Course, gradebook: Gradebook, assignment: str) -> tuple[NotebookSpecification, ...]:
    """Read the released notebooks of an assignment, by name.

    Raises:
        UsageError: A notebook is for another language than Python.
    """
    folder = course.source_folder(assignment)
    found = gradebook.find_assignment(assignment).notebooks
    return tuple(_notebook(notebook, folder) for notebook in sorted(found, key=lambda notebook: str(notebook.name)))


def _notebook(notebook: Notebook, folder: Path) -> NotebookSpecification:
    kernelspec = json.loads(str(notebook.kernelspec or "null")) or PYTHON
    if str(kernelspec.get("language", "python")).lower() not in ("python", "ipython"):
        raise UsageError(
            f"expected a Python notebook, found {notebook.name!r} for {kernelspec['language']}; the sandbox runs "
            "Python only: grade this assignment with stock `nbgrader autograde`"
        )
    marked = {cell.name: float(cell.max_score) for cell in (*notebook.grade_cells, *notebook.task_cells)}
    grades = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    source_metadata = _source_metadata(folder / f"{notebook.name}.ipynb")
    order = {grade_id: index for index, grade_id in enumerate(source_metadata)}
    cells = [
        CellSpecification(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            grade=cell.name in grades,
            solution=cell.name in solutions,
            locked=bool(cell.locked),
            task=cell.name in tasks,
            points=marked.get(cell.name),
            checksum=cell.checksum,
            source=cell.source or "",
            metadata=source_metadata.get(cell.name, {}),
        )
        for cell in notebook.source_cells
    ]
    # The gradebook keeps no order; where the source is gone, the order of its rows is the best there is.
    cells.sort(key=lambda cell: order.get(cell.grade_id, len(order)))
    return NotebookSpecification(str(notebook.name), kernelspec, tuple(cells))


def _source_metadata(path: Path) -> dict[str, dict[str, Any]]:
    """Return the instructor's own metadata of each nbgrader cell in the source notebook, in its order."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return {}  # a course may keep its sources elsewhere; the gradebook has everything that decides on marks
    metadata = [dict(cell.get("metadata", {})) for cell in cells]
    return {
        one["nbgrader"]["grade_id"]: {key: value for key, value in one.items() if key != "nbgrader"}
        for one in metadata
        if one.get("nbgrader", {}).get("grade_id")
    }
