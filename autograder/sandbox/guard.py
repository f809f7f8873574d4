"""A guard over the grader's own memory while it listens to a student's kernel.

ZeroMQ caps a frame, not the number of frames in a message nor of messages that wait: whoever sends faster than the
grader reads would fill its memory. Past an allowance the run is ended; what it sent is freed with its sockets.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path
from types import TracebackType

from autograder.errors import SlotLost
from autograder.sandbox.limits import MIB
from autograder.sandbox.slot import Run, Slot

PERIOD_SECONDS = 0.05
ALLOWANCE_BYTES = 2048 * MIB  # the largest messages, parsed, and what checks make of them, several times over


class MemoryGuard:
    """Ends `run` when this process has grown by more than the allowance. Use as a context manager.

    Attributes:
        tripped: Whether it had to.
    """

    def __init__(self, slot: Slot, run: Run, allowance_bytes: int = ALLOWANCE_BYTES) -> None:
        self.tripped = False
        self._slot, self._run, self._allowance = slot, run, allowance_bytes
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory guard", daemon=True)

    def __enter__(self) -> MemoryGuard:
        """Begin to watch."""
        self._begun_with = resident_bytes()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(PERIOD_SECONDS):
            if resident_bytes() - self._begun_with > self._allowance:
                self.tripped = True
                with contextlib.suppress(SlotLost):  # gone already: whoever talks to the slot finds out
                    self._slot.signal(self._run, signal.SIGKILL)
                return


def resident_bytes() -> int:
    """Memory this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
