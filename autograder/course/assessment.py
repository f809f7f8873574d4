"""What a course consists of and what its mark is made of: weeks, components, assignments, as frozen records."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from autograder.course.table import Identifier, Moment, Names, Table, Words

Kind = Literal["lab", "quiz", "project", "exam"]


class Week(Table):
    """One week of the course: a `[[weeks]]` table."""

    number: Annotated[int, Field(ge=1)]
    """Which week of the term; weeks are listed in their order."""
    title: Words
    """What the week is about, in a few words."""
    topics: Names = ()
    """What is taught, one topic each."""
    labs: Names = ()
    """The labs students work on, by the `id` of their assignments, which are of `kind` lab."""


class Component(Table):
    """A part of the course mark: a `[[components]]` table; its assignments count equally, or by their `weight`."""

    id: Identifier
    """What assignments name it by."""
    title: Words
    """What people call it."""
    weight: Annotated[float, Field(gt=0, le=100)]
    """Its share of the course mark in percent; all weights add up to 100."""
    drop_lowest: Annotated[int, Field(ge=0)] = 0
    """How many assignments with the lowest scores do not count; excused ones are left out first. Default: 0."""
    cap: Annotated[float, Field(gt=0, le=1000)] = 100.0
    """The most its mark can be, in percent: above 100, extra credit can lift it over its weight. Default: 100."""

    @cached_property
    def exact_weight(self) -> Fraction:
        """The weight in percent, as it is written: 33.3 is 333/10."""
        return Fraction(repr(self.weight))

    @cached_property
    def exact_cap(self) -> Fraction:
        """The cap as a fraction of full marks."""
        return Fraction(repr(self.cap)) / 100


class Assignment(Table):
    """Something that is marked: an `[[assignments]]` table."""

    id: Identifier
    """nbgrader's name of the assignment."""
    kind: Kind
    """What it is: `lab`, `quiz`, `project` or `exam`."""
    title: Words
    """What people call it."""
    component: Identifier
    """The `id` of the component it counts for."""
    released: Moment | None = None
    """When students get it. Without this key it is announced only: it has a date, and nobody can be late for it or miss
    it."""
    due: Moment
    """When it is to be handed in, with the time zone."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """How much it counts beside the others of its component: 2 is twice as much as 1. Not where the lowest are dropped.
    Default: 1."""
    extra_credit: bool = False
    """Whether it can only add: who leaves it out loses nothing. Default: false."""
    closed: bool = False
    """Whether it is closed after its due date, as an exam is: what comes later than that, the grace and the student's
    own extension counted in, earns nothing, and no late day helps. Default: false."""

    @cached_property
    def exact_weight(self) -> Fraction:
        """The weight, as it is written: 1.5 is 3/2."""
        return Fraction(repr(self.weight))
