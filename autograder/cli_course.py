"""The command line for running a course: each command a few lines over the part that does the work."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli_labs import CourseOption, console
from autograder.course import open_course
from autograder.publish import (
    FeedbackOptions,
    ReleaseOptions,
    print_outcome,
    print_published,
    publish_feedback,
    release_to_students,
)
from autograder.reports import write_whole
from autograder.status import course_status, print_status
from autograder.validate import CELL_SECONDS, validate_and_show

app = typer.Typer()
AGAIN = "free space or permit it, then run the same command again"


@app.command()
def release(
    labs: Annotated[list[str], typer.Argument(help="Names of labs.")],
    course: CourseOption = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Replace an earlier release, and what students could fetch.")
    ] = False,
    exchange: Annotated[
        bool, typer.Option("--exchange", help="Let students fetch it: put it into nbgrader's exchange.")
    ] = False,
    zip_place: Annotated[
        Path | None,
        typer.Option("--zip", metavar="FILE|FOLDER", help="Pack it for a learning platform: LAB.zip in that folder."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Make and search it aside, say what would go where, and write nothing.")
    ] = False,
) -> None:
    """Make the version students get, with nbgrader, and refuse it when anything hidden would leak.

    A zip file holds the notebook and its data alone, in a folder of the lab's name. The same release is the same file,
    byte for byte. Exit code 0, 1 when something would leak or cannot be put in its place, 2 for wrong usage.

    Example: autograder release cnn_digits --zip build --dry-run
    """
    options = ReleaseOptions(force=force, place=zip_place, exchange=exchange, dry_run=dry_run)
    for outcome in release_to_students(open_course(course), labs, options):
        print_outcome(console, outcome, dry_run)


@app.command()
def feedback(
    assignments: Annotated[list[str], typer.Argument(help="Names of assignments.")],
    course: CourseOption = Path(),
    student: Annotated[list[str] | None, typer.Option("--student", help="Only this student; may be repeated.")] = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Send pages too on which a person has yet to decide something.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show who would get a page and who not, and write nothing.")
    ] = False,
) -> None:
    """Give students their feedback: each one's page as it stands now, through nbgrader's exchange where there is one.

    Pages go into feedback/STUDENT/ASSIGNMENT/, in place of nbgrader's own, and from there into the exchange, where
    `nbgrader fetch_feedback` and JupyterLab's assignment list find them. Run it again after marks have changed.
    Exit code 0 when everybody who handed in has a page and can get it, 1 when somebody is left out, 2 for wrong
    usage.

    Example: autograder feedback cnn_digits --dry-run
    """
    opened = open_course(course)
    options = FeedbackOptions(tuple(student or ()), waiting, dry_run)
    published = [publish_feedback(opened, name, options, datetime.now(UTC)) for name in assignments]
    for one in published:
        print_published(console, one)
    raise typer.Exit(0 if all(one.complete for one in published) else 1)


@app.command()
def status(
    course: CourseOption = Path(),
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all of it into this file.")] = None,
) -> None:
    """Show how every assignment stands: released, handed in, graded, to review, feedback out, and the next command.

    Nothing is changed; the gradebook is only read. What cannot be read is named, and everything else is shown.
    Exit code 0, 1 when something could not be read, 2 where there is no course.

    Example: autograder status
    """
    found = course_status(open_course(course), datetime.now(UTC))
    print_status(console, found)
    if json is not None:
        write_whole(json, found.model_dump_json(indent=1) + "\n", "the status", AGAIN)
    raise typer.Exit(1 if found.problems or any(one.problems for one in found.assignments) else 0)


@app.command()
def validate(
    target: Annotated[Path, typer.Argument(metavar="LAB|NOTEBOOK", help="A lab's folder, or a notebook.")],
    course: Annotated[
        Path | None, typer.Option("--course", help="The course's folder, for the due date; students need none.")
    ] = None,
    cell_seconds: Annotated[
        float, typer.Option("--timeout", min=1, help="Stop a cell after so many seconds.")
    ] = CELL_SECONDS,
) -> None:
    """For students: run a notebook from the top, and say what fails, what is missing, and until when there is time.

    It runs here, as it is, in a fresh kernel: no sandbox, no hidden tests, and the file stays as it is. Exit code 0
    when every visible test passes and nothing is missing, 1 when something is left to do, 2 for wrong usage.

    Example: autograder validate cnn_digits
    """
    raise typer.Exit(0 if validate_and_show(console, target, course, cell_seconds) else 1)
