"""Where the CPU time of grading a class goes: the students' own cells and the checks' questions, and everything else.

`autograder grade` runs as anybody starts it; meanwhile /proc is read 50 times a second for what each process has used.
Processes are told apart by what they are: the grader, its workers, the warm processes that import Keras once, and the
runs these fork, one for each kernel. A run also pays for being forked and for IPython; a class whose notebooks hold one
empty function each says how much that is. What is left of the runs is students' cells, and questions put to them.

Run with `make bench-overhead`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from one_submission import BIN, ENVIRONMENT
from throughput import KERAS, LAB, NUMPY, make_course

STUDENTS = 30
READ_SECONDS = 0.02
TICKS = os.sysconf("SC_CLK_TCK")
EMPTY = (("build", "def build():\n    pass"), ("test-build", "build()"))
KINDS = ("grader", "workers", "warm processes", "runs")


@dataclass
class Usage:
    """CPU seconds by kind of process, and how many runs there were."""

    seconds: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    wall: float = 0.0

    @property
    def total(self) -> float:
        """Of all processes."""
        return sum(self.seconds.values())


@dataclass(frozen=True)
class Process:
    """What /proc says of a process."""

    pid: int
    parent: int
    seconds: float
    command: str


def processes() -> Iterator[Process]:
    """Every process there is now."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        yield Process(int(folder.name), int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS, command)


def measured(command: list[str], folder: Path) -> Usage:
    """Run a command to its end and see what its processes use.

    Raises:
        AssertionError: It failed.
    """
    usage, used, kinds = Usage(), {}, {}
    begun = time.monotonic()
    with tempfile.TemporaryFile() as shown:
        grader = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=shown, stderr=shown)
        kinds[grader.pid] = "grader"
        while grader.poll() is None:
            for one in sorted(processes(), key=lambda one: one.pid):
                if one.pid not in kinds and one.parent in kinds:
                    kinds[one.pid] = kind_of(one, kinds[one.parent])
                    usage.runs += kinds[one.pid] == "runs" and kinds[one.parent] == "warm processes"
                if one.pid in kinds:
                    used[one.pid] = one.seconds
            time.sleep(READ_SECONDS)
        shown.seek(0)
        assert grader.returncode == 0, shown.read().decode()[-2000:]
    usage.wall = time.monotonic() - begun
    for pid, seconds in used.items():
        usage.seconds[kinds[pid]] += seconds
    return usage


def kind_of(process: Process, parent: str) -> str:
    """What a new process is, from its command and from what its parent is."""
    if parent in ("warm processes", "runs"):
        return "runs"
    program = Path(process.command.partition(" ")[0]).name
    if "zygote.py" in process.command and program != "bwrap":
        return "warm processes"
    return "workers" if parent == "workers" or "autograder.grading.worker" in process.command else "grader"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=STUDENTS)
    students = parser.parse_args().students
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as scratch:
        grade = [str(BIN / "autograder"), "grade", "--workers", "2", "--force"]
        demo = Path(scratch) / "demo"
        subprocess.run(
            [str(BIN / "autograder"), "demo", "--into", str(demo)],
            env=ENVIRONMENT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        classes = {name: make_course(Path(scratch) / name, cells, students)
                   for name, cells in (("empty", EMPTY), ("NumPy", NUMPY), ("light Keras", KERAS))}  # fmt: skip
        found = {name: measured([*grade, LAB], course) for name, course in classes.items()}
        found["demo"] = measured([*grade, "cnn_digits"], demo)
    each = found["empty"].seconds["runs"] / found["empty"].runs
    print(f"{'CPU seconds':<16}" + "".join(f"{name:>14}" for name in found))
    for kind in KINDS:
        print(f"{kind:<16}" + "".join(f"{one.seconds[kind]:>14.1f}" for one in found.values()))
    print(f"{'number of runs':<16}" + "".join(f"{one.runs:>14}" for one in found.values()))
    own = {name: max(0.0, one.seconds["runs"] - each * one.runs) for name, one in found.items()}
    print(f"{'cells, questions':<16}" + "".join(f"{seconds:>14.1f}" for seconds in own.values()))
    print(f"{'all else':<16}" + "".join(f"{1 - own[name] / one.total:>14.0%}" for name, one in found.items()))
    print(f"{'wall seconds':<16}" + "".join(f"{one.wall:>14.1f}" for one in found.values()))


if __name__ == "__main__":
    sys.exit(main())
