"""Saving one graded submission: marks into nbgrader's gradebook, notebooks into the autograded folder.

Between the two renames that exchange the folder, a killed grader leaves none in place. What it left lies in a folder
beside it whose name follows from the submission, where `settle` finds it.
"""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.course.gradebook_trouble import first_line, gradebook_error, shown
from autograder.errors import GradebookError
from autograder.grading.comments import automatic_comments
from autograder.grading.durable import sync
from autograder.grading.marks import record_marks
from autograder.grading.prepare import Prepared, Sanitise
from autograder.grading.recorded import automatic_marks
from autograder.results import SubmissionResult

ASIDE = ".saving"


def comments_of(executed: Mapping[str, NotebookNode], result: SubmissionResult) -> dict[str, dict[str, str]]:
    """Return the automatic comments of a submission's executed notebooks, by notebook and grade_id."""
    results = {notebook.notebook: notebook for notebook in result.notebooks}
    return {name: automatic_comments(notebook, results.get(name)) for name, notebook in executed.items()}


def save(
    course: Course,
    prepared: Prepared,
    executed: Mapping[str, NotebookNode],
    result: SubmissionResult,
    *,
    settled: bool = False,
) -> None:
    """Write one submission's marks and its executed notebooks; all of it or nothing.

    Marks given by a person are never touched: as with nbgrader, such a cell is marked for another look. The gradebook
    changes in one transaction, which is committed when the autograded folder is in place and undone when that fails.

    Args:
        course: The course.
        prepared: What `prepare` returned.
        executed: The executed notebooks by name, after `tidy_outputs`.
        result: The submission's result, with every released notebook.
        settled: Whether it is the same work as before, so that what a person has settled of it stays settled.

    Raises:
        GradebookError: The gradebook or the autograded folder cannot be written; nothing has changed.
    """
    submission = prepared.submission
    converter = Sanitise(course, submission, prepared.folder, prepared.folder)
    target = course.folder("autograded", submission.student, submission.assignment)
    doing = f"to save the marks of {submission.student} for {submission.assignment}"
    try:
        settle(target)
        aside = _aside(target)
        aside.mkdir(parents=True)
        try:
            new = aside / "new"
            _write_folder(prepared, executed, new)
            converter.destination = new
            converter.set_permissions(submission.assignment, submission.student)
            with course.gradebook() as gradebook:
                record_marks(course, gradebook, result, comments_of(executed, result), settled=settled)
                with _in_place(new, target, aside / "old"):
                    gradebook.db.commit()
        finally:
            with suppress(OSError):  # the next run tries again
                settle(target)
    except SQLAlchemyError as error:
        raise gradebook_error(course.db_url, doing, error, "nothing was changed") from error
    except OSError as error:
        raise GradebookError(
            f"expected {doing} in {shown(course.db_url)} and {target}, received {type(error).__name__}: "
            f"{first_line(error)}; nothing was changed: correct that and grade again"
        ) from error
    converter.run_post_convert_hook()


def settle(target: Path) -> None:
    """Bring the autograded folder `target` of a submission in order after a grader was killed while it saved.

    The earlier folder goes back in its place where no other one is: what the gradebook then says of it is decided by
    the result that is still on its way.
    """
    aside = _aside(target)
    if (aside / "old").is_dir() and not target.exists():
        (aside / "old").rename(target)
    if aside.is_dir():
        shutil.rmtree(aside)


def settle_all(course: Course, assignment: str) -> None:
    """Bring every autograded folder of an assignment in order after a grader was killed.

    Raises:
        GradebookError: One cannot be.
    """
    pattern = course.folder("autograded", "*", glob.escape(assignment))
    for name in glob.glob(str(_aside(pattern))):  # noqa: PTH207 - a whole path
        aside = Path(name)
        try:
            settle(aside.with_name(aside.name.removeprefix(".").removesuffix(ASIDE)))
        except OSError as error:
            raise GradebookError(
                f"expected to clear {aside} away, which a killed grader left, received {first_line(error)}; permit it, "
                "then run the same command again"
            ) from error


def is_saved(course: Course, result: SubmissionResult) -> bool:
    """Return whether the gradebook holds the automatic marks of `result`: it may have been made anew since.

    Raises:
        GradebookError: The gradebook cannot be read.
    """
    try:
        with course.gradebook() as gradebook:
            rows = gradebook.find_submission(result.assignment, result.student).notebooks
            found = {(str(row.name), str(grade.name)): grade.auto_score for row in rows for grade in row.grades}
    except MissingEntry:
        return False
    except SQLAlchemyError as error:
        raise gradebook_error(course.db_url, "to read the gradebook", error) from error
    return automatic_marks(result) == found


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}{ASIDE}")


def _write_folder(prepared: Prepared, executed: Mapping[str, NotebookNode], folder: Path) -> None:
    shutil.copytree(prepared.folder, folder)
    for path in prepared.notebooks:
        if path.stem in executed:
            (folder / path.name).write_text(nbformat.writes(executed[path.stem]) + "\n", encoding="utf-8")
            sync(folder / path.name)


@contextmanager
def _in_place(new: Path, target: Path, aside: Path) -> Iterator[None]:
    """Put `new` where `target` is; when the body fails, `target` is as it was."""
    had_one = target.exists()
    if had_one:
        target.rename(aside)
    try:
        new.rename(target)
        sync(target.parent)
        yield
    except BaseException:
        if not new.exists():
            target.rename(new)
        if had_one:
            aside.rename(target)
        raise
