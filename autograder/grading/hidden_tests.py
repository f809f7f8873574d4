"""What a tests cell showed of the part of its tests that students are not shown.

Whoever writes the tested function can have it print what it is asked. The tests run in its process, so that nothing
keeps such inputs from the student's code; but the student's page need not hand them on.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from typing import Any

from nbconvert.filters import strip_ansi

BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"


def hidden_lines(source: str) -> frozenset[int]:
    """The numbers, from 1, of the lines in regions of hidden tests; one that never ends goes to the last line."""
    found, inside = set(), False
    for number, line in enumerate(source.split("\n"), start=1):
        inside = (inside or BEGIN in line) and END not in line
        if inside:
            found.add(number)
    return frozenset(found)


def is_of_hidden_tests(error: Mapping[str, Any], cell: Mapping[str, Any]) -> bool:
    """Whether an error of a tests cell was raised under a line that is hidden, or may have been."""
    lines = hidden_lines(_text(cell.get("source")))
    if not lines:
        return False
    place = re.escape(f"Cell In[{cell.get('execution_count')}], line ")
    under = re.findall(rf"{place}(\d+)", _text(error.get("traceback")))
    return not under or any(int(number) in lines for number in under)


def without_words(error: Mapping[str, Any]) -> dict[str, Any]:
    """The error with no more than its class, where that is one of Python's."""
    name = error.get("ename")
    known = isinstance(name, str) and isinstance(getattr(builtins, name, None), type)
    words = "raised in the part of the tests that is not shown"
    return {**error, "ename": name if known else "Error", "evalue": words, "traceback": []}


def _text(value: Any) -> str:
    """A notebook's text, as it may come: a string, lines, or something that is no text."""
    parts = value if isinstance(value, list | tuple) else [value]
    return str(strip_ansi("\n".join(part.removesuffix("\n") for part in parts if isinstance(part, str))))
