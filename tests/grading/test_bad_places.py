"""Locked gradebooks, read-only folders and odd environments: a sentence, nothing lost, and the same command ends it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from autograder.course import Course, open_course
from autograder.errors import AutograderError
from autograder.grading.ledger import Ledger
from tests.grading.by_hand import grade_by_hand
from tests.grading.courses import ASSIGNMENT, answer, submit
from tests.grading.snapshot import rows

AS_ROOT = os.getuid() == 0


@contextmanager
def held(gradebook: Path, how: str) -> Iterator[sqlite3.Connection]:
    """Hold a lock as another program does: "IMMEDIATE" lets others read, "EXCLUSIVE" does not."""
    with closing(sqlite3.connect(gradebook, isolation_level=None, check_same_thread=False)) as other:
        other.execute(f"BEGIN {how}")
        yield other


def mark(course: Course) -> float | None:
    with course.gradebook() as gradebook:
        return gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "ann").auto_score


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_gradebook_that_is_held_for_a_moment_is_waited_for(course: Course, how: str) -> None:
    submit(course, "ann", answer())
    with held(course.root / "gradebook.db", how) as other:
        release = threading.Timer(7.0, other.rollback)  # longer than SQLAlchemy's own 5 s
        release.start()
        grade_by_hand(course, "ann")
        release.join()
    assert mark(course) == 4.0


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_gradebook_that_stays_held_is_a_sentence_and_costs_nothing(
    course: Course, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    submit(course, "ann", answer("def double(number):\n    return number"))
    for module in ("autograder.course.gradebook_trouble", "autograder.grading.gradebook_file"):
        monkeypatch.setattr(f"{module}.BUSY_SECONDS", 0.3)
    with (
        held(course.root / "gradebook.db", how),
        pytest.raises(AutograderError, match=r"database is locked.* the same\s+command again") as caught,
    ):
        grade_by_hand(course, "ann", right=False)
    assert "\n" not in str(caught.value)
    assert mark(course) == 4.0
    assert grade_by_hand(course, "ann", right=False).score == 0.0
    assert mark(course) == 0.0


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write to a folder: by its mode, or by a mount where we are root, who may do anything."""
    folder.mkdir(parents=True, exist_ok=True)
    if not AS_ROOT:
        folder.chmod(0o555)
    else:
        subprocess.run(["mount", "--bind", folder, folder], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield
    finally:
        if not AS_ROOT:
            folder.chmod(0o755)
        else:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("results", r"expected to write to .*results, received .*; permit it"),
        ("autograded", r"expected to save the marks of ann .*received OSError: .*nothing was changed"),
        ("database", r"received OperationalError: .*; permit (reading and )?writing"),
    ],
)
def test_a_folder_that_may_not_be_written_is_a_sentence_and_costs_nothing(
    course: Course, place: str, sentence: str
) -> None:
    (course.root / "database").mkdir()
    (course.root / "gradebook.db").rename(course.root / "database" / "gradebook.db")
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("c.CourseDirectory.db_url = 'sqlite:///database/gradebook.db'\n")
    course = open_course(course.root)
    submit(course, "ann", answer())
    with read_only(course.root / place), pytest.raises(AutograderError, match=sentence) as caught:
        grade_by_hand(course, "ann")
    assert "\n" not in str(caught.value)
    grade_by_hand(course, "ann")
    assert mark(course) == 4.0
    assert rows(course.root / "database" / "gradebook.db")["rows of submitted_assignment"] == 1
    assert set(Ledger(course.results / "ledger.jsonl").read().marks) == {("ann", ASSIGNMENT)}


ENVIRONMENTS = {
    "without HOME": {"HOME": None},
    "in the plain C locale": {"LC_ALL": "C", "LANG": None},
    "with a strict umask": {},
    "with a temporary folder nothing can be started from": {"TMPDIR": "noexec"},
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_class_is_graded_as_always(course: Course, tmp_path: Path, name: str) -> None:
    (course.root / "course.toml").write_text("[sandbox]\npreload = []\n[limits]\ncell_seconds = 3\n")
    submit(course, "zoë", answer("print('größer')\ndef double(number):\n    return 2 * number"))
    changes = dict(ENVIRONMENTS[name])
    short = Path("/tmp") / f"noexec-{os.getpid()}"
    if "TMPDIR" in changes:
        if not AS_ROOT:
            pytest.skip("mounting a disk that nothing can be started from needs root")
        short.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,noexec", "tmpfs", short], check=True)
        changes["TMPDIR"] = str(short)
    variables = {key: value for key, value in {**os.environ, **changes}.items() if value is not None}
    command = [sys.executable, "-m", "autograder", "grade", ASSIGNMENT, "--course", str(course.root), "--workers", "1"]
    try:
        umask = 0o077 if "umask" in name else -1
        done = subprocess.run(command, env=variables, umask=umask, capture_output=True, timeout=120)
    finally:
        if short.exists():
            subprocess.run(["umount", short], check=True)
            shutil.rmtree(short)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((course.results / "zoë" / "sums.json").read_text(encoding="utf-8"))
    assert (result["score"], result["status"]) == (4.0, "graded")
    assert (course.root / "reports" / ASSIGNMENT).is_dir()


def test_a_locale_that_cannot_name_students_is_refused_with_the_way_out(course: Course) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "autograder", "grade", ASSIGNMENT, "--course", str(course.root)]
    done = subprocess.run(command, env={**os.environ, **ascii_only}, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("expected a locale of UTF-8, received one of ascii; set LC_ALL=C.UTF-8")
