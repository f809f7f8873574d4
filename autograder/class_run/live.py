"""The progress of a class on a terminal: a bar, counts, and a line for each worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from autograder.class_run.tally import Tally
from autograder.grading.grade import Graded
from autograder.grading.task import Running
from autograder.terminal import printable

REFRESH_PER_SECOND = 2.0
BAR_WIDTH = 40


class LiveProgress:
    """A table that is kept up to date while the context lasts; nothing where the console is no terminal.

    The grader's thread replaces what is shown, piece by piece; the one that draws only reads.

    Args:
        console: The terminal.
        assignment: What is graded.
        total: How many submissions there are.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, console: Console, assignment: str, total: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._assignment = printable(assignment)
        self._clock = clock
        self._begun = clock()
        self._tally = Tally(total)
        self._workers: dict[int, tuple[Running, float]] = {}
        self._over = False
        self._live = (
            Live(console=console, refresh_per_second=REFRESH_PER_SECOND, get_renderable=self.drawn)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> LiveProgress:
        """Begin to show it."""
        if self._live is not None:
            self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last state on the terminal."""
        self.stop()

    def stop(self) -> None:
        """Leave the last state on the terminal, and change it no more."""
        if self._live is not None and self._live.is_started:
            self._over = True
            self._live.stop()

    def begins(self, worker: int, running: Running) -> None:
        """Show what a worker runs."""
        now = self._clock()
        self._tally = self._tally.begun(now)
        self._workers = {**self._workers, worker: (running, now)}

    def rests(self, worker: int) -> None:
        """Show a worker no longer."""
        self._workers = {number: one for number, one in self._workers.items() if number != worker}

    def held(self, student: str) -> None:
        """Count a result that is held back."""
        self._tally = self._tally.held_back(student)

    def done(self, graded: Graded) -> None:
        """Count a result."""
        self._tally = self._tally.judged(graded)

    def drawn(self) -> RenderableType:
        """What is shown now."""
        tally, workers, now = self._tally, self._workers, self._clock()
        head = Table.grid(padding=(0, 1))
        head.add_row(
            Text(self._assignment),
            ProgressBar(tally.total, tally.done, width=BAR_WIDTH),
            Text(f"{tally.done}/{tally.total}", style="progress.download"),
            Text(_clock_time(now - self._begun), style="progress.elapsed"),
        )
        if self._over:
            return head
        counts = Text("  " + " · ".join(_counts(tally, len(workers), now)), no_wrap=True, overflow="ellipsis")
        lines = Table.grid(padding=(0, 2))
        lines.add_column(max_width=24, no_wrap=True, overflow="ellipsis")
        lines.add_column(max_width=24, no_wrap=True, overflow="ellipsis")
        lines.add_column(no_wrap=True, overflow="ellipsis")
        lines.add_column(no_wrap=True, justify="right")
        for _, (running, since) in sorted(workers.items()):
            cells = (f"  {running.student}", running.notebook, _doing(running))
            lines.add_row(*(Text(printable(cell)) for cell in cells), Text(f"{now - since:.0f} s"))
        return Group(head, counts, lines)


def _doing(running: Running) -> str:
    if not running.cell:
        return "starting"
    return f"checks of {running.cell}" if running.checking else running.cell


def _counts(tally: Tally, num_running: int, now: float) -> list[str]:
    waiting = max(0, tally.total - tally.done - num_running)
    words = [f"{num_running} running" if num_running else "warming sandboxes" if waiting else "saving"]
    words.append(f"{waiting} waiting")
    counted = (
        (tally.unchanged, "unchanged"),
        (tally.refused, "unreadable"),
        (tally.unjudged, "could not be judged"),
        (len(tally.held), "kept back, would fall"),
    )
    words += [f"{number} {what}" for number, what in counted if number]
    rate, left = tally.per_minute(now), tally.seconds_left(now)
    if rate is not None:
        words.append(f"{rate:.1f} per minute")
    if left:
        words.append(f"about {_duration(left)} left")
    return words


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _clock_time(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
