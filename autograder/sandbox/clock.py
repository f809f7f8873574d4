"""The clock that limits of time go by: wall time, less what a run waited for a processor that others had.

On a crowded machine an honest cell takes longer, by no fault of its author's. The scheduler of Linux keeps, for every
thread, how long it was ready to run and did not (the second figure of /proc/PID/task/TID/schedstat, in nanoseconds). A
run that starts many threads waits for its own, too: so the clock never goes slower than a third of wall time.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.sandbox.watch import PROC

SLOWEST = 1 / 3
NANOSECOND = 1e-9
COARSE_SECONDS = 0.05


def seconds_waited(pids: Iterable[int]) -> float:
    """What all threads of the processes have waited for a processor; 0 where the kernel does not keep count."""
    return NANOSECOND * sum(_of_task(task) for pid in pids for task in _tasks(pid))


def _tasks(pid: int) -> list[Path]:
    try:
        return list((PROC / str(pid) / "task").iterdir())
    except OSError:
        return []  # gone meanwhile


def _of_task(task: Path) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):  # gone meanwhile, or a kernel without schedstat
        return int((task / "schedstat").read_text().split()[1])
    return 0


class RunClock:
    """Seconds that a run has had, as far as it was not kept waiting.

    Args:
        waited: What its threads have waited for a processor until now, in seconds.
    """

    def __init__(self, waited: Callable[[], float]) -> None:
        self._waited = waited
        self._seconds = 0.0
        self._wall, self._waits = time.monotonic(), waited()

    def now(self) -> float:
        """Seconds since it was made; never backwards, and at least a third as fast as wall time."""
        wall = time.monotonic()
        passed = wall - self._wall
        if passed < COARSE_SECONDS:  # not worth asking about every thread
            return self._seconds + SLOWEST * passed
        waits = self._waited()
        # a thread that has ended takes its count with it
        self._seconds += max(SLOWEST * passed, passed - max(0.0, waits - self._waits))
        self._wall, self._waits = wall, waits
        return self._seconds
