"""Which results the next run would use again, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.grading.outlook import AGAIN, Outlook
from autograder.terminal import printable


def print_outlooks(console: Console, outlooks: Sequence[Outlook]) -> None:
    """Show, for each assignment, how many submissions would be run again, and why."""
    if not outlooks:
        console.print("Nobody has handed in anything that could be graded.")
        return
    table = Table(title="What the next `autograder grade` would do", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("assignment", overflow="fold")
    for heading in ("handed\nin", "used\nagain", "run"):
        table.add_column(heading, justify="right")
    table.add_column("why", overflow="fold")
    for one in outlooks:
        why = sorted((words, number) for words, number in one.counts.items() if words != AGAIN)
        table.add_row(
            Text(printable(one.assignment)),
            f"{sum(one.counts.values())}",
            f"{one.num_again}",
            Text(f"{one.num_run}", style="yellow" if one.num_run else ""),
            Text("\n".join(f"{number} {words}" for words, number in why)),
        )
    console.print(table)
    if any(one.num_again for one in outlooks):
        console.print(
            "`autograder cache --clear ASSIGNMENT` has the next run grade all of it again, `autograder grade --force` "
            "does so at once. Neither deletes anything.",
            soft_wrap=True,
        )
