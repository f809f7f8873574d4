"""A page that a test types from top to bottom: every command is typed, or excused in excuses.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.pages import ROOT, commands
from tests.shown.excuses import EXCUSES
from tests.typist import type_lines

REMEDY = "type it in the test of that page, or say in tests/shown/excuses.py why not, and what runs the same"


class Page:
    """What a page says to type, and how far it was typed.

    Attributes:
        name: Its path in the project.
        left: The commands still to be typed, in the page's order.
    """

    def __init__(self, name: str, home: Path, places: Mapping[str, str], instead: Mapping[str, str]) -> None:
        self.name = name
        self.left = [line for line in commands(ROOT / name) if line not in EXCUSES.get(name, {})]
        self._home, self._places, self._instead = home, places, instead

    def type(self, folder: Path, *lines: str, code: int = 0) -> Path:
        """Type the page's next commands.

        Args:
            folder: Where the shell is at first.
            lines: The commands, as the page has them.
            code: The exit code of each.

        Returns:
            Where the shell is in the end.
        """
        for line in lines:
            assert line in self.left, f"{self.name} does not say to type `{line}` from here on: take it out of its test"
            assert line == self.left[0], f"{self.name} says to type `{self.left[0]}` before `{line}`: {REMEDY}"
            here = self._here(self.left.pop(0))
            folder = type_lines([here], folder, self._home, {here: code})
        return folder

    def _here(self, line: str) -> str:
        line = self._instead.get(line, line)
        for shown, here in self._places.items():
            line = line.replace(shown, here)
        return line


@contextmanager
def typed(
    name: str, home: Path, *, places: Mapping[str, str] | None = None, instead: Mapping[str, str] | None = None
) -> Iterator[Page]:
    """Give a page to be typed, and see at the end that all of it was.

    Args:
        name: Its path in the project.
        home: Of whoever types.
        places: What the page calls by another name than a test can, such as an absolute path, and what it is here.
        instead: Lines that are typed in another form, such as with fewer seeds; a comment beside them says why.
    """
    page = Page(name, home, places or {}, instead or {})
    yield page
    assert not page.left, f"{name} says to type `{'`, `'.join(page.left)}`, and no test does: {REMEDY}"
