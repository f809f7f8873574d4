"""What a person at a terminal sees of grading: its progress, then marks, changes and where the pages are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from autograder.class_run.asking import agreed_at_terminal
from autograder.class_run.live import LiveProgress
from autograder.class_run.tables import print_kept, print_moves, print_remarked, print_unread
from autograder.class_run.view import Summary, View
from autograder.display import marks_table
from autograder.grading.grade import Graded
from autograder.grading.task import Running


class TerminalView(View):
    """Tables, and progress that is kept up to date where the console is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: LiveProgress | None = None

    @contextmanager
    def shown(self, assignment: str, total: int) -> Iterator[None]:
        """Show the progress of an assignment while the context lasts."""
        with LiveProgress(self._console, assignment, total) as self._progress:
            yield

    def begins(self, worker: int, running: Running) -> None:
        """Show what a worker runs."""
        if self._progress is not None:
            self._progress.begins(worker, running)

    def rests(self, worker: int) -> None:
        """Show a worker no longer."""
        if self._progress is not None:
            self._progress.rests(worker)

    def held(self, student: str) -> None:
        """Count a result that is held back."""
        if self._progress is not None:
            self._progress.held(student)

    def done(self, graded: Graded) -> None:
        """Count a result."""
        if self._progress is not None:
            self._progress.done(graded)

    def agree(self, assignment: str, graded: Sequence[Graded], held: Sequence[Graded]) -> bool:
        """Ask whoever sits at the terminal; without one nobody agrees."""
        if self._progress is not None:
            self._progress.stop()
        return agreed_at_terminal(self._console, assignment, graded, held)

    def finish(self, summary: Summary) -> None:
        """Show the marks of the class, what has changed, and what a person should know."""
        console = self._console
        console.print(marks_table(summary.assignment, summary.records))
        fresh = sum(one.fresh for one in summary.graded)
        if fresh < len(summary.graded):
            console.print(
                f"{len(summary.graded) - fresh} of {len(summary.graded)} had not changed and were not run again "
                "(--force runs them)"
            )
        print_remarked(console, summary.graded)
        if not summary.held:
            print_moves(console, summary.assignment, summary.graded)
        if levels := sorted({result.protection.level for result in summary.records} - {"not_run"}):
            console.print(f"Protection level: {', '.join(levels)} (`autograder doctor` says more)")
        if any(result.protection.level == "none" for result in summary.records):
            console.print("[bold red]These submissions ran WITHOUT a sandbox (--no-sandbox); every report says so.[/]")
        print_unread(console, summary.records)
        print_kept(console, summary.held)
        console.print(f"Reports: {summary.overview}", soft_wrap=True)
