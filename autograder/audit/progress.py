"""A line that says what an audit is doing, while it does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[str], None]]:
    """Show a line while the context lasts; what is yielded changes its words."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("warming sandboxes", total=None)

        def say(words: str) -> None:
            progress.update(bar, description=words)

        yield say
