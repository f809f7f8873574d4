"""`autograder validate`: every notebook that is meant, one after the other, on a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from autograder.terminal import printable
from autograder.validate.finding import find_notebooks
from autograder.validate.record import NotebookReport
from autograder.validate.screen import print_report
from autograder.validate.validate import validate


def validate_and_show(console: Console, target: Path, course: Path | None, cell_seconds: float) -> bool:
    """Validate the notebooks that `target` stands for and show each report; whether nothing is left to do.

    Raises:
        UsageError: There is no such notebook, or the course cannot be used.
    """
    reports = []
    for path in find_notebooks(target):
        reports.append(_validated(console, path, course, cell_seconds))
        print_report(console, reports[-1], datetime.now(UTC))
    return all(report.ready for report in reports)


def _validated(console: Console, path: Path, course: Path | None, cell_seconds: float) -> NotebookReport:
    name = printable(path.name)
    with console.status(f"{name}: starting Python", spinner="line") as shown:
        return validate(path, course, cell_seconds, lambda place: shown.update(f"{name}: cell {place + 1}"))
