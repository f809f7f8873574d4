"""The automatic marks of one result in nbgrader's gradebook: scores, comments and late penalties, as nbgrader has them.

Whoever opens the gradebook decides on the transaction: grading commits, recovering looks at what would change first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties

from autograder.course import Course
from autograder.grading.outputs import second_pass
from autograder.results import NotebookResult, SubmissionResult

Comments = Mapping[str, Mapping[str, str]]
"""Automatic comments by notebook, then by the grade_id of the answer they belong to."""


def record_marks(
    course: Course, gradebook: Gradebook, result: SubmissionResult, comments: Comments, *, settled: bool = False
) -> None:
    """Write everything into the gradebook's session, without committing.

    Marks given by a person are never touched: as with nbgrader, such a cell is marked for another look.

    Args:
        course: The course, whose plugin decides on late penalties.
        gradebook: nbgrader's gradebook, with rows for the submission.
        result: The submission's result, with every released notebook.
        comments: The automatic comments.
        settled: Leave a cell whose automatic mark is as it should be alone, and with it what a person has settled.
    """
    results = {notebook.notebook: notebook for notebook in result.notebooks}
    rows = gradebook.find_submission(result.assignment, result.student).notebooks
    for row in rows:
        name = str(row.name)
        _record_scores(row, results.get(name), settled)
        _record_comments(row, comments.get(name, {}))
    gradebook.db.flush()
    gradebook.db.expire_all()  # the notebooks' scores are computed by the database
    for row in rows:
        _record_penalty(course, result.student, row)


def _record_scores(row: SubmittedNotebook, result: NotebookResult | None, settled: bool) -> None:
    scores = {} if result is None else {cell.cell: cell.score for cell in result.cells}
    flagged = _cells_to_look_at(result)
    for grade in row.grades:
        # A cell the result does not know loses an earlier automatic mark: it was not earned by this submission.
        score = scores.get(grade.name)
        decided = score is not None or grade.manual_score is not None
        if settled and decided and grade.auto_score == score:
            continue
        grade.auto_score = score
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None or grade.name in flagged


def _cells_to_look_at(result: NotebookResult | None) -> set[str]:
    """The cells a person is to look at although they have a mark.

    The formgrader lists submissions by their cells: a flag on the whole notebook stands at the first cell with a mark.
    """
    if result is None:
        return set()
    cells = {cell.cell for cell in result.cells if cell.status == "needs_review"}
    marked = [cell.cell for cell in result.cells if cell.score is not None]
    return cells | set(marked[:1] if result.flags else [])


def _record_comments(row: SubmittedNotebook, comments: Mapping[str, str]) -> None:
    for comment in row.comments:
        comment.auto_comment = comments.get(comment.name)


def _record_penalty(course: Course, student: str, row: SubmittedNotebook) -> None:
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
            penalty = plugin.late_submission_penalty(student, row.score, seconds)
        checked = None if penalty is None else penalties._check_late_penalty(row, penalty)
        row.late_submission_penalty = checked  # type: ignore[assignment] # a column of the row's class, a value of the row
