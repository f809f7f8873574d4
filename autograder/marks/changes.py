"""What has become of a class's marks since an earlier record of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from autograder.errors import UsageError
from autograder.marks.command import ClassMarks
from autograder.marks.record import DECIMALS, MarksReport, StudentRecord
from autograder.marks.rounding import figure
from autograder.marks.scores import exact
from autograder.marks.student_mark import StudentMark

COURSE_MARK = "course mark"
MOST_ROWS = 60


@dataclass(frozen=True)
class MarkChange:
    """One figure of one student that is another one now.

    Attributes:
        student: The student's id.
        what: The assignment's id, or that it is the course mark.
        before: What the earlier record has, as it is shown; "-" where it has nothing.
        after: What there is now.
    """

    student: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class MarkChanges:
    """What differs from an earlier record.

    Attributes:
        at: The moment of the earlier record, ISO 8601.
        changes: Every figure that differs, student by student.
        left: The marks of those students only.
        num_unchanged: How many students have the same figures.
        gone: Students of the earlier record who are no longer there.
    """

    at: str
    changes: tuple[MarkChange, ...]
    left: ClassMarks
    num_unchanged: int
    gone: tuple[str, ...]


def changes_since(found: ClassMarks, path: Path) -> MarkChanges:
    """Compare marks with an earlier record of `autograder marks --json`.

    Raises:
        UsageError: There is no such record of this course.
    """
    earlier = _read(path, found.course.course_id)
    before = {one.student: _figures(one) for one in earlier.students}
    changes = [
        MarkChange(mark.student, what, before.get(mark.student, {}).get(what, "-"), after)
        for mark in found.marks
        for what, after in _figures_now(mark).items()
        if before.get(mark.student, {}).get(what, "-") != after
    ]
    changed = {one.student for one in changes}
    left = tuple(one for one in found.marks if one.student in changed)
    gone = tuple(sorted(before.keys() - {one.student for one in found.marks}))
    unchanged = len(found.marks) - len(left)
    return MarkChanges(earlier.at, tuple(changes), replace(found, marks=left), unchanged, gone)


def changes_table(found: MarkChanges) -> Table:
    """What changed, as a table: before and after."""
    table = Table(title=Text(f"Changed since {found.at}"))
    table.add_column("student", overflow="fold")
    table.add_column("what", overflow="fold")
    for heading in ("before", "after"):
        table.add_column(heading, justify="right")
    for one in found.changes[:MOST_ROWS]:
        table.add_row(*map(Text, (one.student, one.what, one.before, one.after)))
    if len(found.changes) > MOST_ROWS:
        table.add_row(f"and {len(found.changes) - MOST_ROWS} more", "", "", "")
    return table


def _read(path: Path, course: str) -> MarksReport:
    try:
        record = MarksReport.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        said = error.strerror if isinstance(error, OSError) else "something else"
        raise UsageError(
            f"expected a record of `autograder marks --json` at {path}, received {said}; correct --since"
        ) from error
    if record.course != course:
        raise UsageError(
            f"expected a record of the course {course!r} at {path}, found {record.course!r}; correct --since"
        )
    return record


def _figures(record: StudentRecord) -> Mapping[str, str]:
    """Figures as they are compared and shown: the course mark as students see it, scores in percent, else the state."""
    figures = {COURSE_MARK: f"{record.rounded or '-'} {record.letter or ''}".strip()}
    for component in record.components:
        for one in component.assignments:
            figures[one.assignment] = one.state if one.score is None else f"{_percent(one.score)} %"
    return figures


def _figures_now(mark: StudentMark) -> Mapping[str, str]:
    rounded = "-" if mark.rounded is None else f"{mark.rounded:f}"
    figures = {COURSE_MARK: f"{rounded} {mark.letter or ''}".strip()}
    for one in mark.assignments:
        score = one.standing.normalised
        figures[one.standing.assignment.id] = (
            one.state if score is None else f"{_percent(float(round(score, DECIMALS)))} %"
        )
    return figures


def _percent(score: float) -> str:
    # Both sides come from six decimals, so that the same score is the same text.
    return figure(exact(score) * 100)
