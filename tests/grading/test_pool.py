"""Workers side by side: lost ones are replaced, and what they held is done again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.errors import SandboxUnavailable
from autograder.grading import pool as pool_module
from autograder.grading.pool import Outcome, Pool
from autograder.grading.task import Running, Settings, Task
from autograder.grading.watch import Watch
from autograder.sandbox import Limits
from autograder.sandbox.leftovers import left_by
from tests.sandbox.kernels import descendants

SETTINGS = Settings(
    limits=Limits(cell_seconds=5, total_seconds=3, memory_mib=512, processes=64), preload=(), number=0, sandboxed=True
)
CHECKS = '''
import os, signal, time
from pathlib import Path
from autograder.checks import Student, check

@check(cell="tests")
def says_who_it_is(student: Student) -> float:
    """It says who it is."""
    name = student.value("name")
    marks = Path(__file__).parent
    if name == "killer" or (name == "once" and not (marks / "killed").exists()):
        (marks / "killed").write_text("x")
        os.kill(os.getpid(), signal.SIGKILL)
    while name == "endless":
        time.sleep(0.1)
    return float(student.rng.integers(1, 99)) / 100
'''


@pytest.fixture
def make_task(tmp_path: Path) -> Callable[[str], Task]:
    """Return a maker of tasks: a submission that says its student's name."""
    (tmp_path / "checks.py").write_text(CHECKS)

    def make(student: str) -> Task:
        folder = tmp_path / student
        folder.mkdir()
        tests = new_code_cell("print(name)", metadata={"nbgrader": {"grade_id": "tests", "grade": True}})
        notebook = new_notebook(cells=[new_code_cell(f"name = {student.rstrip('0123456789')!r}"), tests])
        nbformat.write(notebook, folder / "lab.ipynb")
        return Task(
            student=student,
            folder=str(folder),
            notebooks=("lab",),
            checks=str(tmp_path / "checks.py"),
            seed="course/lab",
            executed=str(tmp_path / "executed" / student),
        )

    return make


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    before = descendants(os.getpid())
    yield
    assert descendants(os.getpid()) == before


class Seen(Watch):
    """Keeps what it is told: student, cell and whether it is checked; "" for a worker that rests."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, bool]] = []

    def begins(self, worker: int, running: Running) -> None:
        self.told.append((running.student, running.cell, running.checking))

    def rests(self, worker: int) -> None:
        self.told.append(("", "", False))


def outcomes(tasks: list[Task], workers: int = 1, watch: Watch | None = None) -> list[Outcome]:
    waiting = list(tasks)
    with Pool(SETTINGS, workers, watch) as pool:
        return list(pool.run(lambda: waiting.pop(0) if waiting else None))


def fractions(found: list[Outcome]) -> dict[str, float | None]:
    return {
        one.task.student: one.done.notebooks["lab"].verdicts["tests"][0].fraction
        for one in found
        if one.done is not None
    }


def test_tasks_are_done_whatever_their_order_and_however_many_workers(make_task: Callable[[str], Task]) -> None:
    tasks = [make_task(f"student{number}") for number in range(3)]
    found = outcomes(tasks, workers=2)
    assert all(one.fault == "" and one.ready is not None for one in found)
    assert sorted(one.task.student for one in found) == [f"student{number}" for number in range(3)]
    for task in tasks:
        executed = nbformat.read(Path(task.executed) / "lab.ipynb", as_version=4)
        assert executed.cells[1].outputs[0].text == "student\n"
    assert fractions(found) == fractions(outcomes(tasks[::-1]))


def test_tasks_are_prepared_ahead_while_workers_warm_up_but_not_all_of_a_large_class(
    make_task: Callable[[str], Task],
) -> None:
    most = pool_module.AHEAD + 1  # one more than wait is with the worker
    waiting = [make_task(f"student{number}") for number in range(most + 3)]
    left = []
    with Pool(SETTINGS, 1) as pool:
        for _ in pool.run(lambda: waiting.pop(0) if waiting else None):
            left.append(len(waiting))
    assert left[0] in (2, 3)
    assert left[-1] == 0


def test_nothing_to_do_is_done_at_once() -> None:
    assert outcomes([]) == []


def test_a_task_whose_worker_dies_is_done_again_by_a_fresh_one(make_task: Callable[[str], Task]) -> None:
    found = outcomes([make_task("once"), make_task("student")])
    assert {one.task.student: one.fault for one in found} == {"once": "", "student": ""}
    assert len(fractions(found)) == 2


def test_a_task_that_kills_two_workers_is_given_up_and_the_others_are_done(make_task: Callable[[str], Task]) -> None:
    seen = Seen()
    found = outcomes([make_task("killer"), make_task("student")], watch=seen)
    faults = {one.task.student: one.fault for one in found}
    assert faults == {"killer": "the worker ended (exit status -9)", "student": ""}
    assert list(fractions(found)) == ["student"]
    begun = [student for student, cell, _ in seen.told if not cell]  # on a busy machine a cell may be passed over
    assert begun == ["killer", "", "killer", "", "student", ""]


def test_a_check_that_never_returns_is_ended_at_the_deadline(
    make_task: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "GRACE_SECONDS", 1.0)
    begun = time.monotonic()
    seen = Seen()
    found = outcomes([make_task("endless"), make_task("student")], workers=2, watch=seen)
    assert time.monotonic() - begun < 90  # two deadlines of 4 s, and the start of three workers
    faults = {one.task.student: one.fault for one in found}
    assert faults == {"student": "", "endless": "the worker ended (exit status -9)"}
    assert ("endless", "tests", True) in seen.told


def test_a_worker_that_dies_while_it_waits_is_replaced(make_task: Callable[[str], Task]) -> None:
    first, second = make_task("student"), make_task("student1")
    with Pool(SETTINGS, 1) as pool:
        waiting = [first]
        [one] = list(pool.run(lambda: waiting.pop() if waiting else None))
        assert one.fault == ""
        os.kill(pool._workers[0].process.pid, signal.SIGKILL)
        pool._workers[0].process.wait()
        waiting = [second]
        [other] = list(pool.run(lambda: waiting.pop() if waiting else None))
    assert (other.fault, sorted(fractions([other]))) == ("", ["student1"])


def test_a_machine_without_a_sandbox_grades_nothing(
    make_task: Callable[[str], Task], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match=r"expected bubblewrap .* on this machine, found none"):
        outcomes([make_task("student")])


def test_a_fault_that_is_no_crash_is_told_in_full(make_task: Callable[[str], Task]) -> None:
    task = make_task("student")
    (Path(task.folder) / "lab.ipynb").write_text("no notebook")
    [found] = outcomes([task])
    assert found.done is None
    assert "NotJSONError" in found.fault


def test_leaving_early_ends_the_workers_and_leaves_nothing_of_them(make_task: Callable[[str], Task]) -> None:
    waiting = [make_task("student"), make_task("endless")]
    workers: set[int] = set()

    def interrupted() -> None:
        with Pool(SETTINGS, 2) as pool:

            def hand_out() -> Task:
                if waiting:
                    return waiting.pop()
                if all(worker.ready is not None for worker in pool._workers):
                    assert len({folder.name for folder in left_by(workers)}) >= 2
                    raise KeyboardInterrupt  # not a signal: what runs in a shell's background is started deaf to it
                time.sleep(0.05)
                return make_task(f"student{time.monotonic_ns()}")

            workers.update(worker.process.pid for worker in pool._workers)
            list(pool.run(hand_out))

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert left_by(workers) == []
