"""What a person has to act on, and nothing else: for scripts whose output is mailed to somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from autograder.class_run.asking import agreed_at_terminal
from autograder.class_run.tables import print_kept, print_unread
from autograder.class_run.view import Summary, View
from autograder.display import first_note
from autograder.grading.grade import Graded
from autograder.terminal import printable


class QuietView(View):
    """Says what could not be read or judged, what waits for a person since this run, and which marks would fall."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def shown(self, assignment: str, total: int) -> Iterator[None]:
        """Show nothing."""
        yield

    def agree(self, assignment: str, graded: Sequence[Graded], held: Sequence[Graded]) -> bool:
        """Ask whoever sits at the terminal; without one nobody agrees."""
        return agreed_at_terminal(self._console, assignment, graded, held)

    def finish(self, summary: Summary) -> None:
        """Say what somebody has to do something about."""
        print_unread(self._console, summary.records)
        for result in summary.records:
            if result.notebooks and result.status == "could_not_judge":
                words = f"{result.student}: could not be judged: {first_note(result)}"
                self._console.print(Text(printable(words)), soft_wrap=True)
        read = [one for one in summary.graded if one.fresh and one.result.notebooks]
        if waiting := sum(one.result.status == "needs_review" for one in read):
            waits = "1 of those graded now waits" if waiting == 1 else f"{waiting} of those graded now wait"
            words = f"{summary.assignment}: {waits} for a person (`autograder status` shows what is to be done)"
            self._console.print(Text(printable(words)), soft_wrap=True)
        print_kept(self._console, summary.held)
