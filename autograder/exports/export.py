"""From the marks of a class to the file that Canvas or Moodle imports, and to what a person should know about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from autograder.course import Assignment
from autograder.course.roster_file import Enrolled
from autograder.errors import UsageError
from autograder.exports.canvas import canvas_from_roster, read_canvas
from autograder.exports.changes import Changes, only_changes
from autograder.exports.gradebook_file import TITLES, GradebookFile, GradeColumn, Platform
from autograder.exports.matching import chosen_column, listed, match_columns, match_people
from autograder.exports.moodle import moodle_from_roster, read_moodle, user_field
from autograder.exports.plan import COURSE_MARK, HUNDRED, PlannedColumn, make_plan
from autograder.exports.rendering import render_canvas, render_moodle
from autograder.exports.summary import ColumnSummary, column_summary, notes
from autograder.exports.writable import identity_column, without_open_rows, without_refused, without_unsafe_ids
from autograder.marks import ClassMarks


@dataclass(frozen=True)
class ExportOptions:
    """What is asked for.

    Attributes:
        platform: Where the marks go.
        gradebook: The gradebook that the platform exported; None where its columns are made from course.toml.
        since: Earlier exports, the oldest first: only what differs from them is written.
        assignments: Only these; all when empty.
        columns: Headings by assignment, where the platform calls it otherwise.
        course_mark: The heading of the column the course mark goes into; none without it.
        percent: Whether marks are in percent where the platform's file does not say what full marks are.
        match: The heading of the column in Moodle's file that says who is who.
    """

    platform: Platform
    gradebook: Path | None = None
    since: tuple[Path, ...] = ()
    assignments: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    course_mark: str | None = None
    percent: bool = False
    match: str | None = None


@dataclass(frozen=True)
class Export:
    """A file for a platform.

    Attributes:
        platform: Whose.
        downloaded: Whether it is made from the platform's own file.
        text: The text of the file; None where there is nothing to write.
        columns: What is written into each column.
        num_students: How many students have a row.
        problems: What is not in the file and should perhaps be, a sentence each.
        notes: What else a person should know.
        changes: What differs from the earlier exports, where there are any.
        maps: What the identifying column is to be mapped to in Moodle: its heading and Moodle's word, which is empty
            where the heading does not tell it.
    """

    platform: Platform
    downloaded: bool
    text: str | None
    columns: tuple[ColumnSummary, ...]
    num_students: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    changes: Changes | None = None
    maps: tuple[str, str] | None = None


def export_marks(found: ClassMarks, options: ExportOptions) -> Export:
    """Make the file that a platform imports.

    Args:
        found: The marks of the class.
        options: What is asked for.

    Raises:
        UsageError: A file cannot be read, or something that was asked for does not exist or is not clear.
    """
    students = [found.roster.get(one.student, Enrolled(one.student)) for one in found.marks]
    assignments = _assignments(found, options)
    own_points = _own_points(found)
    file = _file(found, options, students, assignments, own_points)
    columns, problems = match_columns(file, assignments, options.columns)
    if options.course_mark is not None:
        columns[COURSE_MARK] = _course_mark_column(file, options.course_mark, columns)
    planned, pointless = _planned(columns, own_points, options, file)
    problems += pointless
    matches = match_people(file, students)
    problems += matches.problems
    plan = make_plan(file, planned, matches.people, {one.student: one for one in found.marks})
    plan, refused = without_refused(plan)
    problems += refused
    changes = None
    if options.since:
        earlier = [_read(options, path) for path in options.since]
        plan, changes = only_changes(plan, [(one, match_people(one, students).people) for one in earlier])
    plan, left_out = without_open_rows(plan)
    problems += left_out
    plan, unsafe = without_unsafe_ids(plan)
    problems += unsafe
    identity = None
    if options.platform == "moodle":
        identity, plan, nameless = identity_column(plan)
        problems += nameless
    text = None
    if plan.rows and plan.columns:
        text = render_canvas(plan) if identity is None else render_moodle(plan, identity)
    return Export(
        platform=options.platform,
        downloaded=file.downloaded,
        text=text,
        columns=tuple(column_summary(plan, index) for index in range(len(plan.columns))),
        num_students=len(plan.rows),
        problems=tuple(problems),
        notes=tuple(notes(plan, columns.values())),
        changes=changes,
        maps=None if identity is None else (file.headers[identity], user_field(plan.file, identity)),
    )


def _assignments(found: ClassMarks, options: ExportOptions) -> list[Assignment]:
    everything = found.course.settings.assignments
    known = [one.id for one in everything]
    for name in (*options.assignments, *options.columns):
        if name not in known:
            raise UsageError(f"expected an assignment of course.toml ({', '.join(known)}), received {name!r}")
    return [one for one in everything if not options.assignments or one.id in options.assignments]


def _own_points(found: ClassMarks) -> dict[str, Fraction]:
    """The points of each assignment that anybody has handed in."""
    points: dict[str, Fraction] = {}
    for student in found.marks:
        for one in student.assignments:
            if one.standing.score is not None and one.standing.score.max_points > 0:
                points.setdefault(one.standing.assignment.id, one.standing.score.max_points)
    return {**points, COURSE_MARK: HUNDRED}


def _read(options: ExportOptions, path: Path) -> GradebookFile:
    return read_canvas(path) if options.platform == "canvas" else read_moodle(path, options.match)


def _file(
    found: ClassMarks,
    options: ExportOptions,
    students: Sequence[Enrolled],
    assignments: Sequence[Assignment],
    own_points: Mapping[str, Fraction],
) -> GradebookFile:
    if options.gradebook is not None:
        return _read(options, options.gradebook)
    headings = [options.columns.get(one.id, one.title) for one in assignments]
    points = [HUNDRED if options.percent else own_points.get(one.id, HUNDRED) for one in assignments]
    if options.course_mark is not None:
        headings.append(options.course_mark)
        points.append(HUNDRED)
    titles = dict(zip(headings, points, strict=True))
    if len(titles) < len(headings):
        raise UsageError(
            f"expected a title of its own for each assignment, found {listed(headings)}; tell them apart with --column "
            "ASSIGNMENT=HEADING"
        )
    make = canvas_from_roster if options.platform == "canvas" else moodle_from_roster
    return make(students, titles)


def _course_mark_column(file: GradebookFile, heading: str, columns: Mapping[str, GradeColumn]) -> GradeColumn:
    chosen = chosen_column(file, COURSE_MARK, heading)
    for name, column in columns.items():
        if column.place == chosen.place:
            raise UsageError(
                f"expected a column of its own for {COURSE_MARK}, found {chosen.header!r}, which is that of {name}; "
                "choose another with --course-mark"
            )
    return chosen


def _planned(
    columns: Mapping[str, GradeColumn], own_points: Mapping[str, Fraction], options: ExportOptions, file: GradebookFile
) -> tuple[list[PlannedColumn], list[str]]:
    planned = []
    problems = []
    for name, column in columns.items():
        own = own_points.get(name, column.points or HUNDRED)
        points = column.points if column.points is not None else HUNDRED if options.percent else own
        if points > 0:
            planned.append(PlannedColumn(name, column, points, own))
        else:
            problems.append(
                f"{column.header!r} has no points in {TITLES[file.platform]}, where every mark would be a zero; it is "
                "not exported: enter its points there and download again."
            )
    return planned, problems
