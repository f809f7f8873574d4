"""What an instructor should look at first, of all questions and checks of a course, each with the reason."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.reports.items import AssignmentItems, CheckItem, QuestionItem
from autograder.reports.wording import MINUS

FEWEST = 5
"""Of fewer students it says little that all of them, or none, have a question right."""
MANY_FLAGS = 0.1
"""The share of flagged submissions from which a question that everybody passed is looked at."""


@dataclass(frozen=True)
class FirstLook:
    """One thing to look at.

    Attributes:
        assignment: The assignment's id.
        cell: The question's `grade_id`; empty where it is the assignment as a whole.
        sentence: What the check establishes; empty where it is the question as a whole.
        why: The reason, as a sentence.
        urgency: The kind of reason (the lower the sooner), and within it how bad it is.
    """

    assignment: str
    cell: str
    sentence: str
    why: str
    urgency: tuple[int, float]


def first_looks(items: Sequence[AssignmentItems]) -> list[FirstLook]:
    """What to look at first, the most urgent first.

    Faults of the grader's come first, then what nobody has right, then what good students have wrong, then what
    everybody has right with many flags.
    """
    found = [look for one in items for look in _of_assignment(one)]
    return sorted(found, key=lambda look: look.urgency)


def _of_assignment(items: AssignmentItems) -> Iterator[FirstLook]:
    name = items.assignment
    if items.unreadable:
        share = items.unreadable / items.submissions
        why = f"{items.unreadable} of {items.submissions} submissions could not be read or judged as a whole."
        yield FirstLook(name, "", "", why, (0, -share))
    explained = {(check.notebook, check.cell) for check in items.checks if check.unjudged}
    listed = set()
    for question in items.questions:
        where = (question.notebook, question.cell)
        for why, urgency in _of_question(question, by_checks=where in explained):
            listed.add((where, urgency[0]))
            yield FirstLook(name, question.cell, "", why, urgency)
    for check in items.checks:
        for why, urgency in _of_check(check):
            # What is said of a question as a whole is not said of each of its checks again.
            if ((check.notebook, check.cell), urgency[0]) not in listed:
                yield FirstLook(name, check.cell, check.sentence, why, urgency)


def _of_question(item: QuestionItem, by_checks: bool) -> Iterator[tuple[str, tuple[int, float]]]:
    if item.unjudged and not by_checks:
        yield _unjudged(item.unjudged, item.submissions)
    if item.decided >= FEWEST and item.difficulty == 0:
        yield (
            f"None of {item.decided} students has earned anything: look for a fault in the question, or in its checks.",
            (1, -float(item.decided)),
        )
    yield from _negative(item.discrimination.value, item.discrimination.students)
    if item.decided >= FEWEST and item.difficulty == 1 and item.flagged >= max(2, MANY_FLAGS * item.decided):
        yield (
            f"All {item.decided} students have full marks, and {item.flagged} of these submissions are flagged: look "
            "at what the flags say.",
            (3, -item.flagged / item.decided),
        )


def _of_check(item: CheckItem) -> Iterator[tuple[str, tuple[int, float]]]:
    if item.unjudged:
        yield _unjudged(item.unjudged, item.submissions)
    if item.judged >= FEWEST and not item.passed and not item.partly:
        yield (
            f"None of {item.judged} students has passed this check, even in part: look for a fault in it.",
            (1, -float(item.judged)),
        )
    yield from _negative(item.discrimination.value, item.discrimination.students)


def _unjudged(unjudged: int, submissions: int) -> tuple[str, tuple[int, float]]:
    why = (
        f"{unjudged} of {submissions} could not be judged: a fault of the grader's, for which no student loses points."
    )
    return why, (0, -unjudged / submissions)


def _negative(value: float | None, students: int) -> Iterator[tuple[str, tuple[int, float]]]:
    # Without any relation, a correlation of n pairs spreads by about 1/sqrt(n) around zero: what is nearer is chance.
    if value is not None and value < -1 / math.sqrt(students):
        yield (
            f"Students who do well elsewhere do worse here (discrimination {MINUS}{-value:.2f}, {students} students): "
            "look for a wrong key, or for words that mislead those who know more.",
            (2, value),
        )
