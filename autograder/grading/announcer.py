"""What a worker runs, told to the grader while it runs: now and then, and never in the way of the work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autograder.grading.task import Running

EVERY_SECONDS = 0.25
MAX_NAME = 80  # a name comes from the notebook, and only has to be recognised


class Announcer:
    """Announces the cell that runs, from a thread of its own.

    The latest one is told, at most once every `EVERY_SECONDS`: cells that were over before are passed over, and one
    that takes long is always told. When it cannot be told, nobody is, and the work goes on.

    Args:
        send: Sends a message to the grader.
    """

    def __init__(self, send: Callable[[Running], None]) -> None:
        self._send = send
        self._latest: Running | None = None
        self._news = threading.Event()

    def of(self, student: str, notebook: str) -> Callable[[str, bool], None]:
        """A listener for `run_notebook` on this notebook."""

        def begins(cell: str, checking: bool) -> None:
            names = (_sendable(name) for name in (notebook, cell))
            self._latest = Running(student=student, notebook=next(names), cell=next(names), checking=checking)
            self._news.set()

        return begins

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Announce while the context lasts; nothing is sent after it."""
        over = threading.Event()
        self._latest = None
        self._news.clear()
        thread = threading.Thread(target=self._announce, args=(over,), name="announcer", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            self._news.set()
            thread.join()

    def _announce(self, over: threading.Event) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            if over.is_set():
                return
            if (latest := self._latest) is not None:
                try:
                    self._send(latest)
                except (OSError, ValueError):  # the grader is gone, which the work finds out itself
                    return
            if over.wait(EVERY_SECONDS):
                return


def _sendable(name: str) -> str:
    """`name` cut short, without halves of characters that no message can carry."""
    return name[:MAX_NAME].encode("utf-8", "replace").decode("utf-8")
