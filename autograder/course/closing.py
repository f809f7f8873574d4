"""When an assignment is due: for one student, and for everybody, from when on what is right may be told."""

from __future__ import annotations

from datetime import datetime, timedelta

from autograder.course.exceptions import read_exceptions
from autograder.course.folder import Course


def last_due(course: Course, assignment: str) -> datetime | None:
    """The latest due date anybody has, extensions and the grace included; None where course.toml has none.

    Raises:
        UsageError: exceptions.toml cannot be used.
    """
    known = next((one for one in course.settings.assignments if one.id == assignment), None)
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


def time_late(course: Course, assignment: str, student: str, handed_in: datetime | None) -> timedelta | None:
    """How long after the student's own due date work came; nothing within the grace or where nobody knows when it came.

    None where course.toml has no due date for it.

    Raises:
        UsageError: exceptions.toml cannot be used.
    """
    known = next((one for one in course.settings.assignments if one.id == assignment), None)
    if known is None:
        return None
    if handed_in is None or known.released is None:
        return timedelta(0)
    extensions = read_exceptions(course.root, course.settings).extensions
    own = (one.due for one in extensions if (one.assignment, one.student) == (assignment, student))
    due = next(own, known.due)
    return handed_in - due if handed_in > due + course.settings.policies.late.grace else timedelta(0)
