"""A class by two sandboxes of this machine, and by a Dask cluster of two workers on the same machine, side by side.

The classes are those of `make bench-class`. The cluster is there before the clock runs, as it is in a course; its
sandboxes are started by each run, as the pool's are. Sides take turns, so that what slows the machine down slows both.

Run with `make bench-cluster`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from one_submission import BIN, ENVIRONMENT
from throughput import CLASSES, STUDENTS, make_course, ours, together

WORKERS = 2
ROUNDS = 2
START_SECONDS = 60.0
READY_SECONDS = 5.0  # two workers import what they need


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a scheduler that has two workers."""
    folder.mkdir()
    told = folder / "scheduler.json"
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> None:
        with (folder / "log").open("ab") as log:
            command = [str(BIN / "dask"), *words, "--host", "127.0.0.1", "--no-dashboard"]
            started.append(subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=log, stderr=log))

    try:
        start("scheduler", "--port", "0", "--scheduler-file", str(told))
        deadline = time.monotonic() + START_SECONDS
        while not told.exists() or not told.read_text().endswith("}"):
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.1)
        address = json.loads(told.read_text())["address"]
        start("worker", address, "--nworkers", str(WORKERS), "--nthreads", "1", "--local-directory", str(folder))
        time.sleep(READY_SECONDS)
        yield address
    finally:
        for process in started[::-1]:
            process.terminate()
            process.wait()


def main() -> None:
    """Print a table for each class."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as scratch, cluster(Path(scratch) / "dask") as address:
        local = ours(WORKERS)
        sides = {
            "2 sandboxes of this machine": local,
            "2 workers of a Dask cluster": [[*command, "--scheduler", address] for command in local],
        }
        for name, cells in CLASSES.items():
            fresh = make_course(Path(scratch) / name.replace(" ", "-") / "fresh", cells, options.students)
            print(f"{f'{options.students} submissions, {name}':<32}{'seconds':>20}{'a minute':>10}{'of the first':>14}")
            taken: dict[str, list[float]] = {side: [] for side in sides}
            for number in range(options.rounds):
                for side, commands in [*sides.items()][:: -1 if number % 2 else 1]:
                    course = fresh.parent / "course"
                    shutil.copytree(fresh, course)
                    taken[side].append(together(commands, course)[0])
                    shutil.rmtree(course)
            first = 0.0
            for side, seconds in taken.items():
                rate = 60 * options.students * len(seconds) / sum(seconds)
                first = first or rate
                shown = " + ".join(f"{one:.1f}" for one in seconds)
                print(f"{side:<32}{shown:>20}{rate:>10.1f}{rate / first:>14.2f}", flush=True)
            print()


if __name__ == "__main__":
    sys.exit(main())
