"""What runs within a Dask worker: a station that comes with the run's plugin, and the task that asks it.

A plugin reaches every worker once, those too that join later, and so do the lab's files in it. Everything of a student
comes and goes as JSON and bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path

from distributed import Worker, WorkerPlugin, get_worker

import autograder
from autograder.grading.key import versions
from autograder.grading.station import Station
from autograder.grading.task import Judged, Running, Settings, Task

MAX_TRIES = 3
DIGITS = 8  # of the digest of this package's code: enough to tell two versions apart


def installed() -> dict[str, str]:
    """Versions of everything a mark follows from; of this package its code, since a clone keeps its number."""
    root = Path(autograder.__file__).parent
    code = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        code.update(hashlib.sha256(str(path.relative_to(root)).encode()).digest())
        code.update(hashlib.sha256(path.read_bytes()).digest())
    return {**versions(), "autograder": f"{autograder.__version__} ({code.hexdigest()[:DIGITS]})"}


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What is of another version there than here; empty where nothing is."""
    return ", ".join(
        f"{name} {found.get(name, '(none)')} instead of {expected.get(name, '(none)')}"
        for name in sorted({*expected, *found})
        if expected.get(name) != found.get(name)
    )


class StationPlugin(WorkerPlugin):
    """Keeps a station at a worker while a run lasts.

    Args:
        name: The plugin's name.
        settings: How slots are made, as JSON.
        lab: The parcel of the lab's folder; None where it has no checks.
        expected: The versions that the grader has.
    """

    def __init__(self, name: str, settings: str, lab: bytes | None, expected: Mapping[str, str]) -> None:
        self.name = name
        self._settings = settings
        self._lab = lab
        self._expected = dict(expected)
        self._station: Station | None = None
        self._unusable = ""

    def setup(self, worker: Worker) -> None:
        """Start it; what is in the way is told to whoever asks for a judgement."""

        def announce(slot: int, running: Running) -> None:
            news = {"worker": worker.address, "slot": slot, "running": running.model_dump_json()}
            worker.log_event(self.name, news)

        lab, self._lab = self._lab, None  # on the disk from now on
        try:
            other = differences(self._expected, installed())
            if other:
                self._unusable = f"expected the grader's own versions, found {other}; give it the same environment"
            else:
                settings = Settings.model_validate_json(self._settings)
                self._station = Station(settings, lab, worker.state.nthreads, announce)
        except Exception as error:  # noqa: BLE001 - a worker that fails to start would be started again for ever
            self._unusable = f"{type(error).__name__}: {error}"

    async def teardown(self, worker: Worker) -> None:
        """End it; submissions that run are given up."""
        station, self._station = self._station, None
        self._unusable = "its station was closed"
        if station is not None:
            await asyncio.to_thread(station.close)

    def judge(self, task: Task, submission: bytes) -> tuple[Judged, dict[str, bytes]]:
        """What came of a task, and its executed notebooks by name."""
        if self._station is None:
            return Judged(unusable=self._unusable), {}
        return self._station.judge(task, submission)


def judge(plugin: str, place: str, task: str, submission: bytes) -> tuple[str, dict[str, bytes]]:
    """Dask's task: one submission.

    Args:
        plugin: The name of the run's plugin.
        place: Where the scheduler keeps how often this submission was begun: one that ends its workers is begun
            `MAX_TRIES` times.
        task: The `Task`, as JSON.
        submission: The parcel of its folder.

    Returns:
        The `Judged`, as JSON, and the executed notebooks by name.
    """
    worker = get_worker()
    begin = _begin(worker, [plugin, place])
    loop: asyncio.AbstractEventLoop = worker.loop.asyncio_loop  # type: ignore[attr-defined] # tornado's stubs hide it
    if not asyncio.run_coroutine_threadsafe(begin, loop).result():
        fault = f"expected a worker that outlives this submission, lost {MAX_TRIES}; their logs may say why"
        return Judged(fault=fault).model_dump_json(), {}
    station = worker.plugins[plugin]
    assert isinstance(station, StationPlugin)
    judged, notebooks = station.judge(Task.model_validate_json(task), submission)
    return judged.model_dump_json(), notebooks


async def _begin(worker: Worker, keys: list[str]) -> bool:
    """Count a beginning where the scheduler keeps count; False where there were enough of them."""
    begun = await worker.scheduler.get_metadata(keys=keys, default=0)
    if begun < MAX_TRIES:
        await worker.scheduler.set_metadata(keys=keys, value=begun + 1)
    return bool(begun < MAX_TRIES)
