"""The record of a class's marks: what `autograder marks --json FILE` writes, key by key (docs/marks-json.md).

The docstring below each key is what docs/marks-json.md says of it: `make docs` writes the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Literal

from autograder.course import CourseSettings
from autograder.marks.derivation import Step, derivation
from autograder.marks.standing import State
from autograder.marks.student_mark import AssignmentMark, ComponentMark, StudentMark
from autograder.results import Record

MARKS_SCHEMA_VERSION: Literal[1] = 1
DECIMALS = 6


class AssignmentRecord(Record):
    """One assignment in one student's mark."""

    assignment: str
    """The assignment's id."""
    state: State
    """`graded`; `waiting` for a person; `pending`: not handed in and not due; `missing`: counts zero; `excused`: does
    not count; `dropped`: one of the lowest of its component, does not count."""
    reason: str
    """Why it is in that state, where that needs words."""
    due: str
    """The student's own due date, ISO 8601."""
    handed_in: str | None
    """When it was handed in, ISO 8601; null where it was not, or where nobody knows."""
    points: float | None
    """Points that are decided, before any deduction; null where nothing was handed in."""
    max_points: float | None
    """The assignment's points; null where nothing was handed in."""
    late_days: int
    """Days late, one that has begun counted whole."""
    covered_days: int
    """How many of them the budget of late days covers."""
    deduction: float
    """Points taken off for the others."""
    score: float | None
    """The score as a fraction of full marks, the deduction taken off; null where nothing counts yet."""
    share: float
    """The part of its component it makes up; 0 where it does not count."""
    contribution: float
    """Its part of the course mark so far, in percentage points."""


class ComponentRecord(Record):
    """One component in one student's mark."""

    component: str
    """The component's id."""
    mark: float | None
    """Its mark in percent, after the cap; null while nothing counts."""
    weight: float
    """Its weight in the course mark so far, in percent, with what it has from components without a mark."""
    over_cap: float
    """What its cap takes off the course mark, in percentage points."""
    contribution: float
    """Its part of the course mark so far, in percentage points."""
    excused: bool = False
    """Whether all its regular work is excused, so that its weight is the others' for good."""
    assignments: tuple[AssignmentRecord, ...]
    """Its assignments, in the order of course.toml."""


class StepRecord(Record):
    """One step of a derivation."""

    words: str
    """What it is, with its figures."""
    value: float | None
    """What comes of it; null where that is no number."""
    parts: tuple[StepRecord, ...]
    """The steps it is made of."""


class StudentRecord(Record):
    """One student's marks."""

    student: str
    """The student's id."""
    name: str
    """The student's name, as far as the roster has it."""
    total: float | None
    """The course mark so far in percent, before rounding; null while nothing counts."""
    rounded: str | None
    """The same, rounded by the course's policy, with its decimals."""
    letter: str | None
    """The letter of the rounded mark, where the course has letters."""
    lowest: float | None
    """The course mark with nothing for what is open."""
    highest: float | None
    """The course mark with full marks for what is open."""
    final: bool
    """Whether nothing is open any more."""
    components: tuple[ComponentRecord, ...]
    """The components, in the order of course.toml."""
    derivation: StepRecord
    """How the mark comes about, as `--explain` prints it."""


class MarksReport(Record):
    """Everybody's marks at a moment. Numbers are rounded to six decimals; they are computed exactly."""

    schema_version: Literal[1] = MARKS_SCHEMA_VERSION
    """Version of this layout; it grows when a key changes its meaning or goes away."""
    course: str
    """The course's id."""
    at: str
    """The moment at which marks were looked at, ISO 8601."""
    problems: tuple[str, ...]
    """What somebody should put right, a sentence each."""
    students: tuple[StudentRecord, ...]
    """The students, by id."""


def marks_report(
    course_id: str,
    settings: CourseSettings,
    marks: Sequence[StudentMark],
    names: Mapping[str, str],
    problems: Sequence[str],
    at: datetime,
) -> MarksReport:
    """Make the record of a class's marks."""
    return MarksReport(
        course=course_id,
        at=at.isoformat(),
        problems=tuple(problems),
        students=tuple(_student(one, names.get(one.student, ""), settings) for one in marks),
    )


def _student(mark: StudentMark, name: str, settings: CourseSettings) -> StudentRecord:
    return StudentRecord(
        student=mark.student,
        name=name,
        total=_number(mark.total),
        rounded=None if mark.rounded is None else f"{mark.rounded:f}",
        letter=mark.letter,
        lowest=_number(mark.lowest),
        highest=_number(mark.highest),
        final=mark.final,
        components=tuple(_component(one) for one in mark.components),
        derivation=_step(derivation(mark, settings.policies)),
    )


def _component(one: ComponentMark) -> ComponentRecord:
    return ComponentRecord(
        component=one.component.id,
        mark=None if one.mark is None else _rounded(one.mark * 100),
        weight=_rounded(one.weight),
        over_cap=_rounded(one.over_cap),
        contribution=_rounded(one.contribution),
        excused=one.excused,
        assignments=tuple(_assignment(part) for part in one.assignments),
    )


def _assignment(part: AssignmentMark) -> AssignmentRecord:
    standing, score = part.standing, part.standing.score
    handed_in = None if score is None or score.handed_in is None else score.handed_in.isoformat()
    return AssignmentRecord(
        assignment=standing.assignment.id,
        state=part.state,
        reason=standing.reason,
        due=standing.due.isoformat(),
        handed_in=handed_in,
        points=None if score is None else _rounded(score.points),
        max_points=None if score is None else _rounded(score.max_points),
        late_days=standing.lateness.days,
        covered_days=standing.lateness.covered,
        deduction=_rounded(standing.lateness.deduction),
        score=_number(standing.normalised),
        share=_rounded(part.share),
        contribution=_rounded(part.contribution),
    )


def _step(step: Step) -> StepRecord:
    return StepRecord(words=step.words, value=_number(step.value), parts=tuple(_step(part) for part in step.parts))


def _number(value: Fraction | None) -> float | None:
    return None if value is None else _rounded(value)


def _rounded(value: Fraction) -> float:
    return float(round(value, DECIMALS))
