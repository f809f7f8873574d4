"""When an assignment is over for everybody: from then on, what is right may be told."""

from __future__ import annotations

from datetime import datetime

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
