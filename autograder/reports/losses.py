"""What each lost mark was for: the questions of one submission that did not earn all, and what their checks said.

Only what a student's feedback page shows as well: no faults of the grader's, no flags, no explanations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from autograder.reports import wording
from autograder.reports.sanitise import with_inline_code
from autograder.results import CellResult, CheckResult, SubmissionResult

MESSAGE_CHARACTERS = 300
"""How much of a message stands on a transcript; the feedback page has all of it."""
NEGLIGIBLE = 1e-6
"""Sums of thirds differ from whole points by less."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One check that was not passed in full."""

    mark: wording.Mark
    sentence: Markup
    message: Markup


@dataclass(frozen=True, slots=True)
class Loss:
    """One question that did not earn all its points.

    Attributes:
        question: What people call it.
        points: The most it can earn.
        earned: What it earned; None while that is open.
        note: What the visible tests, the kernel or a person said.
        reasons: Its checks that were not passed in full.
    """

    question: str
    points: float
    earned: float | None
    note: Markup
    reasons: tuple[Reason, ...]


def losses_of(result: SubmissionResult) -> tuple[Loss, ...]:
    """The questions of a submission that are open or did not earn all, in the order of the notebook.

    Args:
        result: The submission, with what people gave.
    """
    if not result.notebooks:
        note = _shown("It could not be read or judged as a whole. A person decides.")
        return (Loss("The whole submission", result.max_score, None, note, ()),)
    return tuple(
        _loss(cell)
        for notebook in result.notebooks
        for cell in notebook.cells
        if cell.points > 0 and (cell.score is None or cell.score < cell.points - NEGLIGIBLE)
    )


def _loss(cell: CellResult) -> Loss:
    return Loss(
        question=wording.title_of(cell.cell, {}),
        points=cell.points,
        earned=cell.score,
        note=_shown(cell.message),
        reasons=tuple(_reason(check) for check in cell.checks if check.verdict != "passed"),
    )


def _reason(check: CheckResult) -> Reason:
    said = check.message
    if check.verdict == "could_not_judge":
        said = "The grader had a problem here, not you. A person decides."
    elif check.verdict == "skipped" and not said:
        said = "It needs another check to pass first."
    return Reason(wording.verdict_of(check), _shown(check.sentence), _shown(said))


@lru_cache(maxsize=4096)
def _shown(text: str) -> Markup:
    # A class of a thousand hears the same few sentences.
    return with_inline_code(text, MESSAGE_CHARACTERS)
