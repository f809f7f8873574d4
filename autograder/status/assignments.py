"""Which assignments a course has: those of course.toml, and whatever lies in its folders or stands in its gradebook."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path

from autograder.course import Course, assignment_exists, submitted_folders

# They stand in a path where names do, until it is known what the course makes of it.
ANYBODY, ANYTHING = "any-student", "any-assignment"


def list_assignments(course: Course, in_gradebook: Iterable[str]) -> list[str]:
    """The assignments' names: course.toml's in its order, then any others by name."""
    known = [one.id for one in course.settings.assignments]
    found = {*in_gradebook}
    for step in ("source", "release", "submitted"):
        found |= set(_in_folders(course, step))
    return [*known, *sorted(found - set(known))]


def handed_in_assignments(course: Course) -> list[str]:
    """The released assignments that somebody has handed in, in the order of `list_assignments`."""
    names = list_assignments(course, ())
    return [name for name in names if submitted_folders(course, name) and assignment_exists(course, name)]


def has_notebooks(folder: Path) -> bool:
    """Whether a folder is there and has a notebook."""
    return any(folder.glob("*.ipynb"))


def _in_folders(course: Course, step: str) -> list[str]:
    """The assignments that have a folder of nbgrader's `step`; hidden ones are somebody's work in progress."""
    whole = os.path.normpath(course.folder(step, ANYBODY if step == "submitted" else ".", ANYTHING))
    pattern = glob.escape(whole).replace(ANYBODY, "*").replace(ANYTHING, "*")
    named = re.escape(whole).replace(re.escape(ANYBODY), "[^/]*").replace(re.escape(ANYTHING), "([^/.][^/]*)")
    found = (re.fullmatch(named, path) for path in glob.glob(pattern) if Path(path).is_dir())  # noqa: PTH207 - whole
    return [match[1] for match in found if match]
