"""The command line for marks: a few lines over the part that does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autograder.cli_labs import CourseOption, console
from autograder.course import open_course
from autograder.display import printable
from autograder.marks import class_marks, marks_table, now, read_moment
from autograder.reports import write_whole

app = typer.Typer()
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
    at: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="Due dates as of this moment, as 2027-02-21T23:59:00Z. Default: now."),
    ] = None,
) -> None:
    """Compute course marks from the gradebook's scores by course.toml's marking scheme; nothing is changed.

    Exit code 0, 2 where course.toml, exceptions.toml or the roster cannot be used.

    Example: autograder marks --explain ada
    """
    found = class_marks(open_course(course), now() if at is None else read_moment(at))
    if explain is not None:
        for line in found.explain(explain):
            console.print(Text(printable(line)), soft_wrap=True)
    else:
        console.print(marks_table(found))
        for problem in found.problems:
            console.print(Text(printable(problem), style="yellow"), soft_wrap=True)
    if json is not None:
        write_whole(json, found.report().model_dump_json(indent=1) + "\n", "the marks", AGAIN)
    if csv is not None:
        write_whole(csv, found.csv(), "the marks", AGAIN)
