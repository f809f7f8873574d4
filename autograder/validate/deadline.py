"""When a notebook is due: by the course it lies in, else by what its release wrote into it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.settings import read_settings, settings_path
from autograder.errors import UsageError


def deadline(
    assignment: str, near: Path, course: Path | None, stamp: Mapping[str, Any]
) -> tuple[datetime | None, bool]:
    """When an assignment is due, and whether that is only what its release says.

    Args:
        assignment: The assignment.
        near: The notebook's folder: a course is looked for there and above.
        course: The course's folder, where it is known.
        stamp: What the release wrote into the notebook.

    Raises:
        UsageError: The course that was named has no usable course.toml.
    """
    if course is not None and settings_path(course) is None:
        raise UsageError(
            f"expected a course.toml of a course in {course}, found none; leave --course out, or correct it"
        )
    for root in (course,) if course is not None else (near, *near.parents):
        try:
            known = read_settings(root).assignments
        except UsageError:
            if course is not None:
                raise
            break  # somebody else's file: what the release says has to do
        due = next((one.due for one in known if one.id == assignment), None)
        if due is not None:
            return due, False
    try:
        return datetime.fromisoformat(str(stamp["due"])).astimezone(), True
    except (KeyError, ValueError, OverflowError):
        return None, False
