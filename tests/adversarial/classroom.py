"""A class handed in and graded once by the real command, and what came of each submission."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import MissingEntry

from autograder.results import SubmissionResult
from tests.adversarial.case import Case, Outcome
from tests.adversarial.catalogue import student_of
from tests.adversarial.courses import KEEPER, Arena, make_arena
from tests.adversarial.footprint import Footprint

CLASS_SECONDS = 1800.0
WORKERS = 2


@dataclass(repr=False)
class Classroom:
    """A class of cases, each followed by an honest submission, and its grading.

    Attributes:
        arena: The course.
        cases: The cases, by student.
        honest: The honest students.
        handed_in: A digest of each submission as it was handed in.
    """

    arena: Arena
    scratch: Path
    cases: dict[str, Case] = field(default_factory=dict)
    honest: list[str] = field(default_factory=list)
    guarded: str = ""
    begun: float = 0.0
    seconds: float = 0.0
    done: subprocess.CompletedProcess[str] | None = None
    footprint: Footprint | None = None

    def gather(self, cases: Sequence[Case]) -> None:
        """Hand in each case and, behind it, an honest submission."""
        for case in cases:
            student = student_of(case)
            self.arena.hand_in(student, case.submit)
            self.arena.hand_in(f"{student}-next")
            self.cases[student] = case
            self.honest.append(f"{student}-next")

    def grade(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Grade the class with `autograder grade` and keep what it showed and took."""
        self.guarded = self.arena.guarded()
        words = ["grade", self.arena.lab, "--course", str(self.arena.course.root), "--workers", str(WORKERS), *options]
        command = [sys.executable, "-P", "-m", "autograder", *words]
        self.footprint = Footprint(command, dict(os.environ), self.scratch)
        begun = time.monotonic()
        self.done = self.footprint.run(CLASS_SECONDS)
        self.seconds = time.monotonic() - begun
        return self.done

    @property
    def shown(self) -> str:
        """Everything the command printed."""
        return "" if self.done is None else self.done.stdout + self.done.stderr

    def outcome(self, student: str) -> Outcome:
        """What became of a student's submission.

        Raises:
            FileNotFoundError: There is no record of it.
        """
        course, lab = self.arena.course, self.arena.lab
        record = SubmissionResult.model_validate_json((course.results / student / f"{lab}.json").read_bytes())
        page = course.root / "reports" / lab / student / f"{lab}.html"
        notebook = course.folder("autograded", student, lab) / f"{lab}.ipynb"
        return Outcome(
            student=student,
            record=record,
            page=page.read_text(encoding="utf-8") if page.exists() else "",
            notebook=nbformat.read(notebook, as_version=4) if notebook.exists() else None,
            marks=self.marks(student),
            shown=self.shown,
            course=course.root,
        )

    def marks(self, student: str) -> dict[str, float | None]:
        """The automatic marks the gradebook has of a student, by question; empty when it has none."""
        with self.arena.course.gradebook() as gradebook:
            try:
                rows = gradebook.find_submission(self.arena.lab, student).notebooks
            except MissingEntry:
                return {}
            return {str(grade.name).removesuffix("-tests"): grade.auto_score for row in rows for grade in row.grades}

    def public_files(self, student: str) -> Iterator[Path]:
        """The files of a student's that leave the instructor's hands, and the result record beside them."""
        course, lab = self.arena.course, self.arena.lab
        for folder in (course.root / "reports" / lab / student, course.root / "feedback" / student):
            yield from (path for path in folder.rglob("*") if path.is_file())
        yield course.results / student / f"{lab}.json"


@contextmanager
def classroom(cases: Sequence[Case], *, keras: bool = False) -> Iterator[Classroom]:
    """A class of these cases, graded. The course is gone at the end."""
    # Not pytest's own folder: the addresses of Unix sockets are at most 107 characters long.
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    try:
        (folder / "tmp").mkdir()
        made = Classroom(make_arena(folder / "course", f"kestrel{secrets.token_hex(6)}", keras=keras), folder / "tmp")
        made.honest.append(KEEPER)
        made.gather(cases)
        made.grade()
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
