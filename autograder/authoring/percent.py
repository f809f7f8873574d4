"""Reading `lab.py`: a percent script into sections, each with the line it stands on."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

import jupytext

from autograder.errors import AuthoringError

# Comments stay comments: by default jupytext turns "# copy the array" and "# what?" into IPython commands.
PERCENT_FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
HEADER = re.compile(r"# %%+(\s|$)")


@dataclass(frozen=True)
class Section:
    """One `# %%` section as written, before its header's meaning is known.

    Attributes:
        line: Number of the header's line in lab.py, from 1.
        header: The header's line.
        cell_type: "code", "markdown" or "raw".
        options: What the header says, key by key.
        source: The text below the header; comment marks of markdown already taken off.
    """

    line: int
    header: str
    cell_type: str
    options: Mapping[str, object]
    source: str


def read_sections(text: str, where: str) -> tuple[Section, ...]:
    """Read a percent script.

    What stands above the first header is for people who open the file (a docstring, comments): it stays out of the
    notebook, and so must not be code.

    Args:
        text: The script.
        where: Its name in messages.

    Raises:
        AuthoringError: There is no section, code above the first one, or a header jupytext reads in another way.
    """
    lines = text.splitlines()
    headers = [number for number, line in enumerate(lines, start=1) if HEADER.match(line)]
    if not headers:
        raise AuthoringError(f"{where}: expected cells that begin with a `# %%` line, found none")
    cells = jupytext.reads(text, PERCENT_FORMAT).cells
    if len(cells) == len(headers) + 1:
        _expect_no_code("\n".join(lines[: headers[0] - 1]), where)
        cells = cells[1:]
    if len(cells) != len(headers):
        raise AuthoringError(
            f"{where}: expected as many cells as `# %%` lines ({len(headers)}), jupytext reads {len(cells)}; "
            "keep `# %%` out of strings, and write headers as `# %%`, a space, then the rest"
        )
    return tuple(
        Section(
            line=number,
            header=lines[number - 1],
            cell_type=str(cell.cell_type),
            options={key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"},
            source=str(cell.source),
        )
        for number, cell in zip(headers, cells, strict=True)
    )


def _expect_no_code(preamble: str, where: str) -> None:
    try:
        statements = ast.parse(preamble).body
    except SyntaxError as error:
        raise AuthoringError(f"{where}:{error.lineno}: expected Python, found {error.msg}") from error
    for position, statement in enumerate(statements):
        is_docstring = (
            position == 0
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        )
        if not is_docstring:
            raise AuthoringError(
                f"{where}:{statement.lineno}: expected only a docstring and comments above the first `# %%` line, "
                "found code; students would not get it: move it into a cell"
            )
