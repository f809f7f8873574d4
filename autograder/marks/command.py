"""From a course and a moment to the marks of its class, and what is shown of them on a terminal."""

from __future__ import annotations

import difflib
import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from rich.table import Table
from rich.text import Text

from autograder.course import Course, exceptions_path, read_exceptions, settings_path
from autograder.course.roster_file import Enrolled
from autograder.course.syllabus import moment_in_words
from autograder.course.table import EXAMPLE_MOMENT
from autograder.errors import UsageError
from autograder.marks.class_scores import read_class
from autograder.marks.course_mark import compute_marks
from autograder.marks.derivation import derivation
from autograder.marks.record import MarksReport, marks_report
from autograder.marks.rounding import round_half_away
from autograder.marks.student_mark import StudentMark
from autograder.marks.table import render_class, waiting


@dataclass(frozen=True)
class ClassMarks:
    """The marks of a class at a moment.

    Attributes:
        course: The course.
        at: The moment.
        marks: Everybody's marks, by student id.
        names: Names by id, as far as the roster has them.
        problems: What somebody should put right, a sentence each.
        roster: What is known of students by id: from the roster, and what it lacks from the gradebook.
    """

    course: Course
    at: datetime
    marks: tuple[StudentMark, ...]
    names: Mapping[str, str]
    problems: tuple[str, ...]
    roster: Mapping[str, Enrolled]

    def report(self) -> MarksReport:
        """The record of the marks, for JSON."""
        return marks_report(self.course.course_id, self.course.settings, self.marks, self.names, self.problems, self.at)

    def csv(self) -> str:
        """The marks as the text of a CSV file."""
        return render_class(self.course.settings, self.marks, self.names)

    def explain(self, student: str) -> list[str]:
        """How a student's mark comes about, as lines.

        Raises:
            UsageError: There is no such student.
        """
        policies = self.course.settings.policies
        for one in self.marks:
            if one.student == student:
                return [f"As of {moment_in_words(self.at)}:", *derivation(one, policies).lines()]
        close = difflib.get_close_matches(student, [one.student for one in self.marks], n=3)
        hint = f"did you mean {' or '.join(map(repr, close))}?" if close else "see `autograder marks` for who there is"
        raise UsageError(f"expected a student of the course, received {student!r}; {hint}")


def class_marks(course: Course, at: datetime) -> ClassMarks:
    """Compute the marks of a course's class.

    Args:
        course: The course.
        at: The moment at which they are looked at, with time zone.

    Raises:
        UsageError: course.toml has no components or assignments, or exceptions or roster cannot be read.
        GradebookError: The gradebook cannot be read.
    """
    settings = course.settings
    if not settings.components or not settings.assignments:
        lacking = [f"[[{name}]]" for name in ("components", "assignments") if not getattr(settings, name)]
        where = settings_path(course.root) or exceptions_path(course.root).with_name("course.toml")
        raise UsageError(
            f"expected [[components]] and [[assignments]] in {where}, of which marks are made, found no "
            f"{' and no '.join(lacking)}; add them as docs/marks.md shows"
        )
    exceptions = read_exceptions(course.root, settings)
    with _without_searching_modules():
        known = read_class(course, exceptions, at)
        marks = compute_marks(settings, exceptions, known.scores, known.students, at)
    return ClassMarks(course, at, marks, known.names, known.problems, known.roster)


@contextmanager
def _without_searching_modules() -> Iterator[None]:
    """Keep the garbage collector from searching what is loaded already again and again while a class is read.

    Hundreds of thousands of objects belong to modules; a class adds as many, and every search would go through all.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def read_moment(text: str) -> datetime:
    """Read a moment from the command line.

    Raises:
        UsageError: It is none, or has no time zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"expected a moment such as {EXAMPLE_MOMENT}, received {text!r}; correct it") from error
    if moment.utcoffset() is None:
        raise UsageError(
            f"expected a moment with its offset from UTC, such as {EXAMPLE_MOMENT}, received {text!r}; add the offset"
        )
    return moment


def now() -> datetime:
    """The present moment, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def marks_table(found: ClassMarks) -> Table:
    """The marks as a table: components and course mark of each student, and what waits for a person."""
    settings = found.course.settings
    table = Table(title=Text(f"{found.course.title}, as of {moment_in_words(found.at)}"))
    table.add_column("student", overflow="fold")
    for component in settings.components:
        table.add_column(Text(f"{component.title} ({component.weight:g} %)"), justify="right")
    table.add_column("mark", justify="right")
    if settings.policies.letters:
        table.add_column("letter")
    table.add_column("can be", justify="right")
    table.add_column("waits", overflow="fold")
    for mark in found.marks:
        cells = [mark.student, *(_shown(None if one.mark is None else one.mark * 100, 1) for one in mark.components)]
        cells.append("-" if mark.rounded is None else f"{mark.rounded:f}")
        if settings.policies.letters:
            cells.append(mark.letter or "")
        decimals = settings.policies.decimals
        low, high = _shown(mark.lowest, decimals), _shown(mark.highest, decimals)
        cells += ["final" if mark.final else f"{low} to {high}", ", ".join(waiting(mark))]
        table.add_row(*map(Text, cells))
    return table


def _shown(value: Fraction | None, decimals: int) -> str:
    return "-" if value is None else f"{round_half_away(value, decimals):f}"
