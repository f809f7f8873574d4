"""What is said of a class after grading: which marks changed, which were kept, what a person has to look at."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.grading.grade import Graded
from autograder.results import SubmissionResult
from autograder.terminal import printable


def print_moves(console: Console, assignment: str, results: Sequence[Graded]) -> None:
    """Show everybody whose mark is, or would be, another one than before, and how many stay the same."""
    moved = [(one.result.student, one.move) for one in results if one.move is not None and one.move.changes]
    if not moved:
        return
    table = Table(title=f"Marks for {assignment} that change", title_justify="left")
    for heading in ("student", "before", "after", "change", "why"):
        justify = "left" if heading in ("student", "why") else "right"
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for student, move in sorted(moved, key=lambda pair: pair[0]):
        why = f"{move.why}; {move.open_points:g} points are open now" if move.open_points else move.why
        change = Text(f"{move.after - move.before:+g}", style="red" if move.falls else "green")
        table.add_row(Text(printable(student)), f"{move.before:g}", f"{move.after:g}", change, Text(why))
    console.print(table)
    first = sum(one.move is None and one.fresh for one in results)
    same = len(results) - len(moved) - first
    console.print(f"{len(moved)} {'mark changes' if len(moved) == 1 else 'marks change'}, {same} stay the same.")


def print_remarked(console: Console, results: Sequence[Graded]) -> None:
    """Name those whose work is the same, and whose automatic mark is not."""
    changed = [(one.result, one.before) for one in results if one.before and one.remarked and not one.held]
    for result, before in sorted(changed, key=lambda pair: pair[0].student):
        words = (
            f"{result.student}: the same work has another automatic mark, {before.score:g} before, {result.score:g} now"
        )
        console.print(Text(printable(words), style="yellow"), soft_wrap=True)
    if changed:
        console.print(
            "Checks, limits, packages or options are not those of the last run (`--nbgrader-marks` holds for one run, "
            "`nbgrader_marks = true` below [grading] in course.toml for all).",
            markup=False,
            soft_wrap=True,
        )


def print_kept(console: Console, held: Sequence[Graded]) -> None:
    """Name those whose marks would have fallen, and say how to lower them."""
    if held:
        names = ", ".join(sorted(one.result.student for one in held))
        words = f"Kept, because they would fall: the marks of {names}. The same command with --yes lowers them."
        console.print(Text(printable(words), style="yellow"), soft_wrap=True)


def print_unread(console: Console, records: Sequence[SubmissionResult]) -> None:
    """Say in full why there is no result; a table cuts notes that say what to do."""
    for result in records:
        if not result.notebooks:
            console.print(Text(printable(f"{result.student}: {' '.join(result.notes)}")), soft_wrap=True)
