"""Reading a student's cell, for the one question behaviour cannot answer: was it written without the library?"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from IPython.core.inputtransformer2 import TransformerManager

from autograder.errors import Failure


def expect_no_use_of(source: str, names: Iterable[str], what: str = "this cell", *, hint: str = "") -> None:
    """Expect that the code neither imports nor names any of `names` (modules, functions, attributes).

    This is no wall: an alias made in another cell passes. It tells an honest student what the exercise is.

    Raises:
        Failure: Says which name is used, and in which line.
    """
    forbidden = frozenset(names)
    for node in ast.walk(_parsed(source, what)):
        used = forbidden & set(_names(node))
        if used:
            line = getattr(node, "lineno", "?")
            raise Failure(f"expected {what} to do without `{min(used)}`, received it in line {line}", hint)


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name):
            return [name]
        case ast.Attribute(attr=name):
            return [name]
        case ast.Import(names=aliases):
            return [part for alias in aliases for part in alias.name.split(".")]
        case ast.ImportFrom(module=module, names=aliases):
            return [*(module or "").split("."), *(alias.name for alias in aliases)]
        case _:
            return []


def _parsed(source: str, what: str) -> ast.AST:
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Failure(
            f"expected {what} to be Python, received code that cannot be read ({type(error).__name__})"
        ) from None
