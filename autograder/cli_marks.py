"""The command line for marks: a few lines over the part that does the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli_labs import CourseOption, console
from autograder.course import Course, open_course
from autograder.errors import UsageError
from autograder.exports import ExportOptions, Platform, export_marks, marks_workbook, print_export
from autograder.marks import (
    MarkChanges,
    changes_since,
    changes_table,
    class_marks,
    history_screen,
    marks_table,
    note_changes,
    now,
    read_history,
    read_moment,
)
from autograder.reports import write_class_pages, write_whole
from autograder.terminal import printable

app = typer.Typer()
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="MOMENT", help="Due dates as of this moment, as 2027-02-21T23:59:00Z. Default: now."),
]
AGAIN = "free space or permit it, then run the same command again"


@app.command()
def marks(
    course: CourseOption = Path(),
    explain: Annotated[
        str | None, typer.Option(metavar="STUDENT", help="Show how this student's mark comes about, line by line.")
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all marks into this file.")] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a line for each student into this file.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="FILE", help="Write a workbook with all marks into this file.")
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            metavar="RECORD", help="An earlier --json file: show what changed; --csv and --xlsx have only who changed."
        ),
    ] = None,
    at: AtOption = None,
) -> None:
    """Compute course marks from the gradebook's scores by course.toml's marking scheme; no mark is changed.

    Marks that people have changed since the last command are noted in the log that `autograder changes` shows.

    Exit code 0, 2 where course.toml, exceptions.toml or the roster cannot be used.

    Example: autograder marks --explain ada
    """
    if explain is not None and since is not None:
        raise UsageError("expected --explain or --since, received both; leave one out")
    opened = open_course(course)
    found = class_marks(opened, now() if at is None else read_moment(at))
    _note_changes(opened, "marks")
    written = found
    if explain is not None:
        for line in found.explain(explain):
            console.print(Text(printable(line)), soft_wrap=True)
    else:
        if since is None:
            console.print(marks_table(found))
        else:
            changed = changes_since(found, since)
            written = changed.left
            _show_changes(changed)
        for problem in found.problems:
            console.print(Text(printable(problem), style="yellow"), soft_wrap=True)
    if json is not None:
        write_whole(json, found.report().model_dump_json(indent=1) + "\n", "the marks", AGAIN)
    if csv is not None:
        write_whole(csv, written.csv(), "the marks", AGAIN)
    if xlsx is not None:
        write_whole(xlsx, marks_workbook(written), "the marks", AGAIN)


@app.command()
def report(course: CourseOption = Path(), at: AtOption = None) -> None:
    """Write a transcript for each student and a page about the class; nothing else is changed.

    They go beside the other pages: reports/transcripts/STUDENT.html, for that student alone, and reports/class.html,
    for teaching staff. Run it again after grading: pages are as of when they were written. Exit code 0 when everybody
    and every record is on them, 1 when something is not, 2 for wrong usage.

    Example: autograder report
    """
    found = class_marks(open_course(course), now() if at is None else read_moment(at))
    pages = write_class_pages(found)
    for problem in (*found.problems, *pages.problems):
        console.print(Text(printable(problem), style="yellow"), soft_wrap=True)
    console.print(Text(printable(f"The class: {pages.page}")), soft_wrap=True)
    if pages.transcripts:
        where = next(iter(pages.transcripts.values())).parent
        console.print(Text(printable(f"Transcripts: {len(pages.transcripts)} in {where}")), soft_wrap=True)
    raise typer.Exit(1 if pages.problems else 0)


@app.command()
def export(
    platform: Annotated[Platform, typer.Argument(metavar="canvas|moodle", help="Where the marks go.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, which the platform then imports.")],
    gradebook: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="GRADEBOOK", help="The gradebook as the platform exports it: it says who is who there."
        ),
    ] = None,
    course: CourseOption = Path(),
    since: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="EARLIER",
            help="An earlier file of this command: write only what differs. Repeat it for later files of changes.",
        ),
    ] = None,
    assignment: Annotated[
        list[str] | None, typer.Option(help="Only this assignment; may be repeated. Default: all.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ASSIGNMENT=HEADING", help="What the platform calls an assignment; may be repeated."),
    ] = None,
    course_mark: Annotated[
        str | None,
        typer.Option("--course-mark", metavar="HEADING", help="Write final course marks too, into this column."),
    ] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="Marks in percent, where the platform's file has no points.")
    ] = False,
    match: Annotated[
        str | None,
        typer.Option(metavar="HEADING", help="The column of Moodle's file with ids or addresses, in other languages."),
    ] = None,
    at: AtOption = None,
) -> None:
    """Write the file that Canvas or Moodle imports into its gradebook; nothing else is changed.

    Students are matched by id or e-mail, assignments by title or id. What has no mark yet is left as the platform has
    it, and never a zero. Exit code 0 when everything is in the file, 1 when something is not, 2 for wrong usage.

    Example: autograder export canvas import.csv --from ~/Downloads/grades.csv
    """
    if match is not None and platform != "moodle":
        raise UsageError("expected --match with moodle only, received it with canvas; leave it out")
    for other in (gradebook, *(since or ())):
        if other is not None and file.exists() and other.exists() and file.samefile(other):
            raise UsageError(f"expected another file to write than {other}, which is read; choose a new name")
    options = ExportOptions(
        platform=platform,
        gradebook=gradebook,
        since=tuple(since or ()),
        assignments=tuple(assignment or ()),
        columns=_headings(column or []),
        course_mark=course_mark,
        percent=percent,
        match=match,
    )
    opened = open_course(course)
    found = class_marks(opened, now() if at is None else read_moment(at))
    _note_changes(opened, "export")
    exported = export_marks(found, options)
    if exported.text is not None:
        write_whole(file, exported.text, "the export", AGAIN)
    print_export(console, exported, file)
    if found.problems:
        console.print(
            Text(f"The marks themselves: {len(found.problems)} to put right; `autograder marks` names them."),
            soft_wrap=True,
        )
    nothing = exported.text is None and exported.changes is None
    raise typer.Exit(1 if exported.problems or nothing else 0)


@app.command()
def changes(
    student: Annotated[str | None, typer.Argument(help="Only this student's marks; everybody's when left out.")] = None,
    course: CourseOption = Path(),
    assignment: Annotated[str | None, typer.Option(help="Only this assignment.")] = None,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the changes into this file.")
    ] = None,
) -> None:
    """Show every change of a mark, newest last: when, who, what, before, after and why.

    What people change in the formgrader is noted when a command sees it: the time is then when it was seen.
    Exit code 0, 2 where the log has nothing of that student.

    Example: autograder changes ada
    """
    opened = open_course(course)
    _note_changes(opened, "changes")
    found = read_history(opened, student, assignment)
    console.print(history_screen(found.report.changes))
    for problem in found.problems:
        console.print(Text(printable(problem), style="yellow"), soft_wrap=True)
    if json is not None:
        write_whole(json, found.report.model_dump_json(indent=1) + "\n", "the changes", AGAIN)


def _note_changes(course: Course, command: str) -> None:
    if trouble := note_changes(course, command):
        console.print(Text(printable(trouble), style="yellow"), soft_wrap=True)


def _show_changes(changes: MarkChanges) -> None:
    if changes.changes:
        console.print(changes_table(changes))
    changed = len(changes.left.marks)
    console.print(f"{changed} student{'' if changed == 1 else 's'} changed, {changes.num_unchanged} did not.")
    if changes.gone:
        names = ", ".join(changes.gone)
        console.print(Text(printable(f"In the earlier record and no longer there: {names}."), style="yellow"))


def _headings(given: Sequence[str]) -> dict[str, str]:
    headings: dict[str, str] = {}
    for one in given:
        assignment, sign, heading = one.partition("=")
        if not sign or not assignment.strip() or not heading.strip():
            raise UsageError(f"expected --column ASSIGNMENT=HEADING, received {one!r}; correct it")
        if headings.setdefault(assignment.strip(), heading.strip()) != heading.strip():
            raise UsageError(f"expected one --column for {assignment.strip()!r}, received two; leave one out")
    return headings
