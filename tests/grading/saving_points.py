"""End the grader right before each single change it makes to the disk for one submission, then run it again."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.course import course_secret, open_course
from autograder.grading.grade import Options, Run
from tests.grading.by_hand import finish_by_hand, grade_by_hand
from tests.grading.courses import ASSIGNMENT, answer, make_course, submit
from tests.grading.snapshot import differences, snapshot

STUDENT = "ann"
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "os.link", "sqlite3.connect"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Fuse:
    """Kills its process at the given change to the disk, counted from 1."""

    def __init__(self, at: int) -> None:
        self.left = at

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in CHANGES or (name == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING):
            self.burn()

    def light(self) -> None:
        sys.addaudithook(self.on_audit)
        event.listen(Engine, "commit", lambda _: self.burn())


def kill_within_saving(place: Path, step: int = 1) -> tuple[int, list[str]]:
    """Try the points of a first and of a second submission; how many there were, and what went wrong."""
    released = make_course(place / "released", files={"data.csv": "1,2\n"})
    course_secret(released.root)
    submit(released, STUDENT, answer())
    tried, faults = _points(released.root, place, step, "first")
    grade_by_hand(released, STUDENT, right=False)
    with released.gradebook() as gradebook:
        gradebook.find_grade("double-tests", "sums", ASSIGNMENT, STUDENT).manual_score = 1.5
        gradebook.db.commit()
    submit(released, STUDENT, answer("def double(number):\n    return number + number"))
    more, others = _points(released.root, place, step, "second")
    return tried + more, faults + others


def _points(base: Path, place: Path, step: int, name: str) -> tuple[int, list[str]]:
    before = _marks(base)
    whole = Path(shutil.copytree(base, place / "whole"))
    _in_child(whole, 0)
    expected = snapshot(open_course(whole))
    after = _marks(whole)
    shutil.rmtree(whole)
    faults = []
    for count, at in enumerate(range(1, 100_000, step)):
        root = Path(shutil.copytree(base, place / "killed"))
        completed = _in_child(root, at)
        between = _marks(root)
        if between not in (before, after):
            faults.append(f"{name} submission, point {at}: marks between are {between}")
        if not _in_child(root, 0):
            faults.append(f"{name} submission, point {at}: the second run failed")
        said = differences(expected, snapshot(open_course(root)))
        faults += [f"{name} submission, point {at}: {one}" for one in said]
        shutil.rmtree(root)
        if completed:
            return count, faults
    raise AssertionError("expected an end of the points, found none")


def _in_child(root: Path, at: int) -> bool:
    """Grade in a forked process that ends before its `at`th change to the disk; whether it came to its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            run = Run(open_course(root), ASSIGNMENT, Options(lower=True))
            Fuse(at).light()
            with run.ready():
                finish_by_hand(run)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def _marks(root: Path) -> list[tuple[Any, ...]]:
    """Every automatic and manual mark as the gradebook has it; none, where the submission has no rows yet."""
    with closing(sqlite3.connect(root / "gradebook.db")) as database:
        found = database.execute("SELECT auto_score, manual_score FROM grade ORDER BY 1, 2").fetchall()
    return [marks for marks in found if marks != (None, None)]
