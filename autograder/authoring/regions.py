"""The regions nbgrader cuts out of a cell at release: `BEGIN SOLUTION`, `BEGIN HIDDEN TESTS`."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Split:
    """A cell's lines, apart.

    Attributes:
        public: The lines outside every region; for each region `stub`, where one is given, stands in its place.
        inside: The lines inside regions, in order.
        num_regions: How many regions there are.
    """

    public: tuple[str, ...]
    inside: tuple[str, ...]
    num_regions: int


@dataclass(frozen=True)
class Region:
    """One kind of region, known by the words in its two marker lines."""

    words: str

    def mentioned(self, source: str) -> bool:
        """Whether a marker's words occur anywhere: nbgrader takes any such line for a marker, prose or not."""
        return f"BEGIN {self.words}" in source or f"END {self.words}" in source

    def split(self, source: str, stub: str | None = None) -> Split:
        """Part `source` into what is outside and what is inside the regions.

        Args:
            source: The cell.
            stub: A line put where each region was, indented as its marker.

        Raises:
            ValueError: The markers do not pair; the message says how, and counts lines from the cell's first.
        """
        public: list[str] = []
        inside: list[str] = []
        opened: int | None = None
        num_regions = 0
        for number, line in enumerate(source.split("\n"), start=1):
            if f"BEGIN {self.words}" in line:
                self._expect_marker(line, number)
                if opened is not None:
                    raise ValueError(f"line {number} begins a {self.words} region inside the one of line {opened}")
                opened, num_regions = number, num_regions + 1
                if stub is not None:
                    public.append(line[: len(line) - len(line.lstrip())] + stub)
            elif f"END {self.words}" in line:
                self._expect_marker(line, number)
                if opened is None:
                    raise ValueError(f"line {number} says END {self.words}, expected a BEGIN {self.words} before it")
                opened = None
            else:
                (public if opened is None else inside).append(line)
        if opened is not None:
            raise ValueError(f"BEGIN {self.words} in line {opened}, expected an END {self.words} after it")
        return Split(public=tuple(public), inside=tuple(inside), num_regions=num_regions)

    def _expect_marker(self, line: str, number: int) -> None:
        if not re.fullmatch(rf"\s*(#+\s*)?(BEGIN|END) {self.words}\s*", line):
            raise ValueError(f"line {number}: expected a {self.words} marker alone on its line, found {line.strip()!r}")


SOLUTION = Region("SOLUTION")
HIDDEN_TESTS = Region("HIDDEN TESTS")
