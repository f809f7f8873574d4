"""Validating a notebook before it is handed in: what fails, what is missing, and until when there is time."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder.course.release_stamp import stamp_of
from autograder.validate.deadline import deadline
from autograder.validate.execution import UNWRITTEN, OnCell, error_of, kernel_for, result_of, run_all
from autograder.validate.finding import read_notebook
from autograder.validate.inspection import grade_id, inspect_cell, inspect_whole, points_of
from autograder.validate.record import CellReport, NotebookReport

CELL_SECONDS = 300.0


def validate(
    path: Path, course: Path | None = None, cell_seconds: float = CELL_SECONDS, on_cell: OnCell = lambda place: None
) -> NotebookReport:
    """Run a notebook from its first cell to its last and look at what it is like; the file stays as it is.

    Its code runs on this machine, as with "restart and run all": it is the student's own.

    Args:
        path: The notebook.
        course: The course's folder, for the due date; looked for around the notebook where it is None.
        cell_seconds: A cell that takes longer is stopped.
        on_cell: Told of each cell's place before it runs.

    Raises:
        UsageError: It is no notebook, or the course's course.toml cannot be used.
    """
    notebook = read_notebook(path)
    folder = path.resolve().parent
    stamp = stamp_of(notebook)
    assignment = str(stamp.get("assignment", "")) or folder.name
    due, as_released = deadline(assignment, folder, course, stamp)
    executed, num_run = run_all(notebook, folder, cell_seconds, on_cell)
    cells = [
        report
        for place, (cell, ran) in enumerate(zip(notebook.cells, executed.cells, strict=True))
        for report in _cell(cell, ran, place, num_run)
    ]
    note = kernel_for(notebook)[1]
    return NotebookReport(
        path=path,
        assignment=assignment,
        cells=(*cells, *inspect_whole(notebook, path.stem)),
        due=due,
        as_released=as_released,
        notes=tuple(filter(None, (note, _died(num_run, len(notebook.cells))))),
    )


def _cell(cell: NotebookNode, executed: NotebookNode, place: int, num_run: int) -> list[CellReport]:
    """What there is to say of a cell: of itself, and of how it ran."""
    seen = inspect_cell(cell)
    ran = _run_of(cell, executed, place, num_run)
    if seen is not None and ran is not None and seen.state == "not begun" and ran.state == "error":
        ran = None  # what is not written fails
    return [report for report in (seen, ran) if report is not None]


def _run_of(cell: NotebookNode, executed: NotebookNode, place: int, num_run: int) -> CellReport | None:
    if cell.cell_type != "code":
        return None
    name, points = grade_id(cell) or f"cell {place + 1}", points_of(cell)
    tests = points is not None and is_grade(cell) and not is_solution(cell)
    if place >= num_run:
        if place == num_run:
            return CellReport(name, "fails" if tests else "error", "Python itself ended in this cell", points)
        return CellReport(name, "not run", "Python had ended before it", points) if tests else None
    error = error_of(executed)
    if error == UNWRITTEN and not tests:
        return None  # that part has a line of its own
    if error:
        return CellReport(name, "fails" if tests else "error", error, points)
    if not tests or points is None:
        return None
    earned = result_of(executed)
    if earned is not None and 0 <= earned < points:
        return CellReport(name, "in part", f"{earned:g} of {points:g} points", points)
    return CellReport(name, "passes", "", points)


def _died(num_run: int, number: int) -> str:
    if num_run >= number:
        return ""
    return f"Python ended in cell {num_run + 1} of {number}; nothing after it was run."
