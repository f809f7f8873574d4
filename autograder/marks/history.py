"""The log of changed marks, to be read: on a terminal and as a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.course import Course, read_exceptions
from autograder.errors import AutograderError, GradebookError, UsageError
from autograder.grading.change_log import CHANGES_SCHEMA_VERSION, ChangeLog, LoggedChange
from autograder.grading.scribe import Scribe
from autograder.grading.store import Store
from autograder.results import Record
from autograder.terminal import printable


class ChangesReport(Record):
    """Changes of marks, oldest first: what `autograder changes --json` writes."""

    schema_version: Literal[1] = CHANGES_SCHEMA_VERSION
    """Version of this layout; it grows when a key changes its meaning or goes away."""
    course: str
    """The course's id."""
    changes: tuple[LoggedChange, ...]
    """The lines of the log that were asked for, oldest first."""


@dataclass(frozen=True)
class History:
    """What the log says.

    Attributes:
        report: The changes.
        problems: What could not be read, a sentence each.
    """

    report: ChangesReport
    problems: tuple[str, ...]


def note_changes(course: Course, command: str) -> str:
    """Bring the log up to date with the gradebook and exceptions.toml.

    Returns:
        Why it could not be, as a sentence; "" when it is up to date, or a grader is at work, which does it.

    Raises:
        GradebookError: The gradebook cannot be read.
        UsageError: exceptions.toml cannot be used.
    """
    exceptions = read_exceptions(course.root, course.settings)
    try:
        with Store(course.results).locked():
            scribe = Scribe.of(course, command)
            scribe.catch_up()
            scribe.note_exceptions(exceptions)
    except GradebookError:
        raise
    except UsageError:  # a grader is at work
        return ""
    except AutograderError as error:
        return f"The log of changes is not up to date: {error}"
    return ""


def read_history(course: Course, student: str | None, assignment: str | None) -> History:
    """Read the log.

    Args:
        course: The course.
        student: Only of this one; of all when None.
        assignment: Only of this one; of all when None.

    Raises:
        UsageError: The log has nothing of that student.
        AutograderError: The log cannot be read.
    """
    log = ChangeLog(Store(course.results).changes)
    entries, spoilt = log.read()
    if student is not None and all(one.student != student for one in entries):
        raise UsageError(
            f"expected a student whose marks have changed, received {student!r}; see `autograder changes` for all"
        )
    chosen = [one for one in entries if student in (None, one.student) and assignment in (None, one.assignment)]
    lines = ", ".join(map(str, spoilt[:10]))
    problems = (f"Lines of {log.path} that cannot be read were passed over: {lines}.",) if spoilt else ()
    return History(ChangesReport(course=course.course_id, changes=tuple(chosen)), problems)


def history_screen(changes: Sequence[LoggedChange]) -> Group:
    """The changes for a terminal of any width, the newest last: a heading for each, and a line for each mark."""
    parts: list[RenderableType] = [Text("Changes of marks, the newest last" if changes else "No mark was changed.")]
    for one in changes:
        who = f"somebody; seen by {one.user}, {one.command}" if one.seen else f"{one.user}, {one.command}"
        when = one.at[:16].replace("T", " ")
        parts += [
            Text(),
            Text(printable(f"{when} UTC  {one.student}, {one.assignment}: {one.why} ({who})"), style="bold"),
        ]
        marks = Table.grid(padding=(0, 2))
        marks.add_column(overflow="fold")
        marks.add_column(justify="right", overflow="fold")
        marks.add_column(overflow="fold")
        for mark in one.marks:
            notebook = mark.notebook if mark.notebook != one.assignment else ""
            where = "/".join(filter(None, (notebook, mark.cell)))
            what = printable(f"  {mark.kind} {where}".rstrip())
            marks.add_row(Text(what), Text(printable(_shown(mark.before))), Text(printable(f"→ {_shown(mark.after)}")))
        parts.append(marks)
    return Group(*parts)


def _shown(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:g}"
