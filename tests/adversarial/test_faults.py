"""Group H where it takes more than one submission: lost workers, missing walls, the same submission many times."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.results import SubmissionResult
from tests.adversarial.case import HONEST, Outcome, append, new_cell, together
from tests.adversarial.classroom import Classroom, classroom
from tests.adversarial.conftest import EVERYTHING
from tests.adversarial.courses import run_command

SLOW = new_cell("import time\ntime.sleep(2)")
# Right more often than not, by dice that the grader has seeded.
DICED = append(
    "classify",
    """
    def classify(images):
        right = -((images[:, None] - centres[None]) ** 2).sum(axis=(2, 3))
        return right + np.random.normal(scale=1.3, size=right.shape)
    """,
)
TWINS = [f"twin-{number}" for number in range(10 if EVERYTHING else 4)]


@pytest.fixture(scope="module")
def room() -> Iterator[Classroom]:
    """A class of one, to which each test adds its own."""
    with classroom([]) as made:
        yield made


def record_of(room: Classroom, student: str) -> SubmissionResult:
    outcome: Outcome = room.outcome(student)
    return outcome.record


def timeless(record: SubmissionResult) -> dict[str, object]:
    """A record without what no two runs share: names, times and what follows from them."""

    def without(value: object) -> object:
        if isinstance(value, dict):
            return {key: without(one) for key, one in value.items() if key not in ("seconds", "started", "student")}
        return [without(one) for one in value] if isinstance(value, list) else value

    stripped = without(record.model_dump(mode="json"))
    assert isinstance(stripped, dict)
    return stripped


def workers_of(grader: int) -> list[int]:
    """The grader's workers, from the system's own tables."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == grader and b"autograder.grading.worker" in words:
            found.append(int(folder.name))
    return found


def test_a_worker_that_is_killed_costs_nobody_a_mark(room: Classroom) -> None:
    students = [f"slow-{number}" for number in range(4)]
    for student in students:
        room.arena.hand_in(student, None if student == students[0] else SLOW)
    words = ["grade", room.arena.lab, "--course", str(room.arena.course.root), "--workers", "2"]
    for student in students:
        words += ["--student", student]
    grader = subprocess.Popen(
        [sys.executable, "-P", "-m", "autograder", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        deadline = time.monotonic() + 60
        first = room.arena.course.results / students[0]  # where there is a result, the others are being run
        while not first.exists() and grader.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(workers_of(grader.pid)[0], signal.SIGKILL)
        shown, _ = grader.communicate(timeout=120)
    finally:
        grader.kill()
    assert grader.returncode == 0, shown
    for student in students:
        assert room.outcome(student).scores == HONEST, room.outcome(student)


def test_without_bubblewrap_nothing_is_run_and_the_message_says_what_to_install(
    room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.arena.hand_in("waits", SLOW)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    done = run_command("grade", room.arena.lab, "--course", str(room.arena.course.root), "--student", "waits")
    assert done.returncode == 1
    assert "bubblewrap" in done.stdout + done.stderr
    assert not (room.arena.course.results / "waits").exists()
    doctor = run_command("doctor", "--course", str(room.arena.course.root))
    assert doctor.returncode == 1
    assert "bubblewrap" in doctor.stdout
    monkeypatch.undo()
    again = run_command("grade", room.arena.lab, "--course", str(room.arena.course.root), "--student", "waits")
    assert again.returncode == 0, again.stdout + again.stderr
    assert room.outcome("waits").scores == HONEST


def test_the_level_of_protection_is_kept_with_every_result_and_said_on_the_page(room: Classroom) -> None:
    room.arena.hand_in("trusted")
    words = ["grade", room.arena.lab, "--course", str(room.arena.course.root), "--student", "trusted"]
    done = run_command(*words, "--no-sandbox")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WITHOUT a sandbox" in done.stdout
    outcome = room.outcome("trusted")
    assert outcome.record.protection.level == "none"
    assert "Graded without a sandbox" in outcome.page
    assert run_command(*words).returncode == 0  # another level is another key: it is run again, within walls
    assert record_of(room, "trusted").protection.level in ("strong", "good")
    assert "Graded without a sandbox" not in room.outcome("trusted").page


def test_an_odd_environment_changes_no_mark(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    room.arena.hand_in("odd")
    for name in ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "PYTHONIOENCODING", "USER", "LOGNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    mask = os.umask(0o077)
    try:
        done = run_command("grade", room.arena.lab, "--course", str(room.arena.course.root), "--student", "odd")
    finally:
        os.umask(mask)
    assert done.returncode == 0, done.stdout + done.stderr
    assert room.outcome("odd").scores == HONEST


def test_the_same_submission_gets_the_same_marks_many_times_side_by_side_and_alone(room: Classroom) -> None:
    for student in TWINS:
        room.arena.hand_in(student, together(DICED))
    words = ["grade", room.arena.lab, "--course", str(room.arena.course.root), "--force"]
    chosen = [word for student in TWINS for word in ("--student", student)]
    assert run_command(*words, *chosen, "--workers", "2").returncode == 0
    first = [timeless(record_of(room, student)) for student in TWINS]
    assert all(one == first[0] for one in first), [one["score"] for one in first]
    assert 0 < (room.outcome(TWINS[0]).scores["classify"] or 0) < HONEST["classify"]
    assert run_command(*words, "--student", TWINS[-1], "--workers", "1").returncode == 0
    assert timeless(record_of(room, TWINS[-1])) == first[0]
