"""Grading one assignment of a class on a terminal: progress, the question about marks that fall, tables and pages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from autograder.course import Course
from autograder.display import marks_table, write_pages
from autograder.grading.given import read_given, with_given
from autograder.grading.grade import Graded, Options, grade
from autograder.grading.interruption import Interruption
from autograder.results import SubmissionResult
from autograder.terminal import printable


@dataclass(frozen=True)
class Outcome:
    """What came of grading one assignment.

    Attributes:
        judged: Whether every submission has been read and judged.
        num_held: How many marks would have fallen and stay as they were.
    """

    judged: bool
    num_held: int


def grade_and_show(
    console: Console, course: Course, assignment: str, options: Options, interruption: Interruption | None = None
) -> Outcome:
    """Grade an assignment with a progress bar, then show its marks and write its pages.

    Where marks would fall, whoever sits at the terminal is asked; without one they stay as they were.
    """
    results: list[Graded] = []
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),  # an id may hold brackets
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=console, transient=not console.is_terminal)

    def agreed(held: Sequence[Graded]) -> bool:
        progress.stop()
        print_moves(console, assignment, [*results, *held])
        return sys.stdin.isatty() and _asked(len(held))

    total, graded = grade(course, assignment, options, interruption, agreed)
    with progress:
        bar = progress.add_task(f"{assignment}: warming sandboxes", total=total)
        for one in graded:
            results.append(one)
            progress.update(bar, advance=1, description=f"{assignment}: {printable(one.result.student)}")
        progress.update(bar, description=f"{assignment}: done")
    held = [one for one in results if one.held]
    stand = [one.before if one.held else one.result for one in results]
    records = sorted((one for one in stand if one is not None), key=lambda result: result.student)
    given = read_given(course, assignment)
    pages = write_pages(course, assignment, given)
    shown = [with_given(result, given.get(result.student)) for result in records]
    console.print(marks_table(assignment, shown))
    fresh = sum(one.fresh for one in results)
    if fresh < len(results):
        console.print(
            f"{len(results) - fresh} of {len(results)} had not changed and were not run again (--force runs them)"
        )
    print_remarked(console, results)
    if not held:
        print_moves(console, assignment, results)
    if levels := sorted({result.protection.level for result in records} - {"not_run"}):
        console.print(f"Protection level: {', '.join(levels)} (`autograder doctor` says more)")
    if any(result.protection.level == "none" for result in records):
        console.print("[bold red]These submissions ran WITHOUT a sandbox (--no-sandbox); every report says so.[/]")
    for result in shown:
        if not result.notebooks:  # the table cuts notes that say what to do
            console.print(Text(printable(f"{result.student}: {' '.join(result.notes)}")), soft_wrap=True)
    if held:
        names = ", ".join(sorted(one.result.student for one in held))
        words = f"Kept, because they would fall: the marks of {names}. The same command with --yes lowers them."
        console.print(Text(printable(words), style="yellow"), soft_wrap=True)
    console.print(f"Reports: {pages.overview}", soft_wrap=True)
    return Outcome(_judged(records), len(held))


def _judged(records: Sequence[SubmissionResult]) -> bool:
    return all(result.notebooks and result.status != "could_not_judge" for result in records)


def _asked(number: int) -> bool:
    marks = "1 mark falls" if number == 1 else f"{number} marks fall"
    try:
        return typer.confirm(f"{marks}. Lower {'it' if number == 1 else 'them'}?")
    except typer.Abort:  # no answer is no
        return False


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
