"""Saving one graded submission: marks into nbgrader's gradebook, notebooks into the autograded folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.course.folder import first_line
from autograder.errors import GradebookError
from autograder.grading.comments import automatic_comments
from autograder.grading.outputs import second_pass
from autograder.grading.prepare import Prepared, Sanitise
from autograder.results import NotebookResult, SubmissionResult


def save(course: Course, prepared: Prepared, executed: Mapping[str, NotebookNode], result: SubmissionResult) -> None:
    """Write one submission's marks and its executed notebooks; all of it or nothing.

    Marks given by a person are never touched: as with nbgrader, such a cell is marked for another look. The gradebook
    changes in one transaction, which is committed when the autograded folder is in place and undone when that fails.

    Args:
        course: The course.
        prepared: What `prepare` returned.
        executed: The executed notebooks by name, after `tidy_outputs`.
        result: The submission's result, with every released notebook.

    Raises:
        GradebookError: The gradebook or the autograded folder cannot be written; nothing has changed.
    """
    submission = prepared.submission
    converter = Sanitise(course, submission, prepared.folder, prepared.folder)
    target = course.folder("autograded", submission.student, submission.assignment)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch,
            course.gradebook() as gradebook,
        ):
            new = Path(scratch) / "new"
            _write_folder(prepared, executed, new)
            converter.destination = new
            converter.set_permissions(submission.assignment, submission.student)
            _record(course, gradebook, prepared, executed, result)
            with _in_place(new, target, Path(scratch) / "old"):
                gradebook.db.commit()
    except (SQLAlchemyError, OSError) as error:
        raise GradebookError(
            f"expected to save the marks of {submission.student} for {submission.assignment} in {course.db_url} and "
            f"{target}, received {type(error).__name__}: {first_line(error)}; nothing was changed: "
            "correct that and grade again"
        ) from error
    converter.run_post_convert_hook()


def is_saved(course: Course, result: SubmissionResult) -> bool:
    """Return whether the gradebook holds the automatic marks of `result`: it may have been made anew since.

    Raises:
        GradebookError: The gradebook cannot be read.
    """
    expected = {(one.notebook, cell.cell): cell.score for one in result.notebooks for cell in one.cells}
    try:
        with course.gradebook() as gradebook:
            rows = gradebook.find_submission(result.assignment, result.student).notebooks
            found = {(str(row.name), str(grade.name)): grade.auto_score for row in rows for grade in row.grades}
    except MissingEntry:
        return False
    except SQLAlchemyError as error:
        raise GradebookError(f"expected to read the gradebook {course.db_url}, received {first_line(error)}") from error
    return expected == found


def _write_folder(prepared: Prepared, executed: Mapping[str, NotebookNode], folder: Path) -> None:
    shutil.copytree(prepared.folder, folder)
    for path in prepared.notebooks:
        if path.stem in executed:
            (folder / path.name).write_text(nbformat.writes(executed[path.stem]) + "\n", encoding="utf-8")


@contextmanager
def _in_place(new: Path, target: Path, aside: Path) -> Iterator[None]:
    """Put `new` where `target` is; when the body fails, `target` is as it was."""
    had_one = target.exists()
    if had_one:
        target.rename(aside)
    try:
        new.rename(target)
        yield
    except BaseException:
        if not new.exists():
            target.rename(new)
        if had_one:
            aside.rename(target)
        raise


def _record(
    course: Course,
    gradebook: Gradebook,
    prepared: Prepared,
    executed: Mapping[str, NotebookNode],
    result: SubmissionResult,
) -> None:
    """Write everything into the gradebook's session, without committing."""
    submission = prepared.submission
    results = {notebook.notebook: notebook for notebook in result.notebooks}
    rows = gradebook.find_submission(submission.assignment, submission.student).notebooks
    for row in rows:
        name = str(row.name)
        _record_scores(row, results.get(name))
        notebook = executed.get(name)
        _record_comments(row, {} if notebook is None else automatic_comments(notebook, results.get(name)))
    gradebook.db.flush()
    gradebook.db.expire_all()  # the notebooks' scores are computed by the database
    for row in rows:
        _record_penalty(course, gradebook, prepared, row)


def _record_scores(row: SubmittedNotebook, result: NotebookResult | None) -> None:
    scores = {} if result is None else {cell.cell: cell.score for cell in result.cells}
    for grade in row.grades:
        # A cell the result does not know loses an earlier automatic mark: it was not earned by this submission.
        grade.auto_score = scores.get(grade.name)
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None


def _record_comments(row: SubmittedNotebook, comments: Mapping[str, str]) -> None:
    for comment in row.comments:
        comment.auto_comment = comments.get(comment.name)


def _record_penalty(course: Course, gradebook: Gradebook, prepared: Prepared, row: SubmittedNotebook) -> None:
    for preprocessor in second_pass(course):
        if not (isinstance(preprocessor, type) and issubclass(preprocessor, AssignLatePenalties)):
            continue
        penalties = preprocessor(config=course.config)
        if not penalties.enabled:
            continue
        penalties.init_plugin()
        penalty: float | None = None
        if (seconds := row.assignment.total_seconds_late) > 0:
            plugin: Any = penalties.plugin_inst
            penalty = plugin.late_submission_penalty(prepared.submission.student, row.score, seconds)
        checked = None if penalty is None else penalties._check_late_penalty(row, penalty)
        row.late_submission_penalty = checked  # type: ignore[assignment] # a column of the row's class, a value of the row
