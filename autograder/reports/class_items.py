"""The tables of the item analysis on the page about a class."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from autograder.reports import wording
from autograder.reports.items import AssignmentItems, CheckItem, Discrimination, QuestionItem
from autograder.reports.sanitise import with_inline_code

NONE = "-"


@dataclass(frozen=True)
class QuestionRow:
    """One question; shares are in percent of the students who have it."""

    title: str
    record: QuestionItem
    difficulty: str
    discrimination: str
    why_not: str
    unjudged: str


@dataclass(frozen=True)
class CheckRow:
    """One check; shares are in percent of the students who have it."""

    question: str
    record: CheckItem
    sentence: Markup
    shares: tuple[str, ...]
    difficulty: str
    discrimination: str
    why_not: str
    message: Markup


@dataclass(frozen=True)
class ItemSection:
    """One assignment's tables."""

    title: str
    link: str | None
    record: AssignmentItems
    questions: tuple[QuestionRow, ...]
    checks: tuple[CheckRow, ...]


def item_section(analysed: AssignmentItems, title: str, link: str | None) -> ItemSection:
    """Make the tables of one assignment.

    Args:
        analysed: Its items.
        title: What people call it.
        link: The address of its overview; None where there is none.
    """
    return ItemSection(
        title,
        link,
        analysed,
        tuple(_question(one) for one in analysed.questions),
        tuple(_check(one) for one in analysed.checks),
    )


def _question(item: QuestionItem) -> QuestionRow:
    return QuestionRow(
        wording.title_of(item.cell, {}),
        item,
        _two(item.difficulty),
        _two(item.discrimination.value),
        _why(item.discrimination),
        wording.percent(item.unjudged / item.submissions),
    )


def _check(item: CheckItem) -> CheckRow:
    counts = (item.passed, item.partly, item.failed, item.skipped, item.unjudged)
    return CheckRow(
        wording.title_of(item.cell, {}),
        item,
        with_inline_code(item.sentence, 300),
        tuple(wording.percent(one / item.submissions) for one in counts),
        _two(item.difficulty),
        _two(item.discrimination.value),
        _why(item.discrimination),
        with_inline_code(item.message, 200),
    )


def _two(value: float | None) -> str:
    """A figure with two decimals; a true minus, and none before a zero."""
    if value is None:
        return NONE
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", wording.MINUS)


def _why(found: Discrimination) -> str:
    return found.why_not or f"of {wording.count(found.students, 'student')}"
