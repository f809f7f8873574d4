"""The next command for an assignment: a pure function of how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.reports.wording import count
from autograder.status.record import AssignmentStatus

REVIEW = "jupyter lab"
"""Where people mark: the review (docs/review.md) and nbgrader's formgrader are pages of its server."""


@dataclass(frozen=True)
class Situation:
    """What decides beside an assignment's own figures.

    Attributes:
        lab: Whether there is a lab or a quiz that `autograder build` makes the assignment of.
        with_labs: Whether the course has a folder of labs at all.
        exchange: Whether the course hands out and collects through nbgrader's exchange.
        announced: Whether course.toml only announces it.
    """

    lab: bool
    with_labs: bool
    exchange: bool
    announced: bool = False


def next_step(one: AssignmentStatus, situation: Situation) -> tuple[str, str]:
    """The command to type next, and why; no command where nothing is to be done now."""
    name = one.assignment
    if one.to_collect:
        return f"nbgrader collect {name} --update", f"{count(one.to_collect, 'student')} handed in through the exchange"
    if one.to_grade:
        return f"autograder grade {name}", f"{_submissions(one.to_grade)} not graded"
    if one.to_review.students:
        return REVIEW, f"review or formgrader: {_waiting(one)}"
    if one.feedback_old or one.feedback < one.graded:
        return _feedback(one)
    if one.graded and (one.over or one.due is None):
        return "", "done"
    return _towards_students(one, situation)


def _feedback(one: AssignmentStatus) -> tuple[str, str]:
    if one.due is not None and not one.over:
        early = f" ({one.feedback_old} went out, and the marks have changed)" if one.feedback_old else ""
        return "", f"{one.graded} graded; feedback once it is due{early}"
    old = f"{one.feedback_old} older than the marks" if one.feedback_old else ""
    new = f"{one.graded - one.feedback} without feedback" if one.feedback < one.graded else ""
    return f"autograder feedback {one.assignment}", ", ".join(filter(None, (new, old)))


def _towards_students(one: AssignmentStatus, situation: Situation) -> tuple[str, str]:
    name = one.assignment
    if situation.announced:
        return "", "announced only: course.toml has no `released` for it"
    if one.stage == "exchange" or (one.stage == "made" and not situation.exchange):
        return "", "open to be handed in" if one.handed_in or not one.over else "nobody has handed it in"
    if one.stage == "made":
        return f"autograder release {name} --exchange", "students cannot fetch it yet"
    if one.stage == "source":
        if situation.lab:
            return f"autograder release {name}", "students cannot get it yet"
        return f"nbgrader generate_assignment {name}", "students cannot get it yet"
    if situation.lab:
        return f"autograder build {name}", "its notebook is not made yet"
    if situation.with_labs:
        return f"autograder new lab {name}", "there is no lab of that name"
    return "", "there is no notebook of that name in the source folder"


def _waiting(one: AssignmentStatus) -> str:
    counts = one.to_review
    words = ((counts.written, "written"), (counts.unjudged, "not judged"), (counts.flagged, "flagged"))
    return ", ".join(f"{number} {word}" for number, word in words if number)


def _submissions(number: int) -> str:
    return "1 submission is" if number == 1 else f"{number} submissions are"
