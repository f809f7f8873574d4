"""Tasks to a Dask cluster, outcomes back as they are ready: in the place of a pool of workers on this machine.

Dask carries bytes, does a lost worker's submissions elsewhere and says who is there. Imported only where a scheduler is
asked for: Dask is an optional dependency.
"""

from __future__ import annotations

import collections
import queue
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from distributed import Future

from autograder.grading.cluster_line import Line
from autograder.grading.cluster_worker import MAX_TRIES
from autograder.grading.interruption import Interruption
from autograder.grading.pool import TICK_SECONDS, Outcome
from autograder.grading.task import Judged, Running, Settings, Task
from autograder.grading.watch import Watch

LOOK_SECONDS = 2.0
START_SECONDS = 0.2


@dataclass
class _Sent:
    """A task on its way, and the number of the slot it runs in, once that is known."""

    task: Task
    future: Future[Any]
    attempt: int = 1
    slot: int | None = None


class Cluster:
    """The workers of a Dask cluster. Use as a context manager.

    Args:
        line: The line to its scheduler; it is hung up at the end.
        settings: How workers make their slots.
        lab: The folder of the lab's checks; None where it has none.
        most: How many submissions at a time; as many as its workers have threads when None.
        watch: Told what each slot does.
    """

    def __init__(
        self, line: Line, settings: Settings, lab: Path | None, most: int | None = None, watch: Watch | None = None
    ) -> None:
        self._line = line
        self._settings = settings
        self._lab = lab
        self._most = most
        self._watch = watch if watch is not None else Watch()
        self._run = uuid.uuid4().hex
        self._num_sent = 0
        self._sent: dict[str, _Sent] = {}  # by names of ours: Dask's pages need not show students'
        self._news: queue.SimpleQueue[str | Mapping[str, Any]] = queue.SimpleQueue()
        self._slots: dict[tuple[str, int], int] = {}
        self._places = 0
        self._looked = time.monotonic()

    def __enter__(self) -> Cluster:
        """Return the cluster."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Call back what is on its way; workers end their sandboxes, and stay."""
        self._line.hang_up([sent.future for sent in self._sent.values()])
        self._sent.clear()

    def run(self, next_task: Callable[[], Task | None], interruption: Interruption | None = None) -> Iterator[Outcome]:
        """Do every task that `next_task` hands out until it returns None; outcomes come as they are ready.

        A task whose worker is lost is done by another, three times at most. `interruption` is looked at once a second.

        Raises:
            ClusterError: No workers, workers that may not judge, or no scheduler any more.
        """
        self._start(interruption)
        waiting: collections.deque[Task] = collections.deque()
        more = True
        while True:
            self._look(interruption)
            while more and len(waiting) < self._places:
                task = next_task()
                if task is None:
                    more = False
                else:
                    waiting.append(task)
                    self._hand_out(waiting)
                if not self._news.empty():
                    break  # a slot that is free comes before preparing another submission
            self._hand_out(waiting)
            if not more and not waiting and not self._sent:
                return
            yield from self._hear(waiting, 0.0 if more and len(waiting) < self._places else TICK_SECONDS)

    def _start(self, interruption: Interruption | None) -> None:
        """Wait for a worker, then send all of them what judging takes: slots warm up while tasks are prepared."""
        self._count()
        while not self._places:
            time.sleep(START_SECONDS)
            if interruption is not None:
                interruption.check()
            self._count()
        self._line.prepare(self._settings, self._lab, self._news.put)

    def _look(self, interruption: Interruption | None) -> None:
        """Raise what ends a run; now and then, count the workers."""
        if interruption is not None:
            interruption.check()
        self._line.require()
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._count()
            for place, sent in self._sent.items():
                if sent.future.done():  # a worker that was lost with its answer may have kept us from hearing it
                    self._news.put(place)

    def _count(self) -> None:
        found = self._line.places()
        self._places = found if self._most is None else min(found, self._most)
        self._looked = time.monotonic()

    def _hand_out(self, waiting: collections.deque[Task]) -> None:
        # No more than there are slots: whatever waits at a worker would be lost, and suspected, with what ends it.
        while waiting and len(self._sent) < self._places:
            self._num_sent += 1
            place, task = f"{self._run}-{self._num_sent}", waiting.popleft()
            self._sent[place] = _Sent(task, self._send(task, place, 1))

    def _send(self, task: Task, place: str, attempt: int) -> Future[Any]:
        return self._line.send(task, place, attempt, lambda: self._news.put(place))

    def _hear(self, waiting: collections.deque[Task], seconds: float) -> Iterator[Outcome]:
        """Whatever is there within so many seconds."""
        try:
            news = self._news.get(timeout=seconds) if seconds else self._news.get_nowait()
        except queue.Empty:
            return
        if not isinstance(news, str):
            self._show(news)
        elif (outcome := self._outcome(news)) is not None:
            self._hand_out(waiting)  # before anybody saves what has come
            yield outcome

    def _show(self, news: Mapping[str, Any]) -> None:
        running = Running.model_validate_json(news["running"])
        for sent in self._sent.values():
            if sent.task.student == running.student:
                slot = self._slots.setdefault((news["worker"], news["slot"]), len(self._slots))
                if slot != sent.slot:
                    self._rest(sent)
                sent.slot = slot
                self._watch.begins(slot, running)

    def _rest(self, sent: _Sent) -> None:
        if sent.slot is not None:
            self._watch.rests(sent.slot)
            sent.slot = None

    def _outcome(self, place: str) -> Outcome | None:
        """What came of a task that is said to be done; None where it is not after all, or is sent again."""
        sent = self._sent.get(place)
        if sent is None or not sent.future.done():
            return None
        try:
            answer, notebooks = sent.future.result(timeout=TICK_SECONDS)
        except TimeoutError:  # its worker was lost with the answer; Dask does it again
            return None
        except Exception as error:  # whatever it is, it is no fault of the student's
            self._line.require()
            if sent.future.cancelled():
                raise self._line.cancelled() from error
            if sent.attempt < MAX_TRIES:
                sent.attempt += 1
                sent.future = self._send(sent.task, place, sent.attempt)
                return None
            judged = Judged(fault=f"{type(error).__name__}: {error}")
        else:
            judged = Judged.model_validate_json(answer)
            self._line.require_usable(judged)
            _write(sent.task, notebooks)
        self._rest(sent)
        del self._sent[place]
        return Outcome(sent.task, judged.done, judged.ready, judged.fault)


def _write(task: Task, notebooks: Mapping[str, bytes]) -> None:
    """Put the executed notebooks where a worker on this machine would have put them."""
    target = Path(task.executed)
    target.mkdir(parents=True, exist_ok=True)
    for name in task.notebooks:
        if name in notebooks:
            (target / f"{name}.ipynb").write_bytes(notebooks[name])
