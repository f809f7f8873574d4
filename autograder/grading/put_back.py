"""Before a tests cell without checks: what decides on it is put back, and what could not be is told."""

from __future__ import annotations

import ast

from nbformat import NotebookNode
from nbgrader.utils import is_locked

from autograder.checks.source import parse_cell
from autograder.errors import StudentFault
from autograder.grading.live import LiveKernel

RESTORE_SECONDS = 5.0
LOST = (
    "could not put IPython back as it was before cell `{name}`, whose output decides on its mark ({reason}): look "
    "whether the notebook changes IPython or Python itself"
)
HIDDEN = (
    "the notebook has its own {names}, which the tests in cell `{name}` rely on: look whether that is part of the task"
)


def put_back(kernel: LiveKernel, cell: NotebookNode, notebook: NotebookNode) -> str:
    """Have IPython, builtins and what tests compare with put back as they were before student code ran.

    Args:
        kernel: The kernel the cell will run in.
        cell: The tests cell.
        notebook: The whole notebook; what its locked cells define is the instructor's.

    Returns:
        Why a person should look at the mark, or "".

    Raises:
        SlotLost: The slot is gone; a grader fault.
    """
    name = cell.metadata.nbgrader.grade_id
    if not kernel.restorable:
        return ""  # it was told before an earlier cell
    try:
        taken = kernel.process.restore(RESTORE_SECONDS)
    except StudentFault as fault:
        kernel.restorable = False
        return LOST.format(name=name, reason=fault.message) if kernel.process.alive else ""
    used, given = _names(cell.source), _defined(notebook)
    hidden = [f"`{one}`" for one in taken if one in used and one not in given]
    return HIDDEN.format(names=", ".join(hidden), name=name) if hidden else ""


def _names(source: str) -> set[str]:
    return {node.id for node in ast.walk(_parsed(source)) if isinstance(node, ast.Name)}


def _defined(notebook: NotebookNode) -> set[str]:
    """The names that cells a student cannot change give to something."""
    found: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and is_locked(cell):
            for node in ast.walk(_parsed(cell.source)):
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    found.add(node.name)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found.add(node.id)
    return found


def _parsed(source: str) -> ast.AST:
    try:
        return parse_cell(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
