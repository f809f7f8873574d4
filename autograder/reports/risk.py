"""Students at risk: a simple rule over the record of marks, and for each the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course import CourseSettings
from autograder.marks import MarksReport
from autograder.marks.record import AssignmentRecord, StudentRecord
from autograder.reports.wording import number

MANY_MISSING = 2
"""From how many missing assignments on a student is listed."""
PASS_WITHOUT_LETTERS = 50.0
"""The mark in percent to pass, where the course has no letters."""


@dataclass(frozen=True)
class AtRisk:
    """One student at risk, and why, a sentence each."""

    record: StudentRecord
    reasons: tuple[str, ...]


def passing_mark(settings: CourseSettings) -> float | None:
    """The lowest mark in percent that passes: the boundary of the last letter but one, since the last begins at 0.

    None where a course has one letter only: nobody can fail it.
    """
    letters = settings.policies.letters
    if not letters:
        return PASS_WITHOUT_LETTERS
    return letters[-2].at_least if len(letters) > 1 else None


def at_risk(report: MarksReport, settings: CourseSettings) -> list[AtRisk]:
    """The students at risk, the lowest marks first, and those without a mark after them."""
    passing = passing_mark(settings)
    titles = {one.id: one.title for one in settings.assignments}
    extra = {one.id for one in settings.assignments if one.extra_credit}
    found = [AtRisk(one, reasons) for one in report.students if (reasons := _reasons(one, passing, titles, extra))]
    return sorted(found, key=lambda one: (one.record.total is None, one.record.total, one.record.student))


def is_missing(assignment: AssignmentRecord) -> bool:
    """Whether it counts zero because it was not handed in, even where it is dropped as one of the lowest."""
    return assignment.points is None and assignment.score == 0


def _reasons(student: StudentRecord, passing: float | None, titles: dict[str, str], extra: set[str]) -> tuple[str, ...]:
    reasons = []
    if passing is not None and student.highest is not None and student.highest < passing and not student.final:
        reasons.append(
            f"Even with full marks for all that is open it can come to {number(student.highest)} % only, and "
            f"{number(passing)} % are needed to pass."
        )
    elif passing is not None and student.rounded is not None and float(student.rounded) < passing:
        so_far = "" if student.final else " so far"
        reasons.append(f"The mark{so_far} is below the {number(passing)} % that are needed to pass.")
    missing = [
        titles[one.assignment]
        for component in student.components
        for one in component.assignments
        if is_missing(one) and one.assignment not in extra
    ]
    if len(missing) >= MANY_MISSING:
        reasons.append(f"{len(missing)} assignments are missing: {_listed(missing)}.")
    return tuple(reasons)


def _listed(names: Sequence[str], most: int = 6) -> str:
    return ", ".join(names) if len(names) <= most else f"{', '.join(names[:most])} and {len(names) - most} more"
