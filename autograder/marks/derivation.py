"""How a mark comes about: a tree of steps in words and figures, small enough to check with a pocket calculator.

Figures are shown to four decimals; "≈" stands before one that has more. What is computed with is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from autograder.course import Policies
from autograder.course.syllabus import moment_in_words
from autograder.marks.lateness import Lateness
from autograder.marks.rounding import equals, figure
from autograder.marks.scores import Score
from autograder.marks.student_mark import AssignmentMark, ComponentMark, StudentMark

HUNDRED = Fraction(100)
INDENT = "    "
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    Attributes:
        words: What it is, with its figures.
        value: What comes of it, exact; None where that is no number.
        parts: The steps it is made of.
    """

    words: str
    value: Fraction | None = None
    parts: tuple[Step, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The step and its parts as indented lines."""
        yield INDENT * depth + self.words
        for part in self.parts:
            yield from part.lines(depth + 1)


def derivation(mark: StudentMark, policies: Policies) -> Step:
    """How the student's course mark comes about, down to the points of each assignment."""
    parts = [_component(one, mark) for one in mark.components]
    if mark.total is not None:
        parts += [_total(mark, policies)]
    parts += _bounds(mark)
    return Step(summary(mark, policies), mark.total, tuple(parts))


def summary(mark: StudentMark, policies: Policies) -> str:
    """The student's mark in a line."""
    if mark.rounded is None:
        return f"{mark.student}: no mark yet, nothing counts so far"
    letter = f", {mark.letter}" if mark.letter else ""
    return f"{mark.student}: {mark.rounded:f} %{letter}{'' if mark.final else ' so far'}"


def _component(one: ComponentMark, mark: StudentMark) -> Step:
    title = one.component.title
    weight = figure(one.component.exact_weight)
    assignments = [_assignment(part, one) for part in one.assignments]
    if one.mark is None:
        why = "all of it is excused" if one.excused else "nothing of it counts yet"
        until = "" if one.excused else " for now"
        words = f"{title}, weight {weight} %: {why}, and its weight goes to the other components{until}"
        return Step(words, None, tuple(assignments))
    parts = [*_weight(one, mark), *assignments]
    terms = [part.contribution for part in one.assignments if part.share]
    formula = " + ".join(map(figure, terms))
    if one.over_cap:
        cap = figure(one.component.exact_cap * HUNDRED)
        parts.append(Step(f"more than its cap of {cap} %: {figure(one.over_cap)} taken off", -one.over_cap))
        formula += f" - {figure(one.over_cap)}"
    if len(terms) > 1 or one.over_cap:
        parts.append(Step(f"together {formula} {equals(one.contribution)}", one.contribution))
    words = (
        f"{title}, weight {weight} %: {figure(one.mark * HUNDRED)} % of it, which is {figure(one.contribution)} of the "
        "course mark"
    )
    return Step(words, one.contribution, tuple(parts))


def _weight(one: ComponentMark, mark: StudentMark) -> list[Step]:
    counting = sum((part.component.exact_weight for part in mark.components if part.mark is not None), Fraction(0))
    if counting == HUNDRED:
        return []
    formula = f"{figure(one.component.exact_weight)} / {figure(counting)} {TIMES} 100 {equals(one.weight)}"
    return [Step(f"only components of {figure(counting)} % together count, so its weight is {formula}", one.weight)]


def _assignment(part: AssignmentMark, component: ComponentMark) -> Step:
    standing = part.standing
    name = f"{standing.assignment.title} ({standing.assignment.id})"
    extra = ", extra credit" if standing.assignment.extra_credit else ""
    steps: list[Step] = []
    if standing.score is not None and standing.state in ("graded", "waiting"):
        steps += _points(standing.score, standing.lateness, part)
    if standing.extension is not None:
        words = f"extension to {moment_in_words(standing.due)}: {standing.extension.reason}"
        if standing.score is not None and standing.score.handed_in is not None:
            words += f"; handed in on {moment_in_words(standing.score.handed_in)}"
        steps.insert(0, Step(words))
    if part.state == "dropped":
        low = (
            "missing" if standing.state == "missing" else f"{figure((standing.normalised or Fraction(0)) * HUNDRED)} %"
        )
        count = component.component.drop_lowest
        which = "the lowest score does" if count == 1 else f"the {count} lowest scores do"
        return Step(f"{name}: dropped ({low}): {which} not count", None, tuple(steps))
    if not part.share or standing.normalised is None:
        word = {"graded": "graded, and counts once something else of its component does"}.get(part.state, part.state)
        reason = f": {standing.reason}" if standing.reason else ""
        said = standing.reason if part.state == "excused" else f"{word}{reason}"
        return Step(f"{name}: {said}", None, tuple(steps))
    steps.append(
        Step(
            f"{figure(standing.normalised)} {TIMES} {part.share} of the component {TIMES} {figure(component.weight)} "
            f"{equals(part.contribution)}",
            part.contribution,
        )
    )
    said = f"{standing.state}: {standing.reason}" if standing.state == "missing" else standing.state
    return Step(f"{name}: {said}{extra}", part.contribution, tuple(steps))


def _points(score: Score, lateness: Lateness, part: AssignmentMark) -> list[Step]:
    steps = []
    normalised = part.standing.normalised
    most = figure(score.max_points)
    if score.handed_in is None:
        steps.append(
            Step("when it was handed in is not known, no moment or none that can be read: it counts as in time")
        )
    elif lateness.days:
        steps.append(_late(lateness, part))
    elif score.handed_in > part.standing.due:
        after = in_words(score.handed_in - part.standing.due)
        due = moment_in_words(part.standing.due)
        steps.append(Step(f"due {due}, handed in {after} later, within the grace: it counts as in time"))
    if score.nbgrader_penalty:
        penalty = figure(score.nbgrader_penalty)
        steps.append(Step(f"nbgrader's own late penalty of {penalty} points is not counted: course.toml decides"))
    if normalised is None:
        if score.max_points:
            steps.append(Step(f"{figure(score.points)} of {most} points so far, {figure(score.open_points)} open"))
        return steps
    earned = figure(score.points)
    if lateness.deduction:
        left = score.points - lateness.deduction
        earned = f"({earned} - {figure(lateness.deduction)})"
        steps.append(
            Step(f"{earned} / {most} = {figure(left)} / {most} {equals(normalised)}", normalised),
        )
    elif score.points < 0:
        steps.append(Step(f"{earned} of {most} points, and no score is below 0", normalised))
    else:
        steps.append(Step(f"{earned} / {most} points {equals(normalised)}", normalised))
    return steps


def _late(lateness: Lateness, part: AssignmentMark) -> Step:
    words = (
        f"due {moment_in_words(part.standing.due)}, handed in {in_words(lateness.late)} later, which is "
        f"{_days(lateness.days)} late"
    )
    if lateness.closed:
        return Step(f"{words}; it was closed by then, and earns nothing", lateness.deduction)
    if lateness.covered:
        words += f"; {_days(lateness.covered)} from the budget of late days"
    if lateness.charged and lateness.per_day:
        wanted = lateness.charged * lateness.per_day
        words += f"; {_days(lateness.charged)} {TIMES} {figure(lateness.per_day)} {equals(wanted)} points taken off"
        if wanted > lateness.deduction:
            words += f", but no more than the {figure(lateness.deduction)} that were earned"
    return Step(words, lateness.deduction)


def _total(mark: StudentMark, policies: Policies) -> Step:
    assert mark.total is not None
    assert mark.rounded is not None
    terms = [one.contribution for one in mark.components if one.mark is not None]
    words = f"course mark: {' + '.join(map(figure, terms))} {equals(mark.total)} %, "
    words += f"rounded {mark.rounded:f} %"
    if mark.letter:
        boundary = next(one.at_least for one in policies.letters if one.letter == mark.letter)
        words += f", {mark.letter} (from {boundary:g} %)"
    return Step(words, mark.total)


def _bounds(mark: StudentMark) -> list[Step]:
    if mark.final:
        return []
    steps = []
    for word, open_work, total, marks in (
        ("at least", "nothing", mark.lowest, [one.lowest for one in mark.components]),
        ("at most", "full marks", mark.highest, [one.highest for one in mark.components]),
    ):
        if total is not None:
            steps.append(
                Step(f"{word} {_bound(mark, marks)} {equals(total)} %, with {open_work} for what is open", total)
            )
    return steps


def _bound(mark: StudentMark, marks: Sequence[Fraction | None]) -> str:
    known = [
        (one.component.exact_weight, value)
        for one, value in zip(mark.components, marks, strict=True)
        if value is not None
    ]
    terms = " + ".join(f"{figure(weight)} {TIMES} {figure(value)}" for weight, value in known)
    counting = sum((weight for weight, _ in known), Fraction(0))
    return terms if counting == HUNDRED else f"({terms}) {TIMES} 100 / {figure(counting)}"


def in_words(span: timedelta) -> str:
    """A duration in days, hours, minutes and, where it is short, seconds: "1 day 2 h 5 min"."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        _days(days) if days else "",
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes else "",
        f"{seconds} s" if seconds and not days else "",
    ]
    return " ".join(part for part in parts if part) or "less than a second"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
