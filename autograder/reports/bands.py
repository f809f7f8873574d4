"""A student's place in the class as a quarter, never as a rank.

The quarter follows from how many have a higher mark, so that equal marks are in the same one: the upper quarter is
where fewer than a quarter of the others' marks are higher, and so on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

FEWEST_STUDENTS = 8
"""Among fewer, a quarter is one student or two, and would tell their marks to each other."""

QUARTERS = ("upper quarter", "second quarter", "third quarter", "lowest quarter")


@dataclass(frozen=True)
class Band:
    """A quarter of a class.

    Attributes:
        quarter: 0 for the upper one to 3 for the lowest.
        students: How many students have a mark.
    """

    quarter: int
    students: int

    @property
    def words(self) -> str:
        """Its name."""
        return QUARTERS[self.quarter]


def bands(marks: Mapping[str, str | None]) -> dict[str, Band]:
    """The quarter of each student who has a mark; of nobody where too few have one.

    Args:
        marks: Course marks as they are shown, rounded, by student; None where there is none.
    """
    known = {student: Decimal(mark) for student, mark in marks.items() if mark is not None}
    if len(known) < FEWEST_STUDENTS:
        return {}
    ordered = sorted(known.values())
    return {
        student: Band(4 * (len(ordered) - bisect_right(ordered, mark)) // len(ordered), len(ordered))
        for student, mark in known.items()
    }
