"""A class on a Dask cluster: a scheduler and workers of Dask's own on this machine, killed while they work."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
import pytest

from autograder.course import Course, course_secret, open_course
from autograder.errors import ClusterError
from autograder.grading import cluster_line
from autograder.grading.cluster_line import Line, places
from autograder.grading.scheduler import Scheduler
from autograder.grading.task import Settings
from autograder.sandbox import Limits
from tests.grading.clusters import DaskCluster, dask_cluster
from tests.grading.courses import ASSIGNMENT, answer, make_course, submit
from tests.grading.snapshot import differences, snapshot

SETTINGS = Settings(limits=Limits(), preload=(), number=0, sandboxed=True)
COURSE_TOML = "[sandbox]\npreload = []\n[limits]\ncell_seconds = 5\ntotal_seconds = 30\n"
# The hidden data is kept as it is read: who has read it where. "killer" ends the Dask worker that its judge belongs to.
CHECKS = '''
import os, signal
from pathlib import Path
from autograder.checks import Failure, Student, check

HERE = Path(__file__).parent
FACTORS = (HERE / "data" / "factors").read_text().split()
SEEN = Path(SEEN_FILE)
with SEEN.open("a") as seen:
    seen.write(f"{HERE} {(HERE / 'data' / 'factors').stat().st_ctime_ns}\\n")

@check(cell="double-tests", weight=3)
def doubles_any_number(student: Student) -> None:
    """`double` doubles any number."""
    number = int(student.rng.integers(1, 10**6))
    if student.call("double", number) != int(FACTORS[0]) * number:
        raise Failure("expected twice the number")

@check(cell="double-tests")
def doubles_a_negative_number(student: Student) -> None:
    """`double` of -3 is -6."""
    if student.call("double", -3) == "kill":
        os.kill(os.getppid(), signal.SIGKILL)
    if student.call("double", -3) != -6:
        raise Failure("expected -6")
'''
RIGHT = "def double(number):\n    return 2 * number"
CLASS = {
    "ada": RIGHT,
    "ben": "def double(number):\n    return number",
    "cleo": "import time\ntime.sleep(0.5)\n" + RIGHT,
    "dora": "def double(number):\n    raise ValueError('no')",
    "emil": "def double(number):\n    return 2 * abs(number)",
    "fay": "import time\ntime.sleep(0.5)\ndef double(number):\n    return number + number",
}
KILLER = {"killer": "def double(number):\n    return 'kill'"}


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dask-"))  # short: names of sockets are
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def base(place: Path) -> Path:
    """Return a released course with a class that has handed in."""
    root = place / "base"
    course = make_course(root)
    (root / "course.toml").write_text(COURSE_TOML)
    data = root / "reference" / ASSIGNMENT / "data"
    data.mkdir(parents=True)
    (data / "factors").write_text("2")
    (data.parent / "checks.py").write_text(CHECKS.replace("SEEN_FILE", repr(str(place / "seen"))))
    (data.parent / "lab.py").write_text("the solution, which no worker needs")
    for student, source in CLASS.items():
        submit(course, student, answer(source))
    course_secret(root)
    return root


@pytest.fixture(scope="module")
def local(base: Path, place: Path) -> dict[str, object]:
    """Return what a run on this machine leaves."""
    course = copied(base, place / "local")
    assert list(lines(grading(course, "--workers", "2")))[-1]["could_not_judge"] == 0
    return snapshot(course)


@pytest.fixture(scope="module")
def cluster(place: Path) -> Iterator[DaskCluster]:
    with dask_cluster(place / "cluster", workers=2) as running:
        yield running


def copied(root: Path, target: Path) -> Course:
    shutil.copytree(root, target)
    return open_course(target)


def grading(course: Course, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "autograder", "grade", ASSIGNMENT, "--course", str(course.root), "--json-lines"]
    return subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines(process: subprocess.Popen[str], status: int = 0) -> Iterator[dict[str, Any]]:
    """Yield what a run says, line by line; at its end its status is compared."""
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        for line in process.stdout:
            yield json.loads(line)
        told = process.stderr.read()
    assert process.returncode == status, told


def test_a_run_that_is_stopped_leaves_no_sandbox_and_the_same_command_ends_as_a_run_on_this_machine(
    base: Path, place: Path, local: dict[str, object], cluster: DaskCluster
) -> None:
    course = copied(base, place / "whole")
    process = grading(course, "--scheduler", cluster.address, "--workers", "1")
    told = []
    for one in lines(process, status=128 + signal.SIGTERM):
        told.append(one["event"])
        if one["event"] == "cell":
            process.terminate()
            assert cluster.judges() != []
    assert told[-1] == "stopped"
    assert cluster.judges() == []
    assert list(cluster.temporary.glob("autograder-*")) == []
    (place / "seen").unlink(missing_ok=True)
    done = [one for one in lines(grading(course, "--scheduler", cluster.address)) if one["event"] == "done"]
    assert sum(one["from_cache"] for one in done) == told.count("done") < len(CLASS) - 2
    assert differences(local, snapshot(course)) == []
    # A worker's judge says from where it has read the lab. Every time the lab arrives it gets a folder of its own.
    read = {line for line in (place / "seen").read_text().splitlines() if str(course.root) not in line}
    assert 1 <= len(read) <= 2


def test_workers_that_are_killed_at_random_change_no_mark(
    base: Path, place: Path, local: dict[str, object], cluster: DaskCluster
) -> None:
    rng = random.Random(5)  # noqa: S311 - the same kills each time
    course = copied(base, place / "killed")
    kills = rng.sample(range(2, 8), 2)
    for number, _ in enumerate(lines(grading(course, "--scheduler", cluster.address))):
        if number in kills:
            time.sleep(rng.uniform(0.0, 0.4))
            os.kill(rng.choice(cluster.workers()), signal.SIGKILL)
    assert differences(local, snapshot(course)) == []


def test_a_submission_that_ends_three_workers_is_set_aside_and_the_others_are_graded(
    base: Path, place: Path, cluster: DaskCluster
) -> None:
    course = copied(base, place / "killer")
    for student in ("dora", "emil", "cleo"):
        shutil.rmtree(course.root / "submitted" / student)
    submit(course, "killer", answer(KILLER["killer"]))
    told = list(lines(grading(course, "--scheduler", cluster.address), status=1))
    status = {one["student"]: (one["status"], one["score"]) for one in told if one["event"] == "done"}
    assert status == {
        "ada": ("graded", 4.0),
        "ben": ("graded", 0.0),
        "fay": ("graded", 4.0),
        "killer": ("could_not_judge", None),
    }
    result = json.loads((course.results / "killer" / f"{ASSIGNMENT}.json").read_text())
    assert "expected a worker that outlives this submission, lost 3" in result["notes"][-1]


def test_a_worker_with_another_version_is_refused_and_one_without_this_package(
    place: Path, cluster: DaskCluster
) -> None:
    metadata = place / "other" / "numpy-0.1.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 0.1\n")
    for environment, message in (
        (with_path(metadata.parents[1]), r"the grader's own versions .*: numpy 0\.1 instead of \d.*, so start it in"),
        (
            without_package(place),
            r"expected autograder, .*, received of tcp://127\.0\.0\.1:\d+: .*No module named autogr",
        ),
    ):
        other = cluster.add_workers(environment=environment)
        with hung_up(Line(Scheduler(cluster.address), "other")) as line:
            wait_for(lambda line=line: line.places() == 3)
            with pytest.raises(ClusterError, match=message):
                line.prepare(SETTINGS, None, print)
            cluster.end(other)
            wait_for(lambda line=line: line.places() == 2)


def test_a_scheduler_without_this_package_is_refused(place: Path) -> None:
    with (
        dask_cluster(place / "bare", 0, without_package(place)) as bare,
        hung_up(Line(Scheduler(bare.address), "bare")) as line,
        pytest.raises(
            ClusterError, match=r"expected autograder, .*, received of the scheduler: .*; start it in the gr"
        ),
    ):
        line.prepare(SETTINGS, None, print)


def with_path(folder: Path) -> dict[str, str]:
    """Return what has Python look into a folder first."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))}


def without_package(place: Path) -> dict[str, str]:
    """Return an environment in which this package is as good as not installed."""
    folder = place / "without" / "autograder"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text("raise ModuleNotFoundError('No module named autograder')\n")
    return with_path(folder.parent)


def test_workers_without_what_a_submission_takes_are_no_workers(
    cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_line, "WORKERS_SECONDS", 0.0)
    with hung_up(Line(Scheduler(cluster.address, {"GPU": 1.0}), "none")) as line:
        with pytest.raises(
            ClusterError, match=r"expected workers .*, with GPU=1, found none for .* \(without that: 2\)"
        ):
            line.places()
        assert places(4, {"GPU": 2.0}, {"GPU": 1.0}) == 2
        assert places(4, {"GPU": 1.0}, {"GPU": 0.2}) == 4
        assert places(4, {}, {}) == 4


def test_where_nobody_answers_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_line, "CONNECT_SECONDS", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ClusterError, match=rf"expected a Dask scheduler at {address}, found none that answers"):
            Line(Scheduler(address), "nobody")


@pytest.mark.parametrize(
    ("settings", "address", "message"),
    [
        (
            {},
            "tls://127.0.0.1:9",
            r"expected certificates for tls://127\.0\.0\.1:9 in Dask's configuration, found none",
        ),
        (
            {"tls.ca-file": "/no", "tls.client.cert": "/no"},
            "tls://127.0.0.1:9",
            r"expected the certificates .*, received .*No such file",
        ),
        ({"require-encryption": True}, "tcp://127.0.0.1:9", r"expected an address that begins with tls://, since"),
    ],
)
def test_what_is_wrong_with_certificates_is_said_before_anybody_is_called(
    settings: dict[str, object], address: str, message: str
) -> None:
    with (
        dask.config.set({f"distributed.comm.{name}": value for name, value in settings.items()}),
        pytest.raises(ClusterError, match=message),
    ):
        Line(Scheduler(address), "nobody")


def test_a_scheduler_that_is_lost_ends_the_run_and_what_is_graded_stays(
    base: Path, place: Path, cluster: DaskCluster
) -> None:
    course = copied(base, place / "lost")
    process = grading(course, "--scheduler", cluster.address, "--workers", "1")
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        for line in process.stdout:
            if json.loads(line)["event"] == "done":
                cluster.scheduler.kill()
                break
        process.stdout.read()
        told = process.stderr.read()
    assert process.returncode == 1
    assert told.startswith(f"expected the scheduler {cluster.address} until the end of the run, lost it")
    assert told.endswith("what is graded stays graded, and the same command goes on\n")
    assert len(list(course.results.glob(f"*/{ASSIGNMENT}.json"))) >= 1


@contextmanager
def hung_up(line: Line) -> Iterator[Line]:
    try:
        yield line
    finally:
        line.hang_up([])


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
