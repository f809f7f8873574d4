"""What does not fit together in a course.toml whose values are all valid by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from autograder.course.reading import Mistake

if TYPE_CHECKING:
    from autograder.course.settings import CourseSettings


def contradictions(settings: CourseSettings) -> list[Mistake]:
    """Everything in the settings that cannot be meant, each with where it stands and what to do."""
    return [
        *_weeks(settings),
        *_weights(settings),
        *_components(settings),
        *_assignments(settings),
        *_late(settings),
        *_letters(settings),
    ]


def _weeks(settings: CourseSettings) -> Iterator[Mistake]:
    labs = [one.id for one in settings.assignments if one.kind == "lab"]
    before = 0
    for index, week in enumerate(settings.weeks):
        if week.number <= before:
            yield Mistake(
                ("weeks", index, "number"),
                f"expected weeks once each and in order, found week {week.number} after week {before}; correct it",
            )
        before = week.number
        for lab in week.labs:
            if settings.assignments and lab not in labs:
                yield Mistake(
                    ("weeks", index, "labs"),
                    f"expected in week {week.number} assignments of kind lab ({', '.join(labs) or 'there is none'}), "
                    f"found {lab!r}, which is none; correct it, or make it an assignment of kind lab",
                )


def _weights(settings: CourseSettings) -> Iterator[Mistake]:
    total = sum(one.exact_weight for one in settings.components)
    if settings.components and total != 100:
        listed = " + ".join(f"{one.weight:g}" for one in settings.components)
        yield Mistake(
            ("components", 0),
            f"expected the weights of all components to add up to 100, found {listed} = {float(total):g}; correct them",
        )


def _components(settings: CourseSettings) -> Iterator[Mistake]:
    seen = set()
    for index, component in enumerate(settings.components):
        if component.id in seen:
            yield Mistake(
                ("components", index, "id"),
                f"expected each component once, found {component.id!r} again; rename or remove one",
            )
        seen.add(component.id)
        regular = [one for one in settings.assignments if one.component == component.id and not one.extra_credit]
        if not regular:
            yield Mistake(
                ("components", index),
                f"expected an assignment that counts for the component {component.id!r}, found none; add one to "
                "[[assignments]] or remove the component",
            )
        elif component.drop_lowest >= len(regular):
            yield Mistake(
                ("components", index, "drop_lowest"),
                f"expected fewer dropped than the {len(regular)} assignments of the component {component.id!r}, found "
                f"drop_lowest = {component.drop_lowest}; correct it",
            )
        for place, one in enumerate(settings.assignments):
            if one.component == component.id and one.weight != 1 and component.drop_lowest:
                # which one is the lowest could otherwise lower a mark when a score rises
                yield Mistake(
                    ("assignments", place, "weight"),
                    f"expected assignments that count equally in {component.id!r}, where the lowest are dropped, found "
                    f"weight = {one.weight:g} of {one.id!r}; leave it out, or drop_lowest",
                )


def _assignments(settings: CourseSettings) -> Iterator[Mistake]:
    components = [one.id for one in settings.components]
    first: dict[str, str] = {}
    for index, one in enumerate(settings.assignments):
        place = ("assignments", index)
        if one.id in first:
            where = f"in the components {first[one.id]!r} and {one.component!r}"
            if first[one.id] == one.component:
                where = f"twice in the component {one.component!r}"
            yield Mistake((*place, "id"), f"expected each assignment once, found {one.id!r} {where}; remove one")
        first.setdefault(one.id, one.component)
        if one.component not in components:
            yield Mistake(
                (*place, "component"),
                f"expected the assignment {one.id!r} in a component of [[components]] "
                f"({', '.join(components) or 'there is none'}), found {one.component!r}; correct it",
            )
        if one.closed and one.released is None:
            yield Mistake(
                (*place, "closed"),
                f"expected released beside closed = true of {one.id!r}, found none: what is only announced can be late "
                "for nobody; add when it is released, or leave closed out until then",
            )
        if one.released is not None and one.due <= one.released:
            yield Mistake(
                (*place, "due"),
                f"expected {one.id!r} to be due after its release {one.released.isoformat(' ', 'minutes')}, found "
                f"{one.due.isoformat(' ', 'minutes')}; correct one of the two",
            )


def _late(settings: CourseSettings) -> Iterator[Mistake]:
    late = settings.policies.late
    if late.points_per_day is not None and late.percent_per_day is not None:
        yield Mistake(
            ("policies", "late"),
            f"expected points_per_day or percent_per_day, found both ({late.points_per_day:g} and "
            f"{late.percent_per_day:g}); leave one out",
        )
    if late.budget_days and late.points_per_day is None and late.percent_per_day is None:
        yield Mistake(
            ("policies", "late", "budget_days"),
            f"expected points_per_day or percent_per_day beside budget_days = {late.budget_days}, found neither, so "
            "that late days cost nothing anyway; add one or remove budget_days",
        )


def _letters(settings: CourseSettings) -> Iterator[Mistake]:
    letters = settings.policies.letters
    for index, (higher, lower) in enumerate(pairwise(letters), start=1):
        if lower.at_least >= higher.at_least:
            yield Mistake(
                ("policies", "letters", index, "at_least"),
                f"expected boundaries from the highest letter down, found {lower.letter!r} at {lower.at_least:g} below "
                f"{higher.letter!r} at {higher.at_least:g}; put them in order",
            )
    names = [one.letter for one in letters]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Mistake(
                ("policies", "letters", index, "letter"),
                f"expected each letter once, found {name!r} again; rename or remove one",
            )
    if letters and letters[-1].at_least != 0:
        yield Mistake(
            ("policies", "letters", len(letters) - 1, "at_least"),
            f"expected the lowest letter {letters[-1].letter!r} at 0, so that every mark has a letter, found "
            f"{letters[-1].at_least:g}; correct it or add a letter below",
        )
