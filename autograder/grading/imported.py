"""What an assignment imports, and with it what its sandboxes have to import beforehand."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from autograder.checks.source import parse_cell
from autograder.course import Course

EVERYWHERE = frozenset(("numpy",))  # imported by every notebook: it says nothing of the others


def preload(course: Course, assignment: str) -> tuple[str, ...]:
    """Of the modules that a course preloads, those that an assignment has a use for.

    All of them where its notebook, or a module beside it, imports one of them or of their family (`keras_hub` is of
    `keras`), and where that cannot be told. Keras and TensorFlow take seconds, and a NumPy lab can do without; a
    student who imports them there waits for them, as in any kernel.
    """
    names = imported_by(course.source_folder(assignment))
    if names is None or any(one.startswith(root) for root in _roots(course.preload) - EVERYWHERE for one in names):
        return course.preload
    return tuple(module for module in course.preload if module.partition(".")[0] in names)


def imported_by(folder: Path) -> frozenset[str] | None:
    """The packages that the notebooks of a folder import, and the modules beside them; None where that is unknown."""
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        return None
    names: set[str] = set()
    try:
        for path in notebooks:
            for cell in nbformat.read(path, as_version=4).cells:
                if cell.cell_type == "code":
                    names |= _roots(_imported(parse_cell(cell.source)))
        for path in folder.rglob("*.py"):
            names |= _roots(_imported(ast.parse(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, SyntaxError, RecursionError):  # nothing that Python reads: a cell of another language
        return None
    return frozenset(names)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _roots(modules: Iterable[str]) -> frozenset[str]:
    return frozenset(module.partition(".")[0] for module in modules)
