"""Extensions and excuses of single students: `exceptions.toml` beside course.toml, as frozen records.

They are personal data, and often the most private there is (an illness), so they have a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from autograder.course.assessment import Assignment
from autograder.course.reading import Mistake, read_table
from autograder.course.settings import COURSE_FILES, CourseSettings, settings_path
from autograder.course.table import Moment, Name, Table, Words

EXCEPTIONS_FILE = "exceptions.toml"


class Extension(Table):
    """More time for one student: an `[[extensions]]` table."""

    student: Name
    """The student's id."""
    assignment: Name
    """The assignment's id."""
    due: Moment
    """The student's own due date, after everybody's."""
    reason: Words
    """Why; shown in the derivation of the mark."""


class Excuse(Table):
    """Work that one student need not hand in: an `[[excuses]]` table. Its weight goes to the rest of its component."""

    student: Name
    """The student's id."""
    assignment: Name
    """The assignment's id."""
    reason: Words
    """Why; shown in the derivation of the mark."""


class Exceptions(Table):
    """exceptions.toml: extensions and excuses, personal data, which need not go where course.toml goes."""

    extensions: Annotated[tuple[Extension, ...], Field(strict=False)] = ()
    """Who has more time for what."""
    excuses: Annotated[tuple[Excuse, ...], Field(strict=False)] = ()
    """Who is excused from what."""


def exceptions_path(root: Path) -> Path:
    """Where the exceptions of the course at `root` are: beside its course.toml."""
    return (settings_path(root) or root / COURSE_FILES[0]).with_name(EXCEPTIONS_FILE)


def read_exceptions(root: Path, settings: CourseSettings) -> Exceptions:
    """Read the exceptions of the course at `root`; none when there is no such file.

    Raises:
        UsageError: It is no TOML, has an unknown key or a wrong value, or contradicts itself or the course.
    """
    path = exceptions_path(root)
    if not path.exists():
        return Exceptions()
    assignments = {one.id: one for one in settings.assignments}
    return read_table(path, Exceptions, lambda exceptions: list(_contradictions(exceptions, assignments)))


def _contradictions(exceptions: Exceptions, assignments: dict[str, Assignment]) -> Iterator[Mistake]:
    tables: dict[str, Sequence[Extension | Excuse]] = {
        "extensions": exceptions.extensions,
        "excuses": exceptions.excuses,
    }
    seen: set[tuple[str, str]] = set()
    for name, entries in tables.items():
        for index, one in enumerate(entries):
            where = (name, index)
            pair = (one.student, one.assignment)
            if pair in seen:
                yield Mistake(
                    where,
                    f"expected one exception for {one.student!r} and {one.assignment!r}, found another one; leave the "
                    "one that holds",
                )
            seen.add(pair)
            if one.assignment not in assignments:
                known = ", ".join(assignments) or "none"
                yield Mistake(
                    (*where, "assignment"),
                    f"expected an assignment of course.toml ({known}), found {one.assignment!r}; correct it",
                )
            elif isinstance(one, Extension) and one.due <= assignments[one.assignment].due:
                yield Mistake(
                    (*where, "due"),
                    f"expected an extension of {one.assignment!r} for {one.student!r} to end after everybody's due "
                    f"date {assignments[one.assignment].due.isoformat(' ', 'minutes')}, found "
                    f"{one.due.isoformat(' ', 'minutes')}; correct it",
                )
