"""When an assignment is due: for one student, and for everybody, from when on what is right may be told."""

from __future__ import annotations

from datetime import datetime, timedelta

from autograder.course.assessment import Assignment
from autograder.course.exceptions import read_exceptions
from autograder.course.folder import Course


def time_late(handed_in: datetime | None, due: datetime, grace: timedelta) -> timedelta:
    """How long after `due` work came; nothing when it came within the grace, or when nobody knows."""
    if handed_in is None or handed_in <= due + grace:
        return timedelta(0)
    return handed_in - due


def last_due(course: Course, assignment: str) -> datetime | None:
    """The latest due date anybody has, extensions and the grace included; None where course.toml has none.

    Raises:
        UsageError: exceptions.toml cannot be used.
    """
    known = _known(course, assignment)
    if known is None:
        return None
    extensions = read_exceptions(course.root, course.settings).extensions
    dates = [known.due, *(one.due for one in extensions if one.assignment == assignment)]
    return max(dates) + course.settings.policies.late.grace


def is_over(course: Course, assignment: str, moment: datetime) -> bool:
    """Whether nobody can hand it in in time any more; never where course.toml has no due date for it.

    Raises:
        UsageError: exceptions.toml cannot be used.
    """
    due = last_due(course, assignment)
    return due is not None and moment > due


def late_by(course: Course, assignment: str, student: str, handed_in: datetime | None) -> timedelta | None:
    """How long after the student's own due date work came; None where course.toml has no due date for it.

    Raises:
        UsageError: exceptions.toml cannot be used.
    """
    known = _known(course, assignment)
    if known is None:
        return None
    if known.released is None:  # announced only: nobody can be late for it
        return timedelta(0)
    extensions = read_exceptions(course.root, course.settings).extensions
    own = (one.due for one in extensions if (one.assignment, one.student) == (assignment, student))
    return time_late(handed_in, next(own, known.due), course.settings.policies.late.grace)


def _known(course: Course, assignment: str) -> Assignment | None:
    return next((one for one in course.settings.assignments if one.id == assignment), None)
