"""How each assignment of one student stands at a moment, before its component is looked at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from autograder.course import Assignment, CourseSettings, Excuse, Extension, Policies, time_late
from autograder.course.syllabus import moment_in_words
from autograder.marks.lateness import IN_TIME, Lateness, LateWork, days_late, deduct, spend_budget
from autograder.marks.scores import Score

State = Literal["graded", "waiting", "pending", "missing", "excused", "dropped"]
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one assignment of one student stands.

    Attributes:
        assignment: The assignment.
        state: "graded"; "waiting" for a person; "pending": not handed in and not due; "missing": counts zero; or
            "excused". ("dropped" is decided later, by its component.)
        reason: Why it is in this state, where that needs words.
        due: The student's own due date.
        extension: Why that is not everybody's, if it is not.
        score: What is known of the work; None where nothing was handed in.
        lateness: How late the work was, and what that costs.
        normalised: The score as a fraction of full marks, lateness taken off; None where nothing counts yet.
        lowest: The least it can come to, as far as is known: nothing for what is open.
        highest: The most it can come to, without points of extra credit: everything for what is open.
    """

    assignment: Assignment
    state: State
    reason: str
    due: datetime
    extension: Extension | None = None
    score: Score | None = None
    lateness: Lateness = IN_TIME
    normalised: Fraction | None = None
    lowest: Fraction = ZERO
    highest: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds for everybody: the course, the moment, and which assignments anybody has handed in."""

    settings: CourseSettings
    at: datetime
    handed_in: Collection[str]

    @property
    def policies(self) -> Policies:
        """The course's policies."""
        return self.settings.policies


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known of one student: scores, extensions and excuses by assignment."""

    student: str
    scores: Mapping[str, Score]
    extensions: Mapping[str, Extension]
    excuses: Mapping[str, Excuse]


def standings(situation: Situation, dossier: Dossier) -> list[Standing]:
    """How the student's assignments stand, in the order of course.toml.

    Work handed in after the moment is not there yet: with an earlier moment the due dates of then are looked at, but
    with the scores of today.
    """
    grace = situation.policies.late.grace
    late_by = {}
    for one in situation.settings.assignments:
        score = _there(situation, dossier, one)
        if score is not None and one.released is not None and one.id not in dossier.excuses:
            late_by[one.id] = time_late(score.handed_in, _due(dossier, one), grace)
    work = [
        LateWork(_due(dossier, one), one.id, days_late(late_by[one.id]))
        for one in situation.settings.assignments
        if late_by.get(one.id) and not one.closed
    ]
    covered = spend_budget(work, situation.policies.late.budget_days)
    found = []
    for one in situation.settings.assignments:
        score = _there(situation, dossier, one)
        if one.id in dossier.excuses:
            reason = f"excused: {dossier.excuses[one.id].reason}"
            found.append(Standing(one, "excused", reason, _due(dossier, one), score=score))
        elif score is None:
            found.append(_not_handed_in(situation, dossier, one))
        else:
            late = IN_TIME
            if one.id in late_by:
                policy, days = situation.policies.late, covered.get(one.id, 0)
                late = deduct(late_by[one.id], days, policy, score.points, score.max_points, closed=one.closed)
            found.append(_handed_in(situation, dossier, score, one, late))
    return found


def _due(dossier: Dossier, assignment: Assignment) -> datetime:
    extension = dossier.extensions.get(assignment.id)
    return assignment.due if extension is None else extension.due


def _there(situation: Situation, dossier: Dossier, assignment: Assignment) -> Score | None:
    score = dossier.scores.get(assignment.id)
    if score is None or (score.handed_in is not None and score.handed_in > situation.at):
        return None
    return score


def _handed_in(
    situation: Situation, dossier: Dossier, score: Score, assignment: Assignment, late: Lateness
) -> Standing:
    due, extension = _due(dossier, assignment), dossier.extensions.get(assignment.id)
    if score.waiting or score.max_points <= 0:
        reason = " ".join(score.waiting) or "The gradebook has no points for this assignment."
        lowest = highest = ZERO
        if score.max_points > 0:
            policy = situation.policies.late
            best = score.points + score.open_points
            most = deduct(late.late, late.covered, policy, best, score.max_points, closed=assignment.closed)
            lowest = max(ZERO, score.points - late.deduction) / score.max_points
            highest = max(ZERO, best - most.deduction) / score.max_points
        else:
            highest = ONE
        return Standing(assignment, "waiting", reason, due, extension, score, late, None, lowest, highest)
    points = score.points - late.deduction if late.deduction else score.points
    normalised = max(ZERO, points) / score.max_points
    return Standing(assignment, "graded", "", due, extension, score, late, normalised, normalised, normalised)


def _not_handed_in(situation: Situation, dossier: Dossier, assignment: Assignment) -> Standing:
    due, extension = _due(dossier, assignment), dossier.extensions.get(assignment.id)

    def standing(state: State, reason: str) -> Standing:
        normalised, highest = (ZERO, ZERO) if state == "missing" else (None, ONE)
        return Standing(assignment, state, reason, due, extension, None, IN_TIME, normalised, ZERO, highest)

    if assignment.released is None:
        return standing("pending", "announced, and not released yet")
    if situation.at <= due + situation.policies.late.grace:
        return standing("pending", f"not handed in, and not due before {moment_in_words(due)}")
    if assignment.id not in situation.handed_in:
        return standing("waiting", "Nobody has handed it in, so that it counts for nobody until a person has looked.")
    if situation.policies.missing == "waiting":
        return standing("waiting", f"It was not handed in by {moment_in_words(due)}, and a person has to decide.")
    return standing("missing", f"not handed in by {moment_in_words(due)}, which counts zero")
