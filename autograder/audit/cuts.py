"""Which cells of a notebook some tests cells rest on, by the names they define and use: what needs no running."""

from __future__ import annotations

import ast
import functools
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Names:
    """What a cell does with the notebook's names.

    Attributes:
        made: Functions, classes and modules it defines: nothing done with them changes them.
        values: Other names it gives a value.
        surely: Those of both that have their new meaning whenever the cell runs to its end.
        fixed: Those of its values that are numbers, texts or tuples of them: nothing done with them changes them.
        touched: Names it takes from elsewhere while it runs itself: it may change what they hold.
        later: Names its functions take from elsewhere whenever they are called.
        readable: Whether it is Python at all; one that is not may do anything.
        only_defines: Whether it does no more than define functions, classes and names, and calls nothing for that.
    """

    made: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    surely: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    touched: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    readable: bool = True
    only_defines: bool = False

    @property
    def given(self) -> frozenset[str]:
        """Names it gives a meaning."""
        return self.made | self.values

    @property
    def used(self) -> frozenset[str]:
        """Names it takes from elsewhere."""
        return self.touched | self.later


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
        before |= {node.id for node in _walk(statement) if isinstance(node, ast.Name) and not _is_read(node)} | made
    later = {one.get_name() for one in inner if one.is_referenced()} - made - values - touched
    return Names(
        made=frozenset(made),
        values=frozenset(values),
        surely=frozenset(_surely_given(tree.body)),
        fixed=frozenset(values - _given_otherwise(tree)),
        touched=frozenset(touched),
        later=frozenset(later),
        only_defines=all(map(_is_definition, tree.body)),
    )


def rests_on(notebook: NotebookNode, asked: Iterable[str], tests: Iterable[str] = ()) -> frozenset[str]:
    """Ids of the cells that whoever asks for some names rests on, and some tests cells, these among them.

    Those are the cells that give a name its last meaning, may change what it holds after that, or cannot be read; and
    what these rest on in turn. It is taken that cells run to their ends: one that does not may leave a name its earlier
    meaning.

    Args:
        notebook: A notebook of the lab, filled in.
        asked: Names of the notebook, and of its cells, that checks ask for.
        tests: Names of tests cells on whose own marks it depends what they use: those without checks.
    """
    wanted = set(tests)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    names = {cell.id: names_of(cell.source) for cell in code}
    changeable = frozenset().union(*(one.values - one.fixed for one in names.values()))
    later: set[str] = set()  # what functions read is needed wherever it is given: they may be called at any time
    while True:
        needed = {*asked, *later}
        kept: set[str] = set()
        for cell in reversed(code):
            own = names[cell.id]
            if grade_id_of(cell) in wanted:
                kept.add(cell.id)
                needed |= own.used
            elif _is_needed(cell, own, needed, changeable):
                kept.add(cell.id)
                needed = (needed - own.surely) | own.touched | later
        found = {name for one in kept for name in names[one].later}
        if found <= later:
            return frozenset(kept)
        later |= found


def _is_needed(cell: NotebookNode, names: Names, needed: set[str], changeable: frozenset[str]) -> bool:
    if not names.readable or grade_id_of(cell) in needed or names.given & needed:
        return True
    # Visible tests look at what the notebook made, and are taken not to change it.
    return bool(names.touched & changeable & needed) and not cell.metadata.get("nbgrader", {}).get("grade", False)


def grade_id_of(cell: NotebookNode) -> str:
    """The name that a cell has for nbgrader; "" where it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _below(child)


def _surely_given(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Names that statements give a meaning whatever happens: not those in branches and loops."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.Assign(targets=targets):
                yield from (name for target in targets for name in _stored(target))
            case ast.AnnAssign(target=target, value=ast.expr()):
                yield from _stored(target)
            case ast.With(items=items, body=inner):
                yield from (name for item in items if item.optional_vars for name in _stored(item.optional_vars))
                yield from _surely_given(inner)


def _is_definition(statement: ast.stmt) -> bool:
    match statement:
        case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
            return True
        case ast.Assign() | ast.AnnAssign():
            return not any(isinstance(node, ast.Call) for node in ast.walk(statement))
    return False


def _given_otherwise(tree: ast.Module) -> set[str]:
    """Names that are given something else than numbers, texts and tuples of them."""
    written = [
        node.targets[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and _is_written_down(node.value)
    ]
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and not _is_read(node)]
    return {node.id for node in names if not any(node is target for target in written)}


def _is_written_down(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_written_down(node.operand)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Tuple) and all(map(_is_written_down, node.elts)))


def _stored(target: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name) and not _is_read(node))


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is below it, but for comprehensions: what these give a value is theirs alone."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, COMPREHENSIONS):
            yield from _walk(child)


def _read_at_once(node: ast.AST) -> Iterator[str]:
    """Names that are read when the statement runs: not those in the bodies of functions it defines."""
    if isinstance(node, COMPREHENSIONS):
        own = {name for generator in node.generators for name in _stored(generator.target)}
        yield from _read_at_once(node.generators[0].iter)  # before there are any of its own
        yield from (name for child in ast.iter_child_nodes(node) for name in _read_at_once(child) if name not in own)
        return
    if isinstance(node, ast.Name) and _is_read(node):
        yield node.id
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    inside = node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) else ()
    skipped = set(map(id, inside if isinstance(inside, (list, tuple)) else (inside,)))
    for child in ast.iter_child_nodes(node):
        if id(child) not in skipped:
            yield from _read_at_once(child)
