"""The syllabus: what course.toml says, as a page for students."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from autograder.course.assessment import Assignment, Component
from autograder.course.policies import Policies
from autograder.course.settings import CourseSettings

NOTICE = "<!-- Generated from course.toml by `autograder build`: change that, not this page. -->"
TO_COME = "to come"


def render_syllabus(settings: CourseSettings) -> str:
    """The text of syllabus.md, in Markdown."""
    sections = [f"# {settings.title or settings.id or 'Syllabus'}", NOTICE]
    if settings.term:
        sections.append(f"{settings.term}.")
    if settings.weeks:
        sections += ["## Weeks", _weeks(settings)]
    if settings.components:
        sections += ["## What the mark is made of", _components(settings)]
        sections += ["## Dates", _assignments(settings.assignments)]
        sections += ["## Rules", "\n".join(f"- {rule}" for rule in rules(settings))]
    return "\n\n".join(sections) + "\n"


def rules(settings: CourseSettings) -> list[str]:
    """The course's policies, a sentence or two each."""
    policies = settings.policies
    return [
        _counting(settings),
        *_late(policies, settings.assignments),
        *_missing(policies),
        "Excused work does not count: its weight goes to the rest of its component.",
        f"The course mark is rounded once, at the end, to {_count(policies.decimals, 'decimal')}, half away from zero.",
        *_letters(policies),
    ]


def _counting(settings: CourseSettings) -> str:
    """How the assignments of a component count beside each other."""
    if all(one.weight == 1 for one in settings.assignments):
        return "Assignments of a component count equally, whatever their points."
    return "Assignments of a component count equally, whatever their points, where no share of theirs is given."


def _weeks(settings: CourseSettings) -> str:
    titles = {one.id: one.title for one in settings.assignments}
    rows = [
        (
            str(week.number),
            week.title,
            "; ".join(week.topics),
            ", ".join(titles.get(lab, lab) for lab in week.labs),
        )
        for week in settings.weeks
    ]
    return markdown_table(("week", "about", "topics", "lab"), rows)


def _components(settings: CourseSettings) -> str:
    rows = [
        (one.title, f"{one.weight:g} %", _made_of(one, [a for a in settings.assignments if a.component == one.id]))
        for one in settings.components
    ]
    return markdown_table(("component", "weight", "made of"), rows)


def _made_of(component: Component, assignments: Sequence[Assignment]) -> str:
    regular = [one for one in assignments if not one.extra_credit]
    extra = [one for one in assignments if one.extra_credit]
    whole = sum(one.weight for one in regular)
    equal = len({one.weight for one in assignments}) == 1

    def listed(some: Sequence[Assignment]) -> str:
        return "; ".join(one.title if equal else f"{one.title} ({100 * one.weight / whole:.3g} %)" for one in some)

    words = listed(regular)
    if component.drop_lowest:
        words = f"the best {len(regular) - component.drop_lowest} of {len(regular)}: {words}"
    if extra:
        words += f"; extra credit: {listed(extra)}"
    return words if component.cap == 100 else f"{words}; at most {component.cap:g} %"


def _assignments(assignments: Sequence[Assignment]) -> str:
    ordered = sorted(assignments, key=lambda one: (one.due, one.id))
    rows = [
        (one.title, one.kind, TO_COME if one.released is None else moment_in_words(one.released), _due(one))
        for one in ordered
    ]
    return markdown_table(("assignment", "kind", "released", "due"), rows)


def _due(assignment: Assignment) -> str:
    return moment_in_words(assignment.due) + (", then closed" if assignment.closed else "")


def moment_in_words(moment: datetime) -> str:
    """A moment to the minute with its time zone: "2027-02-21 23:59 UTC+01:00"."""
    zone = moment.tzname() or moment.strftime("UTC%z")
    return f"{moment:%Y-%m-%d %H:%M} {zone}"


def _late(policies: Policies, assignments: Sequence[Assignment]) -> list[str]:
    late = policies.late
    said = []
    if late.grace_minutes:
        said.append(f"Work that comes at most {_count(late.grace_minutes, 'minute')} after its due date is in time.")
    if late.points_per_day is not None:
        said.append(f"Late work loses {_count(late.points_per_day, 'point')} for each day that has begun.")
    elif late.percent_per_day is not None:
        said.append(f"Late work loses {late.percent_per_day:g} % of full marks for each day that has begun.")
    else:
        said.append("Late work loses nothing.")
    if any(one.closed for one in assignments):
        said.append("What is closed after its due date earns nothing when it comes later.")
    if late.budget_days:
        said.append(
            f"Everybody has {_count(late.budget_days, 'late day')} for nothing, used up in the order of due dates."
        )
    return said


def _missing(policies: Policies) -> list[str]:
    if policies.missing == "zero":
        return ["Work that is not handed in counts zero from its due date on, until it is there."]
    return ["Work that is not handed in counts nothing until a person has decided."]


def _letters(policies: Policies) -> list[str]:
    if not policies.letters:
        return []
    listed = ", ".join(f"{one.letter} from {one.at_least:g} %" for one in policies.letters)
    return [f"Letters: {listed}."]


def _count(number: float, what: str) -> str:
    return f"{number:g} {what}{'' if number == 1 else 's'}"


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(markdown_cell(cell) for cell in line)} |" for line in lines)


def markdown_cell(text: str) -> str:
    """A text as it may stand in one line, in a table too."""
    return " ".join(text.replace("|", "\\|").split())
