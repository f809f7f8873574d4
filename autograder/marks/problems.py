"""What somebody should put right before marks are final: where course, roster and gradebook do not agree."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from autograder.course import Assignment, Course, Exceptions, LatePolicy
from autograder.course.enrolment import Enrolment
from autograder.course.syllabus import moment_in_words
from autograder.marks.gradebook import GradebookContent
from autograder.marks.scores import Score

MOST_NAMES = 10


def problems_of_the_course(
    course: Course,
    exceptions: Exceptions,
    content: GradebookContent | None,
    enrolment: Enrolment,
    scores: Sequence[Score],
    at: datetime,
) -> list[str]:
    """Find what does not agree, a sentence each with what becomes of it and what to do.

    Args:
        course: The course.
        exceptions: Its extensions and excuses.
        content: What the gradebook holds; None when there is none.
        enrolment: The roster.
        scores: What is known of the students' work.
        at: The moment at which marks are looked at.
    """
    assignments = course.settings.assignments
    handed_in = {one.assignment for one in scores if one.handed_in is None or one.handed_in <= at}
    found = list(_nobody_handed_in(assignments, handed_in, at))
    if content is None:
        found.append(f"The course has no gradebook yet ({course.root}): nothing has been released or graded.")
    else:
        known = {*content.students, *(one.student for one in scores)}
        found += _students(enrolment, known)
        found += _assignments(assignments, content, at)
        found += _extensions(assignments, exceptions, content)
        found += _penalties(course.settings.policies.late, content)
    known_students = {*(enrolment.names or {}), *(content.students if content is not None else ())}
    found += _exceptions(exceptions, {*known_students, *(one.student for one in scores)})
    return found


def _nobody_handed_in(assignments: Sequence[Assignment], handed_in: Collection[str], at: datetime) -> Iterator[str]:
    for one in assignments:
        if one.id in handed_in or one.due >= at:
            continue
        if one.released is None:
            yield (
                f"{one.id} was due on {moment_in_words(one.due)} and course.toml has no `released` for it: it counts "
                "for nobody; enter when it was released, or another due date."
            )
        else:
            yield (
                f"Nobody has handed in {one.id}, which was due on {moment_in_words(one.due)}: it counts for nobody "
                "until submissions are there; collect and grade them, or correct the due date."
            )


def _students(enrolment: Enrolment, known: Collection[str]) -> Iterator[str]:
    if enrolment.names is None:
        return
    if strangers := sorted(set(known) - set(enrolment.names)):
        yield (
            f"In the gradebook or among the submissions, and not on the roster: {_listed(strangers)}; they have marks "
            "all the same: add them to course/roster.csv, or remove their work."
        )
    for here, there in _alike(set(enrolment.names) - set(known), set(known) - set(enrolment.names)):
        yield (
            f"Is {here!r} of the roster {there!r} of the gradebook? They differ in capital letters, spaces or signs "
            "only, and are two students until course/roster.csv has the gradebook's id."
        )
    if absent := sorted(set(enrolment.names) - set(known)):
        yield (
            f"On the roster, and neither in the gradebook nor among the submissions: {_listed(absent)}; what is due "
            "counts as missing for them: correct the id, or see whether they still take the course."
        )


def _alike(here: Collection[str], there: Collection[str]) -> Iterator[tuple[str, str]]:
    """Ids that people would take for the same."""
    folded = {"".join(filter(str.isalnum, one.casefold())): one for one in there}
    for one in sorted(here):
        if (other := folded.get("".join(filter(str.isalnum, one.casefold())))) is not None:
            yield one, other


def _assignments(assignments: Sequence[Assignment], content: GradebookContent, at: datetime) -> Iterator[str]:
    ids = [one.id for one in assignments]
    if others := sorted(set(content.assignments) - set(ids)):
        yield f"In the gradebook, and not in course.toml: {_listed(others)}; they count nothing."
    for one in assignments:
        released = content.assignments.get(one.id)
        if released is None:
            if one.released is not None and one.released <= at:
                yield (
                    f"{one.id} was to be released on {moment_in_words(one.released)}, and the gradebook does not know "
                    "it; release it, or correct the date."
                )
            continue
        if released.wrong:
            yield (
                f"{one.id}: expected points of 0 or more in the gradebook, found that {_listed(released.wrong)}; its "
                "scores wait until it is released again with points that can be right."
            )
        elif released.max_points <= 0:
            yield f"{one.id} has no points in the gradebook: its scores wait until it is released with some."
        if released.due is not None and released.due != one.due:
            yield (
                f"{one.id} is due on {moment_in_words(one.due)} in course.toml, which holds, and on "
                f"{moment_in_words(released.due)} in nbgrader's gradebook; make them equal."
            )


def _extensions(assignments: Sequence[Assignment], exceptions: Exceptions, content: GradebookContent) -> Iterator[str]:
    ids = {one.id for one in assignments}
    entered = {(one.student, one.assignment) for one in exceptions.extensions}
    for one in sorted(content.submissions.values(), key=lambda one: (one.assignment, one.student)):
        if one.extension and one.assignment in ids and (one.student, one.assignment) not in entered:
            yield (
                f"{one.assignment} of {one.student}: nbgrader's gradebook has an extension of {one.extension}, which "
                "does not count here; enter it into exceptions.toml with its reason."
            )


def _penalties(policy: LatePolicy, content: GradebookContent) -> Iterator[str]:
    number = sum(one.penalty > 0 for one in content.submissions.values())
    if number and policy.points_per_day is None and policy.percent_per_day is None:
        yield (
            f"nbgrader has late penalties for {number} submission{'s' if number > 1 else ''}, and course.toml has no "
            "[policies.late]: lateness costs nothing here; enter the policy if it should."
        )


def _exceptions(exceptions: Exceptions, known: Collection[str]) -> Iterator[str]:
    named = {one.student for one in exceptions.extensions} | {one.student for one in exceptions.excuses}
    if unknown := sorted(named - set(known)):
        yield f"In exceptions.toml, and nowhere else: {_listed(unknown)}; correct the ids or remove the entries."


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"
