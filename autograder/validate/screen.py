"""What validating found, on a terminal: cell by cell, then what is left to do and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course.syllabus import moment_in_words
from autograder.terminal import printable
from autograder.validate.record import DONE, NotebookReport

FAILING = frozenset({"fails", "error", "not run", "deleted", "renamed"})


def print_report(console: Console, report: NotebookReport, now: datetime) -> None:
    """Show one notebook's report."""
    if report.cells:
        console.print(_table(report))
    for line, style in _lines(report, now):
        console.print(Text(printable(line), style=style), soft_wrap=True)


def _table(report: NotebookReport) -> Table:
    table = Table(title=Text(printable(report.path.name)), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("cell", overflow="fold", max_width=26)
    table.add_column("points", justify="right")
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    for cell in report.cells:
        style = "green" if cell.state in DONE else "red" if cell.state in FAILING else "yellow"
        points = "" if cell.points is None else f"{cell.points:g}"
        table.add_row(
            Text(printable(cell.name)),
            points,
            Text(cell.state, style=style),
            Text(printable(" ".join(cell.says.split()))),
        )
    return table


def _lines(report: NotebookReport, now: datetime) -> Iterator[tuple[str, str]]:
    for note in report.notes:
        yield note, "yellow"
    if report.tests:
        passing = [cell for cell in report.tests if cell.state == "passes"]
        points, most = (sum(cell.points or 0.0 for cell in cells) for cells in (passing, report.tests))
        yield f"{len(passing)} of {len(report.tests)} tests pass, worth {points:g} of {most:g} points.", ""
    left = [cell.name for cell in report.cells if cell.state not in DONE]
    if left:
        yield f"To do: {', '.join(dict.fromkeys(left))}.", "yellow"
    else:
        yield "Nothing is missing. Passing here is no mark yet: grading asks more than what you see.", "green"
    if report.due is not None:
        yield _due(report, report.due, now)


def _due(report: NotebookReport, due: datetime, now: datetime) -> tuple[str, str]:
    source = " when this notebook was released; the course may have moved it since" if report.as_released else ""
    if now > due:
        return f"It was due {moment_in_words(due)}{source}: that has passed.", "red"
    left = due - now
    time = f"{left.days} days" if left.days > 1 else f"{left.total_seconds() / 3600:.0f} hours"
    return f"Due {moment_in_words(due)}{source}: {time} left.", ""
