"""Which cells of a notebook some tests cells rest on, by the names they define and use: what needs no running."""

from __future__ import annotations

import ast
import functools
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode


@dataclass(frozen=True)
class Names:
    """What a cell does with the notebook's names.

    Attributes:
        made: Functions, classes and modules it defines: nothing done with them changes them.
        values: Other names it gives a value.
        used: Names it takes from elsewhere, within functions too.
        touched: Those among them that it reads while it runs itself: it may change what they hold.
        readable: Whether it is Python at all; one that is not may do anything.
    """

    made: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    readable: bool = True


@functools.lru_cache(maxsize=4096)  # a lab's cells are the same in nearly all its variants
def names_of(source: str) -> Names:
    """What the cell with this source does with names."""
    try:
        top = symtable.symtable(source, "cell", "exec")
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return Names(readable=False)
    made = {one.get_name() for one in top.get_symbols() if one.is_namespace() or one.is_imported()}
    inner = [symbol for table in _below(top) for symbol in table.get_symbols() if symbol.is_global()]
    values = {one.get_name() for one in (*top.get_symbols(), *inner) if one.is_assigned()} - made
    touched: set[str] = set()
    before: set[str] = set()
    for statement in tree.body:
        touched |= set(_read_at_once(statement)) - before
        before |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and not _is_read(node)} | made
    within = {one.get_name() for one in inner if one.is_referenced()} - made - values
    return Names(frozenset(made), frozenset(values), frozenset(touched | within), frozenset(touched))


def rests_on(notebook: NotebookNode, cells: Iterable[str], asked: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Ids of the cells that the marks of `cells` (tests cells, by name) rest on, themselves among them.

    Those are the cells that define a name which is asked for, may change its value, or cannot be read; and what these
    rest on in turn. What visible tests need is followed only where no check decides instead of them.

    Args:
        notebook: A notebook of the lab, filled in.
        cells: Names of tests cells.
        asked: For each tests cell that has checks, the names of the notebook (and of its cells) that they ask for.
    """
    wanted = set(cells)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    names = {cell.id: names_of(cell.source) for cell in code}
    values = frozenset().union(*(one.values for one in names.values()))
    needed = {name for cell in wanted for name in asked.get(cell, ())}
    kept: set[str] = set()
    for cell in code:
        if (grade_id := grade_id_of(cell)) in wanted:
            kept.add(cell.id)
            needed |= set() if grade_id in asked else names[cell.id].used
    while True:
        found = {one.id for one in code if one.id not in kept and _is_needed(one, names[one.id], needed, values)}
        if not found:
            return frozenset(kept)
        kept |= found
        needed |= {name for one in found for name in names[one].used}


def _is_needed(cell: NotebookNode, names: Names, needed: set[str], values: frozenset[str]) -> bool:
    if not names.readable or grade_id_of(cell) in needed or (names.made | names.values) & needed:
        return True
    # Visible tests look at what the notebook made, and are taken not to change it.
    return bool(names.touched & values & needed) and not cell.metadata.get("nbgrader", {}).get("grade", False)


def grade_id_of(cell: NotebookNode) -> str:
    """The name that a cell has for nbgrader; "" where it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _below(child)


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _read_at_once(node: ast.AST) -> Iterator[str]:
    """Names that are read when the statement runs: not those in the bodies of functions it defines."""
    if isinstance(node, ast.Name) and _is_read(node):
        yield node.id
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    inside = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) else ()
    skipped = set(map(id, inside if isinstance(inside, (list, tuple)) else (inside,)))
    for child in ast.iter_child_nodes(node):
        if id(child) not in skipped:
            yield from _read_at_once(child)
