"""Notes on what a check measured and what it asked for: for audit and calibration, never for students or records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measurement:
    """A quantity that a check measured, exactly.

    Attributes:
        what: What was measured: "a share of new digits".
        value: The value.
        zero_at: Up to where nothing is earned; None without a mark curve.
        full_at: From where everything is earned; None where no bound decides.
    """

    what: str
    value: float
    zero_at: float | None = None
    full_at: float | None = None


@dataclass
class Notes:
    """What was taken down while a check ran.

    Attributes:
        measurements: What it measured, in order.
        asked: Names of the notebook and cells (by grade_id) that it asked for.
    """

    measurements: list[Measurement] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


# A check's functions do not know each other, so whoever wants notes lays them out here. Each thread has its own.
_NOTES: ContextVar[Notes | None] = ContextVar("notes", default=None)


@contextmanager
def taking_notes() -> Iterator[Notes]:
    """Take notes of everything checks measure and ask for in this thread while the context lasts."""
    notes = Notes()
    token = _NOTES.set(notes)
    try:
        yield notes
    finally:
        _NOTES.reset(token)


def note_measured(what: str, value: float, *, zero_at: float | None = None, full_at: float | None = None) -> None:
    """Note a quantity that decides on a mark, so that `autograder calibrate` can show how it varies.

    Nobody else learns the value: it enters no message, no record and no page. `mark_curve` and what is built on it
    note theirs by themselves; a check that compares with a bound of its own says so here.

    Example: `note_measured("the loss on new signs", trained, full_at=0.7 * untrained)`

    Args:
        what: What it is, in the words of the check's message.
        value: The value.
        zero_at: Up to where nothing is earned; None without a mark curve.
        full_at: From where (or, below `zero_at`, down to where) everything is earned; None where no bound decides.
    """
    if (notes := _NOTES.get()) is not None:
        notes.measurements.append(Measurement(what, float(value), zero_at, full_at))


def note_asked(name: str) -> None:
    """Note a name of the notebook, or one of its cells, that a check asked for."""
    if (notes := _NOTES.get()) is not None:
        notes.asked.add(name)
