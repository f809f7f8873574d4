"""The engine: from the course's records, the scores of a class and a moment to everybody's marks, in exact fractions.

What a mark is made of, in this order:

1. Each assignment's state at the moment, its lateness, and its normalised score (`standing.py`, `lateness.py`). Excuses
   outweigh everything: excused work neither counts nor uses up late days, even where it was handed in.
2. Each component's mark (`component_mark.py`) from the scores that are decided: graded and missing work. What is
   pending or waiting for a person is left out: the rest of the component has its weight for now.
3. The course mark so far: components that have a mark, by their weights; the others' weight goes to them in proportion.
   That is for now where a component's work is still open, and for good where all of it is excused.
4. What is certain and what can be reached: the same with nothing, and with full marks, for what is open. When nothing
   is, both are the course mark.
5. Rounding, once, and the letter of the rounded mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from autograder.course import Component, CourseSettings, Exceptions, Excuse, Extension
from autograder.errors import UsageError
from autograder.marks.component_mark import Combined, combine
from autograder.marks.rounding import letter_of, round_half_away
from autograder.marks.scores import Score
from autograder.marks.standing import Dossier, Situation, Standing, State, standings
from autograder.marks.student_mark import OPEN, AssignmentMark, ComponentMark, StudentMark

ZERO, HUNDRED = Fraction(0), Fraction(100)


def compute_marks(
    settings: CourseSettings,
    exceptions: Exceptions,
    scores: Iterable[Score],
    students: Iterable[str],
    at: datetime,
) -> tuple[StudentMark, ...]:
    """Compute the marks of a class.

    Args:
        settings: The course, with components and assignments.
        exceptions: Extensions and excuses.
        scores: What the students' work has earned, in any order, each student and assignment at most once.
        students: The ids of all students, in any order.
        at: The moment at which marks are looked at, with time zone.

    Returns:
        One mark for each student, by id.

    Raises:
        UsageError: A student has two scores for one assignment.
    """
    by_student: dict[str, dict[str, Score]] = {}
    for score in scores:
        found = by_student.setdefault(score.student, {})
        if score.assignment in found:
            raise UsageError(f"expected one score of {score.student!r} for {score.assignment!r}, found two; remove one")
        found[score.assignment] = score
    handed_in = {
        one.assignment
        for found in by_student.values()
        for one in found.values()
        if one.handed_in is None or one.handed_in <= at
    }
    extensions: dict[str, dict[str, Extension]] = {}
    for extension in exceptions.extensions:
        extensions.setdefault(extension.student, {})[extension.assignment] = extension
    excuses: dict[str, dict[str, Excuse]] = {}
    for excuse in exceptions.excuses:
        excuses.setdefault(excuse.student, {})[excuse.assignment] = excuse
    situation = Situation(settings, at, handed_in)
    return tuple(
        student_mark(
            situation,
            Dossier(student, by_student.get(student, {}), extensions.get(student, {}), excuses.get(student, {})),
        )
        for student in sorted(set(students))
    )


def student_mark(situation: Situation, dossier: Dossier) -> StudentMark:
    """Compute the marks of one student."""
    found = standings(situation, dossier)
    components = situation.settings.components
    parts = {one.id: [each for each in found if each.assignment.component == one.id] for one in components}
    combined = {
        one.id: _combined(one, parts[one.id], {each.assignment.id: each.normalised for each in parts[one.id]})
        for one in components
    }
    lowest, highest = (
        {one.id: _bound(one, parts[one.id], combined[one.id], bound) for one in components}
        for bound in (_lowest, _highest)
    )
    weights = effective_weights(components, {name: one.mark for name, one in combined.items()})
    marks = tuple(
        _component_mark(one, parts[one.id], combined[one.id], weights[one.id], lowest[one.id], highest[one.id])
        for one in components
    )
    total = sum((one.contribution for one in marks), ZERO) if any(weights.values()) else None
    policies = situation.policies
    rounded = None if total is None else round_half_away(total, policies.decimals)
    return StudentMark(
        student=dossier.student,
        components=marks,
        total=total,
        rounded=rounded,
        letter=None if rounded is None else letter_of(rounded, policies),
        lowest=_weighted(components, lowest),
        highest=_weighted(components, highest),
    )


def effective_weights(components: Sequence[Component], marks: Mapping[str, Fraction | None]) -> dict[str, Fraction]:
    """The components' weights in percent when those without a mark have given theirs to the others in proportion."""
    counting = sum((one.exact_weight for one in components if marks[one.id] is not None), ZERO)
    return {one.id: ZERO if marks[one.id] is None else one.exact_weight * HUNDRED / counting for one in components}


def _lowest(standing: Standing) -> Fraction | None:
    return None if standing.state == "excused" else standing.lowest


def _highest(standing: Standing) -> Fraction | None:
    return None if standing.state == "excused" else standing.highest


def _bound(
    component: Component, parts: Sequence[Standing], combined: Combined, bound: Callable[[Standing], Fraction | None]
) -> Fraction | None:
    if not any(one.state in OPEN for one in parts):
        return combined.mark
    return _combined(component, parts, {one.assignment.id: bound(one) for one in parts}).mark


def _combined(component: Component, parts: Sequence[Standing], values: Mapping[str, Fraction | None]) -> Combined:
    known = {name: value for name, value in values.items() if value is not None}
    regular = [one for one in parts if not one.assignment.extra_credit]
    names = {one.assignment.id for one in regular}
    return combine(
        component,
        {name: value for name, value in known.items() if name in names},
        {name: value for name, value in known.items() if name not in names},
        weights={one.assignment.id: one.assignment.exact_weight for one in parts},
        all_weights=sum((one.assignment.exact_weight for one in regular if one.state != "excused"), ZERO),
    )


def _component_mark(
    component: Component,
    parts: Sequence[Standing],
    combined: Combined,
    weight: Fraction,
    lowest: Fraction | None,
    highest: Fraction | None,
) -> ComponentMark:
    assignments = []
    for one in parts:
        name = one.assignment.id
        share = combined.shares.get(name, ZERO)
        state: State = "dropped" if name in combined.dropped else one.state
        contribution = one.normalised * (share * weight) if one.normalised and share else ZERO
        assignments.append(AssignmentMark(one, state, share, contribution))
    return ComponentMark(
        component=component,
        assignments=tuple(assignments),
        mark=combined.mark,
        weight=weight,
        over_cap=combined.over_cap * weight,
        contribution=(combined.mark or ZERO) * weight,
        excused=all(one.state == "excused" for one in parts if not one.assignment.extra_credit),
        lowest=lowest,
        highest=highest,
    )


def _weighted(components: Sequence[Component], marks: Mapping[str, Fraction | None]) -> Fraction | None:
    weights = effective_weights(components, marks)
    if not any(weights.values()):
        return None
    return sum((weights[name] * (mark or ZERO) for name, mark in marks.items()), ZERO)
