"""Variants of a lab's solution: what `reference/<lab>/variants.py` declares, and how one becomes a submission."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nbformat import NotebookNode

from autograder.authoring import read_lab
from autograder.checks.declare import import_file
from autograder.errors import CheckError

VariantFunction = Callable[[], Mapping[str, str]]
MARKERS = frozenset(("# BEGIN SOLUTION", "### BEGIN SOLUTION", "# END SOLUTION", "### END SOLUTION"))


@dataclass(frozen=True)
class Variant:
    """One way to fill in a lab's solution cells.

    Attributes:
        name: The function's name.
        kind: "wrong" (must lose marks), "right" (must not), "reference" (the lab's own) or "untouched" (nothing done).
        sentence: What is wrong, or different, about it.
        cells: The whole source of every cell that is filled in, by grade_id.
        changed: Which of them are not the reference's.
        loses: For a wrong one: tests cells that must not give full marks.
    """

    name: str
    kind: Literal["wrong", "right", "reference", "untouched"]
    sentence: str
    cells: Mapping[str, str]
    changed: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Declared:
    kind: Literal["wrong", "right"]
    sentence: str
    function: VariantFunction
    loses: tuple[str, ...] = ()


def wrong(*, loses: tuple[str, ...] | list[str]) -> Callable[[VariantFunction], VariantFunction]:
    """Declare a mistake students really make; the docstring is its sentence.

    The function returns {grade_id of a solution cell: its whole source}; other cells are the reference's.

    Args:
        loses: Tests cells that must lose marks by it: the ones that teach what it gets wrong.
    """
    return _declare("wrong", tuple(loses))


def right(function: VariantFunction) -> VariantFunction:
    """Declare a different solution that deserves full marks; the docstring is its sentence."""
    return _declare("right", ())(function)


def _declare(kind: Literal["wrong", "right"], loses: tuple[str, ...]) -> Callable[[VariantFunction], VariantFunction]:
    def declare(function: VariantFunction) -> VariantFunction:
        sentence = " ".join((inspect.getdoc(function) or "").split())
        function.__autograder_variant__ = _Declared(kind, sentence, function, loses)  # type: ignore[attr-defined]
        return function

    return declare


def reference_cells(folder: Path) -> dict[str, str]:
    """The solution and answer cells of the lab in `folder` as a student would hand them in: no solution markers."""
    lab = read_lab(folder)
    return {
        cell.grade_id: "\n".join(line for line in cell.source.split("\n") if line.strip() not in MARKERS)
        for cell in (*lab.of_kind("solution"), *lab.of_kind("answer"))
        if cell.grade_id is not None
    }


def replaced(source: str, *changes: tuple[str, str]) -> str:
    """Return `source` with each (old, new) put in place.

    Raises:
        CheckError: An `old` does not occur exactly once: the lab has changed, and the variant has to follow.
    """
    for old, new in changes:
        if (count := source.count(old)) != 1:
            raise CheckError(
                f"expected {old!r} once in the cell, found it {count} times; the variant has to follow the lab"
            )
        source = source.replace(old, new)
    return source


def reference_variant(folder: Path) -> Variant:
    """The lab's own solution as a submission."""
    return Variant("reference", "reference", "The lab's own solution.", reference_cells(folder))


def untouched_variant() -> Variant:
    """The notebook as students get it, handed in."""
    return Variant("untouched", "untouched", "Nothing was filled in.", {})


def load_variants(path: Path) -> tuple[Variant, ...]:
    """Load a lab's `variants.py`; its variants in the order they were written, each with all its cells.

    Raises:
        CheckError: The file cannot be imported, or a variant does not fit the lab.
    """
    try:
        module = import_file(path, name=f"autograder_lab_{path.parent.name}_variants")
    except Exception as error:
        raise CheckError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    reference = reference_cells(path.parent)
    tests = {cell.grade_id for cell in read_lab(path.parent).of_kind("tests")}
    found = []
    for name, value in vars(module).items():
        declared = getattr(value, "__autograder_variant__", None)
        if isinstance(declared, _Declared):
            found.append(_variant(name, declared, reference, tests, f"variant {name} in {path}"))
    return tuple(found)


def _variant(
    name: str, declared: _Declared, reference: Mapping[str, str], tests: set[str | None], where: str
) -> Variant:
    if not declared.sentence:
        raise CheckError(f"{where}: expected a docstring (what is wrong or different about it), found none")
    changes = dict(declared.function())
    if unknown := sorted(set(changes) - set(reference)):
        raise CheckError(f"{where}: replaces {unknown[0]!r}, which is no solution cell; there are {sorted(reference)}")
    if not any(source != reference[cell] for cell, source in changes.items()):
        raise CheckError(f"{where}: expected cells that differ from the reference, found none")
    if declared.kind == "wrong" and not declared.loses:
        raise CheckError(f"{where}: expected at least one tests cell in loses=, found none")
    if unknown := sorted(set(declared.loses) - {cell for cell in tests if cell}):
        raise CheckError(f"{where}: loses marks in {unknown[0]!r}, which is no tests cell of the lab")
    return Variant(name, declared.kind, declared.sentence, {**reference, **changes}, tuple(changes), declared.loses)


def apply_variant(notebook: NotebookNode, variant: Variant) -> NotebookNode:
    """Fill a copy of the students' notebook in with the variant's cells, matched by grade_id.

    Raises:
        CheckError: The notebook lacks one of the cells.
    """
    filled = copy.deepcopy(notebook)
    missing = set(variant.cells)
    for cell in filled.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in variant.cells:
            cell.source = variant.cells[grade_id]
            missing.discard(grade_id)
    if missing:
        raise CheckError(f"variant {variant.name}: expected a cell {min(missing)!r} in the notebook, found none")
    return filled
