"""A class handed in and graded once by the real command, and what came of each submission."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.results import SubmissionResult
from tests.adversarial.case import Case, Outcome
from tests.adversarial.catalogue import student_of
from tests.adversarial.courses import KEEPER, Arena, make_arena
from tests.adversarial.footprint import Footprint

CLASS_SECONDS = 1800.0
WORKERS = 2
MARKS = """
    SELECT submitted_assignment.student_id, base_cell.name, grade.auto_score
    FROM grade
    JOIN grade_cells ON grade_cells.id = grade.cell_id
    JOIN base_cell ON base_cell.id = grade_cells.id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    WHERE assignment.name = ?
"""


@dataclass(repr=False)
class Classroom:
    """A class of cases with honest submissions behind them, and its grading.

    Attributes:
        arena: The course.
        cases: The cases, by student.
        honest: The honest students.
        following: The honest student behind each case.
        handed_in: A digest of each submission as it was handed in.
    """

    arena: Arena
    scratch: Path
    cases: dict[str, Case] = field(default_factory=dict)
    honest: list[str] = field(default_factory=list)
    following: dict[str, str] = field(default_factory=dict)
    guarded: str = ""
    begun: float = 0.0
    seconds: float = 0.0
    done: subprocess.CompletedProcess[str] | None = None
    footprint: Footprint | None = None

    def gather(self, cases: Sequence[Case], together: int = 1) -> None:
        """Hand in the cases and, behind every `together` of them, an honest submission."""
        students = {student_of(case): case for case in cases}
        for student, case in students.items():
            self.arena.hand_in(student, case.submit)
        self.cases |= students
        in_order = sorted(students)  # as they are graded
        for first in range(0, len(in_order), together):
            group = in_order[first : first + together]
            self.honest.append(f"{group[-1]}-next")
            self.following |= dict.fromkeys(group, self.honest[-1])
            self.arena.hand_in(self.honest[-1])

    def grade(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Grade the class with `autograder grade` and keep what it showed and took."""
        self.guarded = self.arena.guarded()
        words = ["grade", self.arena.lab, "--course", str(self.arena.course.root), "--workers", str(WORKERS)]
        words += ["--yes", *options]  # what is handed in next, under a name used before, may earn less
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

    @property
    def expected_code(self) -> int:
        """The exit code that the command has to end with: 1 where a submission could not be read, 0 elsewhere."""
        students = [path.parent.name for path in self.arena.course.results.glob(f"*/{self.arena.lab}.json")]
        return int(any(not self.record(student).notebooks for student in students))

    def record(self, student: str) -> SubmissionResult:
        """The result record of a student.

        Raises:
            FileNotFoundError: There is none.
        """
        path = self.arena.course.results / student / f"{self.arena.lab}.json"
        return SubmissionResult.model_validate_json(path.read_bytes())

    def outcome(self, student: str) -> Outcome:
        """What became of a student's submission.

        Raises:
            FileNotFoundError: There is no record of it.
        """
        course, lab = self.arena.course, self.arena.lab
        page = course.root / "reports" / lab / student / f"{lab}.html"
        notebook = course.folder("autograded", student, lab) / f"{lab}.ipynb"
        return Outcome(
            student=student,
            record=self.record(student),
            page=page.read_text(encoding="utf-8") if page.exists() else "",
            notebook=nbformat.read(notebook, as_version=4) if notebook.exists() else None,
            marks=self.all_marks().get(student, {}),
            shown=self.shown,
            course=course.root,
        )

    def all_marks(self) -> dict[str, dict[str, float | None]]:
        """The automatic marks in the gradebook, by student and question."""
        with sqlite3.connect(self.arena.course.root / "gradebook.db") as database:
            rows = database.execute(MARKS, (self.arena.lab,)).fetchall()
        database.close()
        found: dict[str, dict[str, float | None]] = {}
        for student, cell, score in rows:
            found.setdefault(student, {})[cell.removesuffix("-tests")] = score
        return found

    def public_files(self, student: str) -> Iterator[Path]:
        """The files of a student's that leave the instructor's hands, and the result record beside them."""
        course, lab = self.arena.course, self.arena.lab
        for folder in (course.root / "reports" / lab / student, course.root / "feedback" / student):
            yield from (path for path in folder.rglob("*") if path.is_file())
        yield course.results / student / f"{lab}.json"


@contextmanager
def classroom(cases: Sequence[Case], *, keras: bool = False, together: int = 1) -> Iterator[Classroom]:
    """A class of these cases, graded. The course is gone at the end."""
    # Not pytest's own folder: the addresses of Unix sockets are at most 107 characters long.
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    try:
        (folder / "tmp").mkdir()
        made = Classroom(make_arena(folder / "course", keras=keras), folder / "tmp")
        made.honest.append(KEEPER)
        made.gather(cases, together)
        made.grade()
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
