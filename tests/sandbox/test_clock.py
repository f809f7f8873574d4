"""The clock that limits of time go by, with real processes that wait for a processor."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.clock import COARSE_SECONDS, SLOWEST, RunClock, seconds_waited

BUSY = "while True: pass"
TWO_THREADS = f"import threading\nthreading.Thread(target=exec, args=({BUSY!r},)).start()\n{BUSY}"


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for one in processes:
        one.kill()
        one.wait()


def start_on(processor: int, code: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", code])
    os.sched_setaffinity(process.pid, {processor})
    return process


def waited_meanwhile(pid: int, seconds: float) -> float:
    """The share of `seconds` that the process spent waiting for a processor."""
    before, begun = seconds_waited([pid]), time.monotonic()
    time.sleep(seconds)
    return (seconds_waited([pid]) - before) / (time.monotonic() - begun)


def test_who_shares_a_processor_waits_and_who_sleeps_does_not(started: list[subprocess.Popen[bytes]]) -> None:
    processor = min(os.sched_getaffinity(0))
    started += [start_on(processor, BUSY) for _ in range(2)]
    started.append(start_on(processor, "import time; time.sleep(60)"))
    time.sleep(0.5)  # until they have started
    assert waited_meanwhile(started[0].pid, 1.0) > 0.2
    assert waited_meanwhile(started[2].pid, 0.5) < 0.05


def test_threads_count_each(started: list[subprocess.Popen[bytes]]) -> None:
    started.append(start_on(min(os.sched_getaffinity(0)), TWO_THREADS.replace("pass", "sum(range(10**6))")))
    started.append(start_on(min(os.sched_getaffinity(0)), BUSY))
    time.sleep(0.5)
    assert len(list(Path(f"/proc/{started[0].pid}/task").iterdir())) == 2
    assert waited_meanwhile(started[0].pid, 1.0) > 0.2


def test_what_is_gone_has_waited_for_nothing() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert seconds_waited([process.pid]) == 0


@pytest.mark.parametrize(
    ("share", "speed"),
    [(0.0, 1.0), (0.5, 0.5), (0.9, SLOWEST), (7.0, SLOWEST), (-3.0, 1.0)],  # many threads; some that have ended
)
def test_the_clock_leaves_out_what_was_waited_up_to_a_bound(
    share: float, speed: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: wall)
    clock = RunClock(lambda: share * wall)
    found = [clock.now()]
    for _ in range(200):
        wall += 0.03  # of which every other reading is too soon to ask
        found.append(clock.now())
    assert found == sorted(found)
    assert found[-1] == pytest.approx(6.0 * speed, abs=COARSE_SECONDS)
