"""Putting a submission's cells back under the released specification, whatever the student's metadata says.

nbgrader compares checksums and gives up on a submission whose grade or solution flags were changed. Here the flags,
points and types come from the gradebook in the first place, so the student is graded as everybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.nbgraderformat import SCHEMA_VERSION

from autograder.grading.intake import NotReadableError
from autograder.grading.specification import CellSpecification, NotebookSpecification

FLAGS = ("grade", "solution", "locked", "task", "points")


def restore(notebook: NotebookNode, specification: NotebookSpecification, *, add_missing: bool) -> tuple[str, ...]:
    """Give each known cell of `notebook` its released metadata, in place; return a sentence for each change.

    Sources of locked cells are left to nbgrader's OverwriteCells. Of cells that share a grade_id the last one stays,
    as with nbgrader; the others become ordinary cells, as do cells with a grade_id nobody released.

    Args:
        notebook: A notebook as `read_notebook` returns it.
        specification: What was released under its name.
        add_missing: Whether deleted cells that carry marks are put back.

    Raises:
        NotReadableError: The notebook is of another nbgrader schema.
    """
    known = {cell.grade_id: cell for cell in specification.cells}
    notes: list[str] = []
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": dict(specification.kernelspec), "language_info": {"name": "python"}}
    )
    seen: set[str] = set()
    for cell in reversed(notebook.cells):
        metadata = cell.metadata.pop("nbgrader", None)
        if metadata is None:
            continue
        _check_schema(metadata, specification.name)
        grade_id = metadata.get("grade_id")
        if not isinstance(grade_id, str) or grade_id not in known:
            if any(metadata.get(flag) for flag in FLAGS):
                notes.append(
                    f"expected the cells that were released, found one named {str(grade_id)[:60]!r}; not graded"
                )
        elif grade_id in seen:
            notes.append(f"expected one cell {grade_id!r}, found several; the last one counts")
        else:
            seen.add(grade_id)
            notes.extend(_restored(cell, metadata, known[grade_id]))
    notes.reverse()
    if add_missing:
        notes.extend(_add_missing(notebook, specification, seen))
    return tuple(notes)


def _check_schema(metadata: Mapping[str, Any], name: str) -> None:
    version = metadata.get("schema_version", 0) if metadata else SCHEMA_VERSION
    if isinstance(version, bool) or not isinstance(version, int) or version == SCHEMA_VERSION:
        return  # what is no number at all is an edit, and replaced with the rest
    remedy = "run `nbgrader update` on the submission" if version < SCHEMA_VERSION else "upgrade nbgrader"
    raise NotReadableError(
        f"expected nbgrader metadata of schema {SCHEMA_VERSION} in {name}.ipynb, found schema {version}; {remedy}"
    )


def _restored(cell: NotebookNode, found: Mapping[str, Any], released: CellSpecification) -> list[str]:
    expected = released.nbgrader_metadata()
    notes = [
        f"expected {flag}={expected.get(flag)!r} in the metadata of cell {released.grade_id!r}, "
        f"found {str(found.get(flag))[:40]}; the released value counts"
        for flag in FLAGS
        if _differs(flag, found, released)
    ]
    if cell.cell_type != released.cell_type:
        notes.append(
            f"expected a {released.cell_type} cell {released.grade_id!r}, found a {cell.cell_type} cell; changed back"
        )
        _change_type(cell, released.cell_type)
    cell.metadata = nbformat.from_dict({**deepcopy(dict(released.metadata)), "nbgrader": expected})
    return notes


def _differs(flag: str, found: Mapping[str, Any], released: CellSpecification) -> bool:
    if flag == "points":
        return released.points is not None and found.get("points") != released.points
    if flag == "locked" and released.grade:
        return False  # says nothing there: nbgrader derives it from grade and solution
    return bool(found.get(flag, False)) is not bool(getattr(released, flag))


def _change_type(cell: NotebookNode, cell_type: str) -> None:
    cell.cell_type = cell_type
    for key in ("outputs", "execution_count", "attachments"):
        cell.pop(key, None)
    if cell_type == "code":
        cell.outputs = []
        cell.execution_count = None


def _add_missing(notebook: NotebookNode, specification: NotebookSpecification, seen: set[str]) -> list[str]:
    """Put deleted cells that carry marks back, each after the released cell before it that is still there."""
    notes = []
    for index, released in enumerate(specification.cells):
        if released.points is None or released.grade_id in seen:
            continue
        before = [cell.grade_id for cell in specification.cells[:index]]
        place = _place_after(notebook, before)
        notebook.cells.insert(place, _cell(released, notebook))
        notes.append(f"expected the cell {released.grade_id!r}, found it deleted; put back")
    return notes


def _place_after(notebook: NotebookNode, before: list[str]) -> int:
    places = {cell.metadata.get("nbgrader", {}).get("grade_id"): place for place, cell in enumerate(notebook.cells)}
    # With nothing released before it left, the end: a tests cell must come after the code it tests.
    return next((places[grade_id] + 1 for grade_id in reversed(before) if grade_id in places), len(notebook.cells))


def _cell(released: CellSpecification, notebook: NotebookNode) -> NotebookNode:
    taken = {cell.id for cell in notebook.cells}
    cell_id = released.grade_id[:50]
    while cell_id in taken:
        cell_id += "-again"
    cell = nbformat.from_dict(
        {
            "cell_type": released.cell_type,
            "id": cell_id,
            "metadata": {**deepcopy(dict(released.metadata)), "nbgrader": released.nbgrader_metadata()},
            "source": released.source,
        }
    )
    if released.cell_type == "code":
        cell.outputs = []
        cell.execution_count = None
    node: NotebookNode = cell
    return node
