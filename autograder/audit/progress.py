"""What an audit is doing, while it does it: a line on a terminal, now and then a new one elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

EVERY_SECONDS = 30.0


@contextmanager
def shown_progress(console: Console, every: float = EVERY_SECONDS) -> Iterator[Callable[[str], None]]:
    """Show what is being done while the context lasts; what is yielded changes its words.

    Args:
        console: Where results go. On a terminal a line is kept up to date; otherwise lines go to standard error.
        every: So many seconds apart.
    """
    if not console.is_terminal:
        yield _now_and_then(every)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("warming sandboxes", total=None)

        def say(words: str) -> None:
            progress.update(bar, description=words)

        yield say


def _now_and_then(every: float) -> Callable[[str], None]:
    console = Console(stderr=True)
    begun = last = time.monotonic()

    def say(words: str) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= every:
            last = now
            console.print(f"{now - begun:.0f} s: {words}", markup=False, highlight=False, soft_wrap=True)

    return say
