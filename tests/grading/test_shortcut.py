"""A submission is recognised without preparing it, unless anything that preparing it followed from is another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from nbgrader.api import SourceCell

from autograder.course import Course, Submission, list_submissions, open_course
from autograder.grading.basis import Basis
from autograder.grading.handed_in import handed_in_digest
from autograder.grading.prepare import Prepared, prepare
from autograder.grading.save import save
from autograder.grading.shortcut import Shortcut
from autograder.grading.store import Store
from autograder.results import SubmissionResult
from tests.grading.courses import ASSIGNMENT, answer, result_of, run_unprotected, submit

DUE = """
id = "arithmetic"
title = "Arithmetic"
[[components]]
id = "labs"
title = "Labs"
weight = 100
[[assignments]]
id = "sums"
kind = "lab"
title = "Sums"
component = "labs"
released = 2026-10-26T09:00:00Z
due = 2026-11-02T09:00:00Z
"""


class Graded:
    """A course with one submission, graded; every question is asked as the next run would."""

    def __init__(self, course: Course) -> None:
        self.root = course.root
        course.results.mkdir()
        folder = submit(course, "ada", answer())
        (folder / "timestamp.txt").write_text("2026-11-02 10:00:00 UTC")
        (folder / "notes.txt").write_text("mine")
        self.result = self._grade()

    def _grade(self) -> SubmissionResult:
        course, submission, shortcut, basis = self._next_run()
        prepared = prepare(course, submission, self.root / "staging")
        assert isinstance(prepared, Prepared)
        identity = basis.identify(prepared)
        result, executed = result_of(course, prepared, run_unprotected(prepared))
        result = result.model_copy(update={"key": identity.key, "late_seconds": prepared.late_seconds})
        save(course, prepared, executed, result)
        shortcut.note(submission, handed_in_digest(submission.folder), identity.digests)
        shortcut.keep()
        return result

    def _next_run(self) -> tuple[Course, Submission, Shortcut, Basis]:
        course = open_course(self.root)
        basis = Basis.of(course, ASSIGNMENT)
        (submission,) = list_submissions(course, ASSIGNMENT)
        return course, submission, Shortcut(course, basis, Store(course.results).prepared_path(ASSIGNMENT)), basis

    def stands(self) -> bool:
        _, submission, shortcut, _ = self._next_run()
        return shortcut.stands(submission, handed_in_digest(submission.folder), self.result)


@pytest.fixture
def graded(course: Course) -> Graded:
    return Graded(course)


def test_an_unchanged_submission_is_recognised_and_so_it_is_the_time_after(graded: Graded) -> None:
    assert graded.stands()
    shutil.rmtree(graded.root / "release")  # what students once got decides on nothing
    assert graded.stands()


def hand_in_again(root: Path) -> None:
    submit(open_course(root), "ada", answer("def double(number):\n    return 3 * number"))


def change_the_released_tests(root: Path) -> None:
    with open_course(root).gradebook() as gradebook:
        cell = gradebook.db.query(SourceCell).filter_by(name="double-tests").one()
        cell.source = f"{cell.source}\n"
        gradebook.db.commit()


def give_another_automatic_mark(root: Path) -> None:
    with open_course(root).gradebook() as gradebook:
        gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "ada").auto_score = 3.0
        gradebook.db.commit()


def set_a_due_date_in_nbgrader(root: Path) -> None:
    with open_course(root).gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-02 09:00:00 UTC")


def lab(root: Path) -> Path:
    folder = root / "reference" / ASSIGNMENT
    folder.mkdir(parents=True)
    return folder


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


CONFIG = "nbgrader_config.py"
CHANGES: dict[str, Callable[[Path], object]] = {
    "another notebook": hand_in_again,
    "another file beside it": lambda root: append(root / "submitted/ada/sums/notes.txt", "!"),
    "another time": lambda root: (root / "submitted/ada/sums/timestamp.txt").write_text("2026-11-02 11:00:00 UTC"),
    "an assignment's file": lambda root: append(root / "source/sums/data.csv", "5,6\n"),
    "a further file of the assignment's": lambda root: (root / "source/sums/new.csv").write_text("1\n"),
    "the released tests": change_the_released_tests,
    "metadata of the source": lambda root: (root / "source/sums/sums.ipynb").write_text(
        (root / "source/sums/sums.ipynb").read_text().replace('"grade_id": "double"', '"tags": ["x"], "grade_id": "d"')
    ),
    "a setting of nbgrader's": lambda root: append(root / CONFIG, "c.CourseDirectory.max_file_size = 99\n"),
    "code of the course's own": lambda root: append(root / CONFIG, "c.Autograde.pre_convert_hook = 'os.getcwd'\n"),
    "a due date of nbgrader's": set_a_due_date_in_nbgrader,
    "a due date in course.toml": lambda root: (root / "course.toml").write_text(DUE),
    "a limit": lambda root: (root / "course.toml").write_text("[limits]\ncell_seconds = 7\n"),
    "checks": lambda root: (lab(root) / "checks.py").write_text(""),
    "a mark in the gradebook": give_another_automatic_mark,
    "no autograded folder": lambda root: shutil.rmtree(root / "autograded/ada/sums"),
    "nothing known": lambda root: Store(open_course(root).results).prepared_path(ASSIGNMENT).unlink(),
    "something unreadable known": lambda root: append(Store(open_course(root).results).prepared_path(ASSIGNMENT), "}"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_else_is_another_it_is_prepared_again(graded: Graded, what: str) -> None:
    assert graded.stands()
    CHANGES[what](graded.root)
    assert not graded.stands()


def test_a_result_that_could_not_be_judged_does_not_stand(graded: Graded) -> None:
    graded.result = graded.result.model_copy(update={"status": "could_not_judge"})
    assert not graded.stands()


def test_a_setting_that_was_only_asked_about_is_no_change(graded: Graded) -> None:
    _, submission, shortcut, basis = graded._next_run()
    assert basis.course.config.OverwriteCells.get("add_missing_cells", True)  # traitlets makes a section of it
    assert shortcut.stands(submission, handed_in_digest(submission.folder), graded.result)
