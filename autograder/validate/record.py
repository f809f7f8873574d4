"""What validating a notebook found, as records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

State = Literal[
    "passes",
    "in part",
    "fails",
    "not run",
    "error",
    "not begun",
    "written",
    "empty",
    "changed",
    "deleted",
    "twice",
    "renamed",
]
"""How a cell stands. Tests: `passes`, `in part`, `fails`, `not run`. Code of one's own: `error`, `not begun`. An answer
that people mark: `written`, `empty`. What no edit should be: `changed`, `deleted`, `twice`; of the
file, `renamed`."""

DONE: frozenset[State] = frozenset({"passes", "written"})


@dataclass(frozen=True)
class CellReport:
    """One cell.

    Attributes:
        name: Its `grade_id`, or its number where it has none.
        state: How it stands.
        says: What it said, or what to do; "" where the state says it all.
        points: The points it carries; None where it carries none.
    """

    name: str
    state: State
    says: str = ""
    points: float | None = None


@dataclass(frozen=True)
class NotebookReport:
    """One notebook.

    Attributes:
        path: The file.
        assignment: What it is part of, as far as is known; "" otherwise.
        cells: The cells there is something to say about, in the notebook's order.
        due: When it is to be handed in; None where nobody knows.
        as_released: Whether that is what the notebook says, which the course may have moved since.
        notes: What else to know, a sentence each.
    """

    path: Path
    assignment: str
    cells: tuple[CellReport, ...]
    due: datetime | None = None
    as_released: bool = False
    notes: tuple[str, ...] = ()

    @property
    def tests(self) -> tuple[CellReport, ...]:
        """The tests, run or not."""
        return tuple(cell for cell in self.cells if cell.state in ("passes", "in part", "fails", "not run"))

    @property
    def ready(self) -> bool:
        """Whether every visible test passes and nothing is missing."""
        return all(cell.state in DONE for cell in self.cells)
