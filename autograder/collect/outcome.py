"""What collecting is asked for, and what became of an archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.collect.archive import Refusal
from autograder.collect.naming import Format

Became = Literal["new", "replaced", "unchanged", "older", "differs", "needs you"]


@dataclass(frozen=True)
class Options:
    """How to collect.

    Attributes:
        format: How the archive's files are named; None finds it out.
        pattern: nbgrader's regular expression for names of another kind; "" for none.
        roster: Who is who; None takes the course's roster where it has one.
        dry_run: Write nothing into the course.
        replace: Replace what was collected earlier whatever its time.
    """

    format: Format | None = None
    pattern: str = ""
    roster: Path | None = None
    dry_run: bool = False
    replace: bool = False


@dataclass(frozen=True)
class Row:
    """What became of one student's files.

    Attributes:
        student: The student's id; "" when nobody knows it.
        sender: Whom the archive names, fit to be shown.
        became: What was done, or would be.
        num_files: How many files the submission has.
        notes: What a person should know.
        refused: What was not taken.
        aside: Where it was put when it needs a person, or where the earlier one is; None otherwise.
    """

    student: str
    sender: str
    became: Became
    num_files: int = 0
    notes: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    aside: Path | None = None


@dataclass(frozen=True)
class Collection:
    """What became of an archive.

    Attributes:
        assignment: The assignment's name.
        format: How the files are named.
        detected: Whether that was found out.
        roster: The roster in use; None for none.
        rows: What became of each student's files, by student.
        refused: Files that are nobody's.
        litter: How many members were dropped as litter.
        timed: Whether the names say when things were handed in.
        dry_run: Whether nothing was written.
    """

    assignment: str
    format: Format
    detected: bool
    roster: Path | None
    rows: tuple[Row, ...]
    refused: tuple[Refusal, ...]
    litter: int
    timed: bool
    dry_run: bool

    @property
    def complete(self) -> bool:
        """Whether everything that was handed in is in its place."""
        settled = all(row.became not in ("needs you", "differs") and not row.refused for row in self.rows)
        return settled and not self.refused
