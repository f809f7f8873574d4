"""Ctrl-C, or a request to terminate, kept until a moment at which stopping costs nothing.

Python raises KeyboardInterrupt between any two instructions; where those belong to a callback of its own (a weak
reference that dies, an object that is cleared away) it prints the exception and forgets it, and the run goes on.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SHELLS_SIGNAL_STATUS = 128


class Interruption:
    """Whether somebody has asked for an end."""

    def __init__(self) -> None:
        self._asked: int | None = None

    @classmethod
    @contextmanager
    def awaited(cls) -> Iterator[Interruption]:
        """Take Ctrl-C and SIGTERM as a request, in the main thread, until left; a second one ends what runs at once."""
        interruption = cls()
        before = [signal.signal(one, interruption._ask) for one in SIGNALS]
        try:
            yield interruption
        finally:
            for one, handler in zip(SIGNALS, before, strict=True):
                signal.signal(one, handler)

    @property
    def status(self) -> int:
        """The exit status shells have for what was asked with; for Ctrl-C when nothing was."""
        return SHELLS_SIGNAL_STATUS + (self._asked or signal.SIGINT)

    def check(self) -> None:
        """Raise KeyboardInterrupt if an end was asked for."""
        if self._asked is not None:
            raise KeyboardInterrupt

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked is not None:
            signal.default_int_handler(number, frame)
        self._asked = number
