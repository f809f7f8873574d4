"""Ctrl-C, kept until a moment at which stopping costs nothing.

Python raises KeyboardInterrupt between any two instructions; where those belong to a callback of its own (a weak
reference that dies, an object that is cleared away) it prints the exception and forgets it, and the run goes on.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether somebody has asked for an end."""

    def __init__(self) -> None:
        self._asked = False

    @classmethod
    @contextmanager
    def awaited(cls) -> Iterator[Interruption]:
        """Take Ctrl-C as a request, in the main thread, until left; a second one ends what runs at once."""
        interruption = cls()
        before = signal.signal(signal.SIGINT, interruption._ask)
        try:
            yield interruption
        finally:
            signal.signal(signal.SIGINT, before)

    def check(self) -> None:
        """Raise KeyboardInterrupt if an end was asked for."""
        if self._asked:
            raise KeyboardInterrupt

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            signal.default_int_handler(number, frame)
        self._asked = True
