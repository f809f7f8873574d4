"""A machine that judges for a grader elsewhere: the lab's files, and a warm slot for each submission at a time.

What it gets and gives is JSON and bytes. Slots are those of the pool on the grader's own machine, with its deadlines
and its second try.
"""

from __future__ import annotations

import os
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from autograder.errors import SandboxUnavailable
from autograder.grading.interruption import Interruption
from autograder.grading.parcel import unpack
from autograder.grading.pool import Outcome, Pool
from autograder.grading.task import Judged, Running, Settings, Task
from autograder.grading.watch import Watch
from autograder.sandbox.leftovers import PREFIX, sweep
from autograder.sandbox.wall import in_sight

# A grader that was killed cannot say goodbye: what it has made warm here ends by itself.
IDLE_SECONDS = 600.0
LOOK_SECONDS = 30.0

Announce = Callable[[int, Running], None]
"""Told by the number of a slot what begins in it."""


class Recalled(Exception):
    """The grader wants no answer any more."""


class _Recall(Interruption):
    """Whether the grader wants no answer any more."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    def check(self) -> None:
        """Raise Recalled if it does not."""
        if self.asked.is_set():
            raise Recalled


class _Announcing(Watch):
    def __init__(self, number: int, announce: Announce) -> None:
        self._number = number
        self._announce = announce

    def begins(self, worker: int, running: Running) -> None:
        self._announce(self._number, running)


class _Place:
    """Where one submission at a time is judged: a pool of one worker, started anew where there is none."""

    def __init__(self, settings: Settings, watch: Watch) -> None:
        self._settings = settings
        self._watch = watch
        self._pool: Pool | None = None
        self.used = time.monotonic()

    def warm(self) -> Pool:
        if self._pool is None:
            self._pool = Pool(self._settings, 1, self._watch)
        return self._pool

    def judge(self, task: Task, recall: Interruption) -> Outcome:
        waiting = [task]
        try:
            [outcome] = self.warm().run(lambda: waiting.pop() if waiting else None, recall)
        except BaseException as error:
            self.close(error)
            raise
        self.used = time.monotonic()
        return outcome

    def close(self, error: BaseException | None = None) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(type(error) if error is not None else None, error, None)


class Station:
    """Judges submissions of one run, as many at a time as it has places. Close it.

    Args:
        settings: How a slot is made.
        lab: The parcel of the lab's folder; None where it has no checks.
        places: How many submissions at a time.
        announce: Told what begins, in the thread that asked.
    """

    def __init__(self, settings: Settings, lab: bytes | None, places: int, announce: Announce) -> None:
        sweep()
        # Named as slots' folders are: when this process is killed, the next sweep on this machine clears it away.
        self._folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-station-"))
        self._lab = self._folder / "lab"
        self._recall = _Recall()
        self._places: queue.LifoQueue[_Place] = queue.LifoQueue()
        self._num_places = places
        self._sandboxed = settings.sandboxed
        if lab is not None:
            unpack(lab, self._lab)
        for number in range(places):
            place = _Place(settings.model_copy(update={"number": number}), _Announcing(number, announce))
            place.warm()
            self._places.put(place)
        threading.Thread(target=self._cool, name="station", daemon=True).start()

    def judge(self, task: Task, submission: bytes) -> tuple[Judged, dict[str, bytes]]:
        """What came of a task, and its executed notebooks by name.

        Args:
            task: Its paths are those of the grader's machine, and are not looked at.
            submission: The parcel of its folder.

        Raises:
            Recalled: The station was closed meanwhile.
        """
        if self._sandboxed and in_sight(self._folder):
            return Judged(
                unusable=f"expected temporary files outside of what submissions can read, found {self._folder}; "
                "set TMPDIR where the worker is started"
            ), {}
        place = self._places.get()
        try:
            self._recall.check()
            with tempfile.TemporaryDirectory(dir=self._folder, prefix="task-") as scratch:
                return self._judge(place, task, submission, Path(scratch))
        finally:
            self._places.put(place)

    def close(self) -> None:
        """End what runs, and leave nothing behind."""
        self._recall.asked.set()
        for _ in range(self._num_places):
            self._places.get().close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _judge(self, place: _Place, task: Task, submission: bytes, scratch: Path) -> tuple[Judged, dict[str, bytes]]:
        folder, executed = scratch / "submission", scratch / "executed"
        unpack(submission, folder)
        here = task.model_copy(
            update={
                "folder": str(folder),
                "executed": str(executed),
                "checks": None if task.checks is None else str(self._lab / Path(task.checks).name),
            }
        )
        try:
            outcome = place.judge(here, self._recall)
        except SandboxUnavailable as error:
            return Judged(unusable=str(error)), {}
        if outcome.done is None:
            return Judged(fault=outcome.fault), {}
        notebooks = {name: (executed / f"{name}.ipynb").read_bytes() for name in outcome.done.notebooks}
        return Judged(done=outcome.done, ready=outcome.ready), notebooks

    def _cool(self) -> None:
        """End slots that nobody has used for long."""
        while not self._recall.asked.wait(LOOK_SECONDS):
            resting = []
            while True:
                try:
                    resting.append(self._places.get_nowait())
                except queue.Empty:
                    break
            for place in reversed(resting):
                if time.monotonic() - place.used > IDLE_SECONDS:
                    place.close()
                self._places.put(place)
