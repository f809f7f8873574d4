"""A real nbgrader exchange in a temporary folder, and students who use it from folders of their own."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from traitlets.config import Config

from autograder.course import Course, list_submissions, open_course
from autograder.grading.prepare import prepare
from autograder.grading.save import save
from autograder.grading.store import Store
from tests.grading.courses import ASSIGNMENT, answer, cell_of, read_prepared, result_of, run_unprotected

COURSE_ID = "arithmetic"


@dataclass(frozen=True)
class Student:
    """A student with a home of their own, who knows nothing of the course's folder.

    Attributes:
        name: The student's id.
        home: Where notebooks are fetched to.
        exchange: The exchange's folder.
    """

    name: str
    home: Path
    exchange: Path

    def run(self, step: str) -> None:
        """Run nbgrader's "FetchAssignment", "Submit" or "FetchFeedback"."""
        config = Config()
        config.Exchange.root = str(self.exchange)
        config.Exchange.cache = str(self.home / ".cache")
        config.Exchange.assignment_dir = str(self.home)
        coursedir = CourseDirectory(
            config=config, root=str(self.home), course_id=COURSE_ID, assignment_id=ASSIGNMENT, student_id=self.name
        )
        getattr(ExchangeFactory(config=config), step)(coursedir=coursedir, authenticator=Authenticator()).start()

    def solve(self, source: str = "def double(number):\n    return 2 * number", why: str = "") -> None:
        """Write an answer into the notebook that was fetched."""
        path = self.home / ASSIGNMENT / "sums.ipynb"
        notebook = nbformat.read(path, as_version=4)
        answer(source)(notebook)
        if why:
            cell_of(notebook, "why").source = why
        path.chmod(0o644)
        path.write_text(json.dumps(notebook))

    def fetched(self) -> list[Path]:
        """The pages of feedback that were fetched, oldest first."""
        return sorted((self.home / ASSIGNMENT / "feedback").glob("*/*.html"))


def open_exchange(released: Path, root: Path) -> tuple[Course, Path]:
    """A copy of a released course with an exchange of its own beside it."""
    shutil.copytree(released, root / "course")
    exchange = root / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = root / "course" / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}c.Exchange.root = {str(exchange)!r}\n")
    return open_course(root / "course"), exchange


def collect(course: Course) -> None:
    """What `nbgrader collect --update` does."""
    coursedir = course.coursedir(assignment_id=ASSIGNMENT)
    step = ExchangeFactory(config=course.config).Collect(coursedir=coursedir, authenticator=Authenticator())
    step.update = True
    step.start()


def grade(course: Course, student: str) -> None:
    """Grade a submission without a sandbox: what these tests hand in is their own."""
    (submission,) = list_submissions(course, ASSIGNMENT, [student])
    store = Store(course.results)
    prepared = prepare(course, submission, store.staging)
    read_prepared(prepared)
    result, tidied = result_of(course, prepared, run_unprotected(prepared))
    save(course, prepared, tidied, result)
    store.write(store.result_path(student, ASSIGNMENT), result)
    shutil.rmtree(store.staging)
