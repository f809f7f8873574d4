"""What can be said of a notebook without running it: what is untouched, empty, changed, deleted or there twice.

nbgrader writes a checksum into every cell it knows when the notebook is released: an answer that still has its own is
untouched, a locked cell that has another one was changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_grade, is_locked, is_solution

from autograder.course.release_stamp import stamp_of
from autograder.validate.record import CellReport

STUBS = ("YOUR CODE HERE", "YOUR ANSWER HERE")


def grade_id(cell: NotebookNode) -> str:
    """What nbgrader calls the cell; "" where it does not know it."""
    data = cell.metadata.get("nbgrader", {})
    return str(data.get("grade_id", "")) if isinstance(data, dict) else ""


def points_of(cell: NotebookNode) -> float | None:
    """The points a cell carries; None where it carries none."""
    if not grade_id(cell) or not is_grade(cell):
        return None
    points = cell.metadata.nbgrader.get("points", 0)
    return float(points) if isinstance(points, int | float) else None


def inspect_cell(cell: NotebookNode) -> CellReport | None:
    """What can be said of a cell by itself; None where there is nothing to say."""
    name, points = grade_id(cell), points_of(cell)
    if not name:
        return None
    was = cell.metadata.nbgrader.get("cell_type")
    if was and was != cell.cell_type:
        return CellReport(name, "changed", f"was a {was} cell, and is a {cell.cell_type} cell: change it back", points)
    if is_solution(cell):
        return _own(cell, name, points)
    if is_locked(cell) and not _as_released(cell, default=True):
        return CellReport(name, "changed", "is locked: grading puts back what was released", points)
    return None


def inspect_whole(notebook: NotebookNode, called: str) -> Iterator[CellReport]:
    """Whether it has another name than it was released under; what is there twice, and what is there no more."""
    name = stamp_of(notebook).get("notebook", called)
    if isinstance(name, str) and name != called:
        yield CellReport(f"{called}.ipynb", "renamed", f"call it {name}.ipynb again: grading looks for that name")
    names = Counter(filter(None, map(grade_id, notebook.cells)))
    for name, number in names.items():
        if number > 1:
            yield CellReport(name, "twice", f"is there {number} times, and the last one counts: delete the others")
    released = stamp_of(notebook).get("cells", [])
    for name in released if isinstance(released, list) else []:
        if isinstance(name, str) and name not in names:
            yield CellReport(name, "deleted", "is not there any more: copy it from a fresh notebook of this lab")


def _own(cell: NotebookNode, name: str, points: float | None) -> CellReport | None:
    """A cell the student writes in; one with points is an answer that people mark."""
    untouched = _as_released(cell, default=False) or not cell.source.strip()
    stubbed = any(stub in cell.source for stub in STUBS) and not is_grade(cell)
    if is_grade(cell):
        if untouched:
            return CellReport(name, "empty", "nothing is written here yet; a person marks it", points)
        return CellReport(name, "written", "a person marks it", points)
    if untouched:
        return CellReport(name, "not begun", "is as it was released")
    if stubbed and "raise NotImplementedError" in cell.source:
        return CellReport(name, "not begun", "still has `raise NotImplementedError()`")
    return None


def _as_released(cell: NotebookNode, *, default: bool) -> bool:
    """Whether a cell is as it was released; `default` where it does not say how that was."""
    checksum = cell.metadata.nbgrader.get("checksum")
    return default if not checksum else compute_checksum(cell) == checksum
