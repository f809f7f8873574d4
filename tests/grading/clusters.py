"""A Dask cluster on this machine for as long as tests need it: a scheduler, and workers that are started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.grading.crash import children_of, command_line

DASK = str(Path(sys.executable).with_name("dask"))
SECONDS = 60.0


class DaskCluster:
    """Processes with all they write in one folder.

    Attributes:
        scheduler: The scheduler's process.
        address: Where it listens.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.temporary = folder / "t"  # short: names of sockets lie below it
        self.temporary.mkdir(parents=True)
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start(
            ["scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", self._file], environment
        )
        deadline = time.monotonic() + SECONDS
        while not (self._file.exists() and self._file.read_text().endswith("}")):
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        self.address: str = json.loads(self._file.read_text())["address"]

    def add_workers(self, number: int = 1, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start workers with one thread each; the process is their nanny's, which starts lost ones again."""
        options = ["--nworkers", str(number), "--nthreads", "1", "--host", "127.0.0.1", "--death-timeout", "60"]
        return self.start(["worker", self.address, *options, "--local-directory", self.folder], environment)

    def start(
        self, words: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start one of Dask's commands."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [DASK, *words, "--no-dashboard"],
                env={**os.environ, "TMPDIR": str(self.temporary), **(environment or {})},
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def workers(self) -> list[int]:
        """The processes of its workers, those that nannies keep."""
        children = [pid for process in self._processes for pid in children_of(process.pid)]
        return [pid for pid in children if "spawn_main" in command_line(pid)]

    def judges(self) -> list[int]:
        """The processes that judge, each with a sandbox."""
        return [
            pid
            for worker in self.workers()
            for pid in children_of(worker)
            if "autograder.grading.worker" in command_line(pid)
        ]

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End one of its processes in order."""
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._processes.remove(process)


@contextmanager
def dask_cluster(folder: Path, workers: int, environment: Mapping[str, str] | None = None) -> Iterator[DaskCluster]:
    """A cluster with so many workers, and none of it afterwards; `environment` is the scheduler's."""
    cluster = DaskCluster(folder, environment)
    try:
        if workers:
            cluster.add_workers(workers)
        yield cluster
    finally:
        for process in [*cluster._processes][::-1]:
            cluster.end(process)
