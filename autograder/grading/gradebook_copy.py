"""A copy of the gradebook to try things on, and the course with that in the gradebook's place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from autograder.course import Course
from autograder.course.gradebook_trouble import BUSY_SECONDS


def copy_gradebook(path: Path, copy: Path) -> None:
    """Copy a SQLite gradebook while others may use it."""
    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


def with_gradebook(course: Course, path: Path) -> Course:
    """The course with another file as its gradebook."""
    config = deepcopy(course.config)
    config.CourseDirectory.db_url = f"sqlite:///{path}"
    return replace(course, config=config)
