"""Reading a student's cell, for the one question behaviour cannot answer: was it written without the library?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from autograder.errors import Failure

MAX_CHARACTERS = 100_000  # nobody writes as much in a cell by hand
# A line for IPython rather than for Python: a magic, a command for the shell, a question, or what one of them gives.
MAGIC = re.compile(r"^(\s*)((?:%{1,2}[A-Za-z]|!(?!=)|\?|[\w., ]{1,200}=\s*(?:%[A-Za-z]|!(?!=))).*|.{1,200}\?\s*)$")


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


def parse_cell(source: str) -> ast.Module:
    """Parse a cell; where it is no plain Python, without the lines that speak to IPython.

    IPython's own transformation of a cell takes minutes for some that are written to that end.

    Raises:
        ValueError: It is longer than anybody writes.
        SyntaxError, RecursionError, MemoryError: It is no Python either way.
    """
    if len(source) > MAX_CHARACTERS:
        raise ValueError(f"more than {MAX_CHARACTERS:,} characters")
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse("\n".join(MAGIC.sub(r"\1pass", line) for line in source.splitlines()))


def magic_lines(source: str) -> list[str]:
    """The lines of a cell that speak to IPython."""
    return [line for line in source[:MAX_CHARACTERS].splitlines() if MAGIC.match(line)]


def _parsed(source: str, what: str) -> ast.AST:
    try:
        return parse_cell(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Failure(
            f"expected {what} to be Python, received code that cannot be read ({type(error).__name__})"
        ) from None
