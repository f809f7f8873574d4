"""Writing the pages: one folder per student, the overview beside them, each file whole or not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.errors import AutograderError, UsageError
from autograder.reports.feedback import render_feedback
from autograder.reports.overview import render_overview
from autograder.reports.places import page_path
from autograder.results import SubmissionResult

NotebookLoader = Callable[[SubmissionResult], Mapping[str, NotebookNode]]


@dataclass(frozen=True)
class ReportPaths:
    """The files that were written: the overview, and each student's page by student id."""

    overview: Path
    feedback: Mapping[str, Path]


def write_reports(
    results: Sequence[SubmissionResult],
    load_notebooks: NotebookLoader,
    folder: Path,
    titles: Mapping[str, str] | None = None,
) -> ReportPaths:
    """Write `<folder>/<student>/<assignment>.html` for every submission and `<folder>/overview.html`.

    Args:
        results: The submissions of one assignment, each student once.
        load_notebooks: Returns a submission's notebooks by name; one that cannot be read is left out of the mapping.
        folder: Where the pages go; made if it is missing.
        titles: What people call cells, notebooks and the assignment.

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
    for result in results:
        _write(places[result.student], render_feedback(result, load_notebooks(result), titles))
    overview = folder / "overview.html"
    _write(overview, render_overview(results, results[0].course, assignments[0], titles))
    return ReportPaths(overview, places)


def _write(path: Path, page: str) -> None:
    """Put the page in place in one step, so that a reader or a full disk never leaves half of one."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(page, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise AutograderError(
            f"expected to write the page {path}, received {error.strerror}; free space or permit it, then grade again: "
            "marks are saved, and what is graded is not run again"
        ) from error
