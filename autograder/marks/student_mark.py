"""The marks of one student as records: course mark, components, assignments, each with what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from autograder.course import Component
from autograder.marks.standing import Standing, State

OPEN: tuple[State, ...] = ("pending", "waiting")


@dataclass(frozen=True, slots=True)
class AssignmentMark:
    """One assignment in one student's mark.

    Attributes:
        standing: How it stands by itself.
        state: The same as the standing's, or "dropped".
        share: The part of its component's mark it makes up; 0 where it does not count.
        contribution: Its part of the course mark so far, in percentage points.
    """

    standing: Standing
    state: State
    share: Fraction
    contribution: Fraction


@dataclass(frozen=True, slots=True)
class ComponentMark:
    """One component in one student's mark.

    Attributes:
        component: The component.
        assignments: Its assignments, in the order of course.toml.
        mark: As a fraction of full marks, after the cap; None while nothing counts.
        weight: Its weight in the course mark so far, in percent, with what it has from components without a mark.
        over_cap: What the cap takes off the course mark, in percentage points.
        contribution: Its part of the course mark so far, in percentage points: those of its assignments, less
            `over_cap`.
        excused: Whether all its regular work is excused, so that its weight is the others' for good.
        lowest: Its mark with nothing for what is open; None where all is excused.
        highest: Its mark with full marks for what is open; None where all is excused.
    """

    component: Component
    assignments: tuple[AssignmentMark, ...]
    mark: Fraction | None
    weight: Fraction
    over_cap: Fraction
    contribution: Fraction
    excused: bool
    lowest: Fraction | None
    highest: Fraction | None


@dataclass(frozen=True, slots=True)
class StudentMark:
    """One student's marks.

    Attributes:
        student: The student's id.
        components: The components, in the order of course.toml.
        total: The course mark so far in percent, exact; None while nothing counts.
        rounded: The same, rounded by the course's policy.
        letter: The letter of the rounded mark, where the course has letters.
        lowest: The course mark in percent with nothing for what is open.
        highest: The course mark in percent with full marks for what is open.
    """

    student: str
    components: tuple[ComponentMark, ...]
    total: Fraction | None
    rounded: Decimal | None
    letter: str | None
    lowest: Fraction | None
    highest: Fraction | None

    @property
    def assignments(self) -> tuple[AssignmentMark, ...]:
        """All assignments, by component."""
        return tuple(one for component in self.components for one in component.assignments)

    @property
    def final(self) -> bool:
        """Whether nothing is open any more."""
        return not any(one.state in OPEN for one in self.assignments)
