"""How late work was, which of its days the student's budget covers, and what the others cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from autograder.course import LatePolicy

DAY = timedelta(days=1)


class LateWork(NamedTuple):
    """One piece of late work: what the budget is used up by."""

    due: datetime
    assignment: str
    days: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late one assignment was handed in.

    Attributes:
        late: How long after its due date, the student's extension included; nothing within the grace.
        days: The same in days of 24 hours, a day that has begun counted whole.
        covered: Days that the budget of late days covers.
        per_day: Points each of the others costs.
        deduction: Points taken off for them; never more than were earned.
        closed: Whether it came after an assignment had closed, and all its points are taken off.
    """

    late: timedelta = timedelta(0)
    days: int = 0
    covered: int = 0
    per_day: Fraction = Fraction(0)
    deduction: Fraction = Fraction(0)
    closed: bool = False

    @property
    def charged(self) -> int:
        """The days that cost something."""
        return self.days - self.covered


IN_TIME = Lateness()


def days_late(late: timedelta) -> int:
    """Days of 24 hours that have begun."""
    return -(-late // DAY)


def spend_budget(work: Iterable[LateWork], budget: int) -> dict[str, int]:
    """Cover late days from the student's budget, in the order of due dates.

    The due date is the student's own, an extension included; where two are the same, the assignment's id decides, in
    the order of letters. Each piece of late work takes what it needs, or what is left. Nothing else matters: neither
    what the work earned nor whether it is dropped later, so that no mark falls because another one rises. Excused work
    takes nothing.

    Returns:
        The days covered, by assignment.
    """
    covered = {}
    for _, assignment, days in sorted(work):
        covered[assignment] = min(days, budget)
        budget -= covered[assignment]
    return covered


def deduct(
    late: timedelta, covered: int, policy: LatePolicy, points: Fraction, max_points: Fraction, *, closed: bool
) -> Lateness:
    """What lateness costs work that earned `points`: as much as the policy says, and never more than it earned.

    Where the assignment is `closed` after its due date, all of it.
    """
    if not late:
        return IN_TIME
    days, earned = days_late(late), max(points, Fraction(0))
    if closed:
        return Lateness(late, days, deduction=earned, closed=True)
    per_day = policy.deduction_per_day(max_points)
    return Lateness(late, days, covered, per_day, min((days - covered) * per_day, earned))
