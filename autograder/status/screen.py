"""How a course stands, on a terminal of 80 columns."""

from __future__ import annotations

from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.status.record import AssignmentStatus, ReleaseStage, StatusReport
from autograder.terminal import printable

STAGES: dict[ReleaseStage, tuple[str, str]] = {
    "nothing": ("no source", "red"),
    "source": ("source", "yellow"),
    "made": ("made", "green"),
    "exchange": ("in exchange", "green"),
}


def print_status(console: Console, status: StatusReport) -> None:
    """Show the figures, the next command of each assignment, and what could not be read."""
    if status.assignments:
        console.print(_figures(status))
        console.print(_next(status))
    else:
        _say(
            console,
            f"{status.title} has no assignments yet: name them in course.toml, or begin one with "
            "`autograder new lab NAME`.",
        )
    exchange = status.exchange or "none here (docs/exchange.md says how to set one up)"
    _say(console, f"nbgrader's exchange: {exchange}")
    for problem in (*status.problems, *(problem for one in status.assignments for problem in one.problems)):
        _say(console, problem, "yellow")


def _figures(status: StatusReport) -> Table:
    moment = f"{datetime.fromisoformat(status.at):%Y-%m-%d %H:%M} UTC"
    table = Table(title=Text(printable(f"{status.title}, {moment}")), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("assignment", overflow="fold", max_width=20)
    table.add_column("due")
    table.add_column("released")
    for heading in ("handed\nin", "graded", "to\nreview", "feed-\nback"):
        table.add_column(heading, justify="right")
    for one in status.assignments:
        word, style = STAGES[one.stage]
        table.add_row(
            Text(printable(one.assignment)),
            Text(_due(one), style="dim" if one.over else ""),
            Text(word, style=style),
            _of(one.handed_in, status.students),
            _figure(one.graded, "yellow" if one.to_grade else ""),
            _figure(one.to_review.students, "yellow"),
            _figure(one.feedback, "yellow" if one.feedback_old else ""),
        )
    return table


def _next(status: StatusReport) -> Table:
    table = Table(title="Next", title_justify="left", box=box.SIMPLE_HEAD, show_header=False)
    table.add_column(overflow="fold", max_width=46)
    table.add_column(overflow="fold")
    for one in status.assignments:
        command = Text(printable(one.next), style="bold") if one.next else Text(printable(one.assignment), style="dim")
        table.add_row(command, Text(printable(_why(one)), style="" if one.next else "dim"))
    return table


def _why(one: AssignmentStatus) -> str:
    return one.why if not one.next or one.assignment in one.next else f"{one.assignment}: {one.why}"


def _due(one: AssignmentStatus) -> str:
    return "" if one.due is None else f"{datetime.fromisoformat(one.due):%Y-%m-%d}"


def _of(number: int, enrolled: int | None) -> str:
    return f"{number}" if enrolled is None else f"{number}/{enrolled}"


def _figure(number: int, style: str) -> Text:
    return Text(str(number), style=style if number else "dim")


def _say(console: Console, sentence: str, style: str = "") -> None:
    console.print(Text(printable(sentence), style=style), soft_wrap=True)
