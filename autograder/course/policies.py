"""How a course deals with late and missing work, and how it rounds: `[policies]`, as frozen records."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from autograder.course.table import Table, Words


class LatePolicy(Table):
    """`[policies.late]`. Without a deduction, late work counts as any other.

    A day is 24 hours from the due date, and a day that has begun counts whole.
    """

    points_per_day: Annotated[float, Field(gt=0)] | None = None
    """Points of the assignment taken off for each day; not together with `percent_per_day`."""
    percent_per_day: Annotated[float, Field(gt=0, le=100)] | None = None
    """Percent of the assignment's full marks taken off for each day; not together with `points_per_day`."""
    grace_minutes: Annotated[int, Field(ge=0)] = 0
    """Work that comes so little after the due date is not late. Later work is late from the due date on, not from the
    end of this grace. Default: 0."""
    budget_days: Annotated[int, Field(ge=0)] = 0
    """How many late days each student has for nothing, over all assignments; used up in the order of due dates.
    Default: 0."""

    @property
    def grace(self) -> timedelta:
        """The grace as a duration."""
        return timedelta(minutes=self.grace_minutes)

    def deduction_per_day(self, max_points: Fraction) -> Fraction:
        """The points one late day costs in an assignment of `max_points`."""
        if self.points_per_day is not None:
            return Fraction(repr(self.points_per_day))
        if self.percent_per_day is not None:
            return Fraction(repr(self.percent_per_day)) / 100 * max_points
        return Fraction(0)


class LetterBoundary(Table):
    """One letter: a `[[policies.letters]]` table, the highest first."""

    letter: Words
    """The letter, or any other word for a mark."""
    at_least: Annotated[float, Field(ge=0)]
    """The lowest course mark in percent, after rounding, that gets it; 0 for the last one."""


class Policies(Table):
    """`[policies]`."""

    late: LatePolicy = LatePolicy()
    """What lateness costs."""
    missing: Literal["zero", "waiting"] = "zero"
    """What becomes of work that was not handed in by its due date (and grace): `zero`, or `waiting` until a person has
    decided. Default: zero."""
    decimals: Annotated[int, Field(ge=0, le=4)] = 1
    """Decimals of the course mark. It is rounded once, at the very end, and half away from zero: 84.25 is 84.3 with one
    decimal. Default: 1."""
    letters: Annotated[tuple[LetterBoundary, ...], Field(strict=False)] = ()
    """The boundaries of letter grades; no letters without them."""
