"""The most common mistakes of a class: what checks said, grouped by check and by message, figures aside."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.reports.sanitise import one_line
from autograder.results import SubmissionResult
from autograder.review.standing import CellName

MESSAGE_CHARACTERS = 240
# A batch's size or a loss is another one for each student; the mistake is the same.
_FIGURE = re.compile(r"(?<![A-Za-z_])[-+\u2212]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?%?")


@dataclass(frozen=True)
class Mistake:
    """One mistake.

    Attributes:
        name: The question.
        check: The check's name.
        sentence: What the check establishes.
        message: What it said to most of those who made the mistake, as one line.
        students: How many made it.
        alike: How many were told exactly `message`; the others differ from it in figures.
    """

    name: CellName
    check: str
    sentence: str
    message: str
    students: int
    alike: int


@dataclass
class _Group:
    sentence: str
    students: set[str] = field(default_factory=set)
    messages: Counter[str] = field(default_factory=Counter)


def common_mistakes(results: Iterable[SubmissionResult]) -> list[Mistake]:
    """Every mistake that checks found, the most common first; of as many, in the order of questions and messages."""
    groups: dict[tuple[CellName, str, str], _Group] = {}
    for result in results:
        for notebook in result.notebooks:
            for cell in notebook.cells:
                for check in cell.checks:
                    if check.verdict != "failed":
                        continue
                    message = one_line(check.message, MESSAGE_CHARACTERS)
                    key = ((notebook.notebook, cell.cell), check.name, _FIGURE.sub("#", message))
                    group = groups.setdefault(key, _Group(check.sentence))
                    group.students.add(result.student)
                    group.messages[message] += 1
    found = []
    for (name, check_name, _), group in groups.items():
        message, alike = min(group.messages.items(), key=lambda pair: (-pair[1], pair[0]))
        found.append(Mistake(name, check_name, group.sentence, message, len(group.students), alike))
    return sorted(found, key=lambda one: (-one.students, one.name, one.check, one.message))


def reasons_by_check(mistakes: Sequence[Mistake]) -> list[tuple[Mistake, list[Mistake]]]:
    """The mistakes of each check together, the check that most students failed first.

    Returns:
        For each check its most common mistake, which names it, and all of them.
    """
    groups: dict[tuple[CellName, str], list[Mistake]] = defaultdict(list)
    for mistake in mistakes:
        groups[mistake.name, mistake.check].append(mistake)
    return sorted(((ones[0], ones) for ones in groups.values()), key=lambda pair: -sum(one.students for one in pair[1]))
