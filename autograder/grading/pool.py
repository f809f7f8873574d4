"""Workers side by side on this machine: tasks in, outcomes out as they are ready, a lost worker replaced."""

from __future__ import annotations

import collections
import contextlib
import math
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType

from autograder.errors import SandboxUnavailable
from autograder.grading.interruption import Interruption
from autograder.grading.task import MESSAGE, Done, Lost, Ready, Running, Settings, Task, Unavailable
from autograder.grading.watch import Watch
from autograder.sandbox.leftovers import remove_left_by

MAX_TRIES = 2
TICK_SECONDS = 1.0
AHEAD = 8  # tasks prepared for each worker before it asks: what is left to prepare, workers have to wait for
CLOCKS = 3  # cells, replays and questions have `total_seconds` each
SHUTDOWN_SECONDS = 10.0
# Beside the notebook's own time: starting kernels, ending stubborn ones, checks' own arithmetic. Past it, the worker
# itself hangs (a check that never returns), and is replaced.
GRACE_SECONDS = 60.0
# What checks compute in NumPy must not follow from how many cores a machine has: the order of a sum depends on threads.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    line: socket.socket
    ready: Ready | None = None
    task: Task | None = None
    deadline: float = math.inf
    buffer: bytearray = field(default_factory=bytearray)

    def send(self, text: str) -> None:
        # One that has died meanwhile is found out when its line is read, and what it should have done is done again.
        with contextlib.suppress(ConnectionError):
            self.line.sendall(text.encode() + b"\n")


@dataclass(frozen=True)
class Outcome:
    """A finished task with the slot it ran in, or why it could not be done."""

    task: Task
    done: Done | None
    ready: Ready | None
    fault: str = ""


class Pool:
    """Local workers. Use as a context manager; workers start at once and warm up while tasks are prepared.

    Args:
        settings: How each worker makes its slot; `number` is that of the first.
        workers: How many, at least 1.
        watch: Told what each of them does.
    """

    def __init__(self, settings: Settings, workers: int, watch: Watch | None = None) -> None:
        self._settings = settings
        self._watch = watch if watch is not None else Watch()
        self._selector = selectors.DefaultSelector()
        self._workers = [self._start(number) for number in range(workers)]
        self._tries: collections.Counter[str] = collections.Counter()

    def __enter__(self) -> Pool:
        """Return the pool."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every worker; a slot never outlives its worker's socket."""
        for worker in self._workers:
            worker.line.close()
        killed = set()
        for worker in self._workers:
            try:
                worker.process.wait(timeout=SHUTDOWN_SECONDS if error is None else 1.0)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
                killed.add(worker.process.pid)
        remove_left_by(killed, SHUTDOWN_SECONDS)
        self._selector.close()

    def run(self, next_task: Callable[[], Task | None], interruption: Interruption | None = None) -> Iterator[Outcome]:
        """Do every task that `next_task` hands out until it returns None; outcomes come as they are ready.

        A task whose worker dies is done again by a fresh one, at most twice in all. `interruption` is looked at once a
        second.

        Raises:
            SandboxUnavailable: A worker cannot make a slot here.
        """
        waiting: collections.deque[Task] = collections.deque()
        most = AHEAD * len(self._workers)
        more = True
        while True:
            if interruption is not None:
                interruption.check()
            while more and len(waiting) < most:
                task = next_task()
                if task is None:
                    more = False
                else:
                    waiting.append(task)
                if self._selector.select(timeout=0):
                    break  # an idle worker comes before preparing another submission
            self._hand_out(waiting)
            if not more and not waiting and all(worker.task is None for worker in self._workers):
                return
            for key, _ in self._selector.select(timeout=0 if more and len(waiting) < most else TICK_SECONDS):
                yield from self._read(key.data, waiting)
            for worker in self._workers:
                if worker.task is not None and time.monotonic() > worker.deadline:
                    worker.process.kill()  # its socket closes, and it is replaced like any worker that died

    def _hand_out(self, waiting: collections.deque[Task]) -> None:
        """Give each idle worker one of the tasks that wait."""
        for number, worker in enumerate(self._workers):
            if waiting and worker.ready is not None and worker.task is None:
                worker.task = waiting.popleft()
                limit = CLOCKS * self._settings.limits.total_seconds * len(worker.task.notebooks) + GRACE_SECONDS
                worker.deadline = time.monotonic() + limit
                worker.send(worker.task.model_dump_json())
                self._watch.begins(number, Running(student=worker.task.student))

    def _read(self, worker: _Worker, waiting: collections.deque[Task]) -> Iterator[Outcome]:
        try:
            chunk = worker.line.recv(1 << 20)
        except ConnectionError:
            chunk = b""
        if not chunk:
            yield from self._replace(worker, waiting)
            return
        worker.buffer += chunk
        while (end := worker.buffer.find(b"\n")) >= 0:
            message = MESSAGE.validate_json(bytes(worker.buffer[:end]))
            del worker.buffer[: end + 1]
            if isinstance(message, Ready):
                worker.ready = message
            elif isinstance(message, Unavailable):
                raise SandboxUnavailable(message.message)
            elif worker.task is None or message.student != worker.task.student:
                continue
            elif isinstance(message, Running):
                self._watch.begins(self._workers.index(worker), message)
            else:
                task, worker.task = worker.task, None
                self._watch.rests(self._workers.index(worker))
                if isinstance(message, Done):
                    self._hand_out(waiting)  # before whoever takes the outcome saves it
                    yield Outcome(task, message, worker.ready)
                else:
                    yield from self._again(task, message, waiting)

    def _again(self, task: Task, lost: Lost, waiting: collections.deque[Task]) -> Iterator[Outcome]:
        self._tries[task.student] += 1
        if self._tries[task.student] < MAX_TRIES:
            waiting.appendleft(task)
        else:
            yield Outcome(task, None, None, fault=lost.message)

    def _replace(self, worker: _Worker, waiting: collections.deque[Task]) -> Iterator[Outcome]:
        self._selector.unregister(worker.line)
        worker.line.close()
        status = worker.process.wait()
        place = self._workers.index(worker)
        self._workers[place] = self._start(place)
        self._watch.rests(place)
        if worker.task is not None:
            lost = Lost(student=worker.task.student, message=f"the worker ended (exit status {status})")
            yield from self._again(worker.task, lost, waiting)
        elif worker.ready is None:
            raise SandboxUnavailable(
                f"expected a worker that starts, received exit status {status}; run `autograder doctor`"
            )

    def _start(self, number: int) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.grading.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **ONE_THREAD},
                # Ctrl-C is for the grader, which ends its workers in order
                start_new_session=True,
            )
        worker = _Worker(process, ours)
        number += self._settings.number + os.getpid() % 97
        worker.send(self._settings.model_copy(update={"number": number}).model_dump_json())
        self._selector.register(ours, selectors.EVENT_READ, worker)
        return worker
