"""A learning platform's gradebook as a table: who is on which row, what is in which column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from autograder.course.csv_table import seen

Platform = Literal["canvas", "moodle"]
TITLES: dict[Platform, str] = {"canvas": "Canvas", "moodle": "Moodle"}
POSSESSIVES: dict[Platform, str] = {"canvas": "Canvas'", "moodle": "Moodle's"}

Kind = Literal["own", "known"]
"""Whose an id is: the platform's own number, or one that the course may know too (its id, an address)."""

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Key:
    """One way in which the platform names a student.

    Attributes:
        column: Where it stands.
        kind: Whose it is.
    """

    column: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class GradeColumn:
    """A column of marks.

    Attributes:
        place: Where it stands.
        header: Its heading, as the platform has it.
        names: What it can be known by, folded.
        points: What full marks are there; None where the file does not say.
        listed: Whether it surely is a column of marks, and is named where nothing here belongs to it.
    """

    place: int
    header: str
    names: frozenset[str]
    points: Fraction | None = None
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """A student's row.

    Attributes:
        line: The line of the file.
        name: What to call the student in a message.
        cells: The row as it stands there.
    """

    line: int
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class GradebookFile:
    """A platform's gradebook.

    Attributes:
        platform: Whose it is.
        source: What to call it in a message.
        headers: All headings.
        carried: The columns about students, which go into an export as they are.
        keys: The columns that say who is who.
        columns: The columns of marks.
        people: The students.
        downloaded: Whether the platform made it. Its cells are then what the platform has, and an export keeps them
            where there is no mark; else nobody knows what the platform has.
        points_row: The platform's own row of points, as it stands there.
        stamp: The column in which the platform says when the file was made.
    """

    platform: Platform
    source: str
    headers: tuple[str, ...]
    carried: tuple[int, ...]
    keys: tuple[Key, ...]
    columns: tuple[GradeColumn, ...]
    people: tuple[Person, ...]
    downloaded: bool
    points_row: tuple[str, ...] = field(default=())
    stamp: int | None = None


def folded(name: str) -> str:
    """A heading, title or id as people mean it: capital letters, spaces, hyphens and underscores do not matter."""
    return " ".join(re.split(r"[\s_-]+", seen(name).casefold())).strip()


def number(text: str) -> Fraction | None:
    """A number as platforms write it, with a decimal point or comma; None where the text is none."""
    text = text.strip()
    return Fraction(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
