"""Trials made by hand, for what is made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from autograder.audit import Trial, Variant
from autograder.checks.notes import Measurement, Notes
from autograder.results import CellResult, CheckResult, NotebookResult

Kind = Literal["wrong", "right", "reference", "untouched"]


def variant(name: str, kind: Kind, loses: Sequence[str] = ()) -> Variant:
    return Variant(name, kind, "It is what it is.", {}, loses=tuple(loses))


def check_result(name: str, fraction: float | None, message: str = "", fault: str = "") -> CheckResult:
    verdict = "could_not_judge" if fraction is None else "passed" if fraction == 1.0 else "failed"
    return CheckResult(
        name=name,
        sentence="It is so.",
        verdict=verdict,  # type: ignore[arg-type]
        fraction=fraction,
        weight=1.0,
        evidence="measured",
        message=message,
        fault=fault,
    )


def trial(
    tried: Variant,
    fractions: Mapping[str, float | None],
    *,
    seed: int = 0,
    messages: Mapping[str, str] | None = None,
    notes: Mapping[str, Notes] | None = None,
    errors: tuple[str, ...] = (),
) -> Trial:
    """A trial of a lab whose cells have two points each, and one check called `<cell>_check` each."""
    cells = tuple(
        CellResult(
            cell=cell,
            kind="checks",
            points=2.0,
            score=None if fraction is None else 2.0 * fraction,
            status="could_not_judge" if fraction is None else "graded",
            checks=(
                check_result(
                    f"{cell}_check",
                    fraction,
                    (messages or {}).get(cell, ""),
                    "Traceback\nZeroDivisionError: no" if fraction is None else "",
                ),
            ),
        )
        for cell, fraction in fractions.items()
    )
    result = NotebookResult(
        notebook="lab", score=0.0, max_score=2.0 * len(cells), status="graded", cells=cells, seconds=1.5
    )
    return Trial(tried, seed, True, result, notes or {}, {}, errors)


def notes_of(what: str, *values: float, zero_at: float | None = None, full_at: float | None = None) -> Notes:
    return Notes([Measurement(what, value, zero_at, full_at) for value in values])
