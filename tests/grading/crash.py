"""Kill the grader at seeded points, run it again, and compare with a run that nobody disturbed (`make crash`).

    python -m tests.grading.crash                       100 points in time, and every point within saving
    python -m tests.grading.crash --points 8 --seed 3   eight points in time
    python -m tests.grading.crash --point 17            that one again, alone

A point in time is one SIGKILL to the grader, to a worker or to all of them while a small class is graded. A point
within saving is one change to the disk that grading a submission makes: the grader ends right before it.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from autograder.course import Course, course_secret, open_course
from tests.grading.courses import ASSIGNMENT, answer, make_course, submit
from tests.grading.saving_points import kill_within_saving
from tests.grading.snapshot import differences, snapshot

PR_SET_CHILD_SUBREAPER = 36
ORPHAN_SECONDS = 20.0
RUN_SECONDS = 240.0
UNREAD = 1  # the exit status of a whole run: what hal has handed in cannot be read
SETTINGS = '[sandbox]\npreload = ["numpy"]\n[limits]\ncell_seconds = 5\ntotal_seconds = 30\n'
CHECKS = '''
import numpy as np
from autograder.checks import Failure, Student, check

@check(cell="double-tests", weight=3)
def doubles_any_array(student: Student) -> None:
    """`double` doubles any array."""
    array = student.rng.normal(size=(3, 4))
    if not np.allclose(student.call("double", array), 2 * array):
        raise Failure("expected twice the array")

@check(cell="double-tests")
def doubles_zero(student: Student) -> None:
    """`double` of zero is zero."""
    if student.call("double", 0) != 0:
        raise Failure("expected 0")
'''
CLASS = {
    "ada": "import numpy as np\ndef double(number):\n    return np.multiply(number, 2)",
    "ben": "def double(number):\n    return number",
    "cleo": "import time\ntime.sleep(0.4)\ndef double(number):\n    return 2 * number",
    "dora": "import os, time\ntime.sleep(0.3)  # or what it says of itself may be lost\nos._exit(7)",
    "emil": "def double(number):\n    return 0 * number",
    "fay": "print('noise' * 1000)\ndef double(number):\n    raise ValueError('no')",
    "gus": "def double(number):\n    return number + number",
}
KINDS = ("grader", "grader", "grader", "worker", "workers", "everything")


def make_class(root: Path) -> Course:
    """A released course with a lab that needs NumPy only, seven submissions and one that is no notebook."""
    course = make_course(root, files={"data.csv": "1,2\n"})
    (root / "course.toml").write_text(SETTINGS)
    (root / "reference" / ASSIGNMENT).mkdir(parents=True)
    (root / "reference" / ASSIGNMENT / "checks.py").write_text(CHECKS)
    for student, source in CLASS.items():
        submit(course, student, answer(source))
    (submit(course, "hal") / "sums.ipynb").write_text("{no notebook")
    course_secret(root)  # every copy of the course has the same: seeds, and with them results, follow from it
    return open_course(root)


class Grader:
    """`autograder grade` in a process of its own, with a temporary folder of its own.

    Attributes:
        pids: Its process and its workers, as far as they were seen: control groups bear their numbers.
    """

    def __init__(self, course: Course, temporary: Path) -> None:
        temporary.mkdir(exist_ok=True)
        self.log = temporary.with_name("log").open("ab")
        command = [sys.executable, "-m", "autograder", "grade", ASSIGNMENT, "--workers", "2"]
        self.process = subprocess.Popen(
            [*command, "--course", str(course.root)],
            env={**os.environ, "TMPDIR": str(temporary)},
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.pids = {self.process.pid}

    def workers(self) -> list[int]:
        """The workers' process ids, as of now."""
        found = [pid for pid in children_of(self.process.pid) if "autograder.grading.worker" in command_line(pid)]
        self.pids.update(found)
        return found

    def kill(self, kind: str, rng: random.Random) -> None:
        """Send SIGKILL to what `kind` says, as far as it is there."""
        workers = self.workers()
        targets = {
            "grader": [self.process.pid],
            "worker": workers and [rng.choice(workers)],
            "workers": workers,
            "everything": [self.process.pid, *workers],
        }[kind]
        for pid in targets:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        deadline = time.monotonic() + RUN_SECONDS
        with self.log:
            while (status := self.process.poll()) is None:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"expected the grader to end within {RUN_SECONDS:.0f} s, it did not")
                self.workers()
                time.sleep(0.1)
            return status


def children_of(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            found.append(int(path.parent.name))
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def orphans_left() -> list[str]:
    """What of a killed grader still runs after a while: all of it is handed to this process, their subreaper."""
    deadline = time.monotonic() + ORPHAN_SECONDS
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return []
        if time.monotonic() > deadline:
            return [command_line(pid)[:200] for pid in children_of(os.getpid())]
        time.sleep(0.02)


def things_left(temporary: Path, graders: Sequence[Grader]) -> list[str]:
    """Files, mounts and control groups that outlive the graders they were made for; those of others are theirs."""
    found = [f"temporary {path.name}" for path in temporary.iterdir()]
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    found += [f"mount {line.split()[1]}" for line in mounts if str(temporary) in line]
    ours = {str(pid) for grader in graders for pid in grader.pids}
    for group in Path("/sys/fs/cgroup").glob("*/autograder-*"):
        owner = re.match(r"autograder-(\d+)-", group.name)
        if owner is not None and owner[1] in ours and group.is_dir():
            found.append(f"control group {group}")
    return found


@contextmanager
def workplace() -> Iterator[Path]:
    """A short folder (names of sockets are short) that goes away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="crash-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def undisturbed(base: Path) -> tuple[dict[str, object], float]:
    """What an undisturbed run leaves, and how long it takes."""
    with workplace() as place:
        course = open_course(shutil.copytree(base, place / "c"))
        begun = time.monotonic()
        grader = Grader(course, place / "t")
        status = grader.wait()
        took = time.monotonic() - begun
        if status != UNREAD or orphans_left() or things_left(place / "t", [grader]):
            raise SystemExit(f"the undisturbed run failed ({status}): {(place / 'log').read_text()}")
        return snapshot(course), took


def point(number: int, seed: int, base: Path, expected: dict[str, object], took: float) -> list[str]:
    """Kill a run at one point and run it again; what is not as it should be."""
    rng = random.Random(f"{seed}/{number}")
    kind, after = rng.choice(KINDS), rng.uniform(0.0, took)
    print(f"point {number} (seed {seed}): {kind} after {after:.2f} s", end=" ", flush=True)
    faults = []
    with workplace() as place:
        course = open_course(shutil.copytree(base, place / "c"))
        first = Grader(course, place / "t")
        time.sleep(after)
        first.kill(kind, rng)
        first.wait()
        faults += [f"still running: {one}" for one in orphans_left()]
        second = Grader(course, place / "t")
        status = second.wait()
        if status != UNREAD:
            faults.append(f"the second run ended with {status}: {(place / 'log').read_text()[-2000:]}")
        faults += [f"still running: {one}" for one in orphans_left()]
        faults += things_left(place / "t", [first, second])
        faults += differences(expected, snapshot(course))
    print("ok" if not faults else "FAILED", flush=True)
    for fault in faults:
        print(f"    {fault}")
    return faults


def main() -> int:
    """Run the points; the exit status says whether all held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100, help="how many points in time")
    parser.add_argument("--seed", type=int, default=1, help="what the points follow from")
    parser.add_argument("--point", type=int, help="only this point in time")
    parser.add_argument(
        "--saving", type=int, default=1, metavar="STEP", help="every STEPth point within saving; 0: none"
    )
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    numbers = [options.point] if options.point is not None else range(options.points)
    failed = []
    with workplace() as place:
        base = make_class(place / "base").root
        if options.saving and options.point is None:
            tried, faults = kill_within_saving(place, options.saving)
            failed += faults
            for fault in faults:
                print(fault)
            print(f"{tried} points within saving, {len(faults)} faults", flush=True)
        if numbers:
            expected, took = undisturbed(base)
            bad = [number for number in numbers if point(number, options.seed, base, expected, took)]
            failed += bad
            print(f"{len(numbers)} points in time over {took:.1f} s, {len(bad)} failed {bad or ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
