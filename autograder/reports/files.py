"""Writing the pages: one folder per student, overview and table beside them, each file whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.errors import AutograderError, UsageError
from autograder.reports.drawn import DrawnPages
from autograder.reports.feedback import render_feedback
from autograder.reports.marks_table import render_marks
from autograder.reports.overview import render_overview
from autograder.reports.places import MARKS_TABLE, page_path
from autograder.results import SubmissionResult

DRAWN = ".drawn.json"
NotebookLoader = Callable[[SubmissionResult], Mapping[str, NotebookNode]]


@dataclass(frozen=True)
class ReportPaths:
    """The files that were written: the overview, the table of marks, and each student's page by student id."""

    overview: Path
    table: Path
    feedback: Mapping[str, Path]


def write_reports(
    results: Sequence[SubmissionResult],
    load_notebooks: NotebookLoader,
    folder: Path,
    titles: Mapping[str, str] | None = None,
    *,
    explained: bool = False,
    digest: Callable[[SubmissionResult], str] | None = None,
) -> ReportPaths:
    """Write `<folder>/<student>/<assignment>.html` for every submission, and `overview.html` and `marks.csv` of all.

    Args:
        results: The submissions of one assignment, each student once.
        load_notebooks: Returns a submission's notebooks by name; one that cannot be read is left out of the mapping.
        folder: Where the pages go; made if it is missing.
        titles: What people call cells, notebooks and the assignment.
        explained: Whether students may read what is right and why: the assignment is over for everybody.
        digest: Returns the digest of a submission's notebooks; where given, a page is not drawn again from the same.

    Raises:
        AutograderError: A page cannot be written.
        UsageError: No results, results of several assignments, or a name that cannot be a file's. Nothing is written.
    """
    assignments = sorted({result.assignment for result in results})
    if len(assignments) != 1:
        raise UsageError(
            f"expected the results of one assignment, received {', '.join(map(ascii, assignments)) or 'none'}; "
            "write the reports of each assignment by itself"
        )
    places = {result.student: folder / page_path(result.student, result.assignment) for result in results}
    drawn = DrawnPages(folder / DRAWN, [titles, explained])
    for result in results:
        place = places[result.student]
        origin = drawn.origin(result, digest(result)) if digest is not None else ""
        if not (origin and drawn.is_current(place, origin)):
            write_whole(place, render_feedback(result, load_notebooks(result), titles, explained=explained))
            if origin:
                drawn.note(place, origin)
    drawn.keep()
    overview, table = folder / "overview.html", folder / MARKS_TABLE
    write_whole(overview, render_overview(results, results[0].course, assignments[0], titles))
    write_whole(table, render_marks(results), "the table")
    return ReportPaths(overview, table, places)


GRADE_AGAIN = "free space or permit it, then grade again: marks are saved, and what is graded is not run again"


def write_whole(path: Path, content: str | bytes, what: str = "the page", remedy: str = GRADE_AGAIN) -> None:
    """Put a file in place in one step, so that a reader or a full disk never leaves half of one.

    Args:
        path: The file; what is no file (a pipe, /dev/stdout) is written to as it is.
        content: What it shall hold, with the line ends it shall have.
        what: Its name in the message of an error.
        remedy: What to do then, in that message.

    Raises:
        AutograderError: It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(_bytes(content))
            return
        temporary.write_bytes(_bytes(content))
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise AutograderError(f"expected to write {what} {path}, received {error.strerror}; {remedy}") from error


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
