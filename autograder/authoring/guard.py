"""Taking `if __name__ == "__main__":` off: what it guards runs in the notebook, not when lab.py is imported."""

from __future__ import annotations

import ast
import io
import re
import tokenize

GUARD = re.compile(r"""if __name__ == ["']__main__["']:\s*(#.*)?""")


def remove_guard(source: str) -> str:
    """Return the cell without its guard, the guarded statements at the left margin.

    A cell holds at most one guard, as its last statement and on a line of its own. Lines inside a string that spans
    several lines are left alone, so that the string keeps its value.

    Args:
        source: A code cell.

    Raises:
        SyntaxError: The cell is not Python.
        ValueError: `__name__` is tested in a form this does not support; the message says which line of the cell.
    """
    tree = ast.parse(source)
    tested = [node for node in ast.walk(tree) if isinstance(node, ast.Compare) and _is_name(node.left)]
    if not tested:
        return source
    guard = tree.body[-1]
    lines = source.split("\n")
    supported = (
        len(tested) == 1
        and isinstance(guard, ast.If)
        and guard.test is tested[0]
        and not guard.orelse
        and GUARD.fullmatch(lines[guard.lineno - 1]) is not None
    )
    if not supported or not isinstance(guard, ast.If):
        raise ValueError(
            f'line {tested[0].lineno}: expected `if __name__ == "__main__":` once, on a line of its own, without else, '
            "as the cell's last statement; split the cell or move the test out"
        )
    margin = guard.body[0].col_offset
    kept = _inner_string_lines(source)
    block = [
        line if number in kept else _dedent(line, margin)
        for number, line in enumerate(lines[guard.lineno :], start=guard.lineno + 1)
    ]
    return "\n".join([*lines[: guard.lineno - 1], *block]).strip("\n")


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__name__"


def _dedent(line: str, margin: int) -> str:
    # A comment may stand further left than the block it is in; it loses what it has.
    return line[min(margin, len(line) - len(line.lstrip(" "))) :]


def _inner_string_lines(source: str) -> frozenset[int]:
    """The numbers of lines that begin inside a string."""
    inner: set[int] = set()
    opened: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        if name == "STRING":
            inner.update(range(token.start[0] + 1, token.end[0] + 1))
        elif name.endswith("STRING_START"):  # f-strings are tokens in parts from Python 3.12 on
            opened.append(token.start[0])
        elif name.endswith("STRING_END"):
            inner.update(range(opened.pop() + 1, token.end[0] + 1))
    return frozenset(inner)
