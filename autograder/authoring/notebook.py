"""From a lab to its notebook: nbgrader's metadata, schema 3, and the same bytes for the same lab."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.nbgraderformat import SCHEMA_VERSION, MetadataValidator, ValidationError

from autograder.authoring.lab import Cell, CellKind, Lab
from autograder.errors import AuthoringError

# (grade, solution, locked) of each kind: nbgrader's kinds of cells that we use.
FLAGS: dict[CellKind, tuple[bool, bool, bool]] = {
    "text": (False, False, True),
    "solution": (False, True, False),
    "tests": (True, False, True),
    "answer": (True, True, False),
    "task": (False, False, True),
}


def build_notebook(lab: Lab) -> NotebookNode:
    """Build the instructor's version of a lab's notebook, without outputs.

    Free cells get no nbgrader metadata. Prose may then be corrected, added or moved after release, which nbgrader
    refuses for cells it knows once there are submissions; what must not be edited by students says `text="..."`.

    Raises:
        AuthoringError: nbformat or nbgrader does not accept the outcome.
    """
    taken = {cell.grade_id for cell in lab.cells if cell.grade_id is not None}
    notebook: NotebookNode = v4.new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        cells=[_notebook_cell(cell, taken) for cell in lab.cells],
    )
    try:
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
    except (nbformat.ValidationError, ValidationError) as error:
        raise AuthoringError(f"{lab.name}: expected a notebook nbgrader accepts, received: {error}") from error
    return notebook


def notebook_bytes(notebook: NotebookNode) -> bytes:
    """The notebook file's content."""
    text: str = nbformat.writes(notebook, version=4)
    return (text.rstrip("\n") + "\n").encode()


def _notebook_cell(cell: Cell, taken: set[str]) -> NotebookNode:
    make: Callable[..., NotebookNode] = v4.new_code_cell if cell.cell_type == "code" else v4.new_markdown_cell
    metadata = {} if cell.kind == "free" else {"nbgrader": _nbgrader_metadata(cell)}
    return make(cell.source, id=cell.grade_id or _free_id(cell, taken), metadata=metadata)


def _nbgrader_metadata(cell: Cell) -> dict[str, object]:
    grade, solution, locked = FLAGS[cell.kind]
    metadata: dict[str, object] = {
        "schema_version": SCHEMA_VERSION,
        "grade_id": cell.grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": cell.kind == "task",
    }
    if cell.points is not None:
        metadata["points"] = cell.points
    return metadata


def _free_id(cell: Cell, taken: set[str]) -> str:
    """An id that follows from the cell's text, so that a cell added elsewhere changes no other id."""
    digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
    prefix = "prose" if cell.cell_type == "markdown" else "code"
    candidate, copies = f"{prefix}-{digest}", 1
    while candidate in taken:
        copies += 1
        candidate = f"{prefix}-{digest}-{copies}"
    taken.add(candidate)
    return candidate
