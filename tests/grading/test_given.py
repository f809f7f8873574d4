"""Pages and tables show what people gave and lateness took, as the gradebook has it."""

from __future__ import annotations

import pytest

from autograder.course import Course
from autograder.display import write_pages
from autograder.grading.given import read_given, with_given
from autograder.results import SubmissionResult
from tests.grading.by_hand import grade_by_hand
from tests.grading.courses import ASSIGNMENT, answer, submit
from tests.grading.test_recover import by_hand
from tests.grading.test_save import failed_check, late_course
from tests.grading.test_save import grade as graded


def stands(course: Course, result: SubmissionResult) -> SubmissionResult:
    return with_given(result, read_given(course, ASSIGNMENT).get(result.student))


def marks(result: SubmissionResult) -> dict[str, float | None]:
    return {cell.cell: cell.score for notebook in result.notebooks for cell in notebook.cells}


def test_without_anything_given_the_result_stands_as_it_is(course: Course) -> None:
    submit(course, "ann", answer())
    result = grade_by_hand(course, "ann")
    assert stands(course, result) == result
    assert with_given(result, None) == result


def test_marks_and_comments_of_a_person_are_in_the_result_and_on_the_page(course: Course) -> None:
    submit(course, "ann", answer())
    result = grade_by_hand(course, "ann", right=False)
    by_hand(course, "ann", 3.0, "Close: <b>the idea</b> is right.")
    found = stands(course, result)
    assert marks(found)["double-tests"] == 3.0
    assert found.score == result.score + 3.0
    (cell,) = (cell for notebook in found.notebooks for cell in notebook.cells if cell.cell == "double-tests")
    assert cell.status == "graded"
    assert "A person gave 3 of 4 points, in place of 0." in cell.message
    page = write_pages(course, ASSIGNMENT, read_given(course, ASSIGNMENT)).feedback["ann"].read_text()
    assert "A person gave 3 of 4 points" in page
    assert "Close: &lt;b&gt;the idea&lt;/b&gt; is right." in page
    assert stands(course, grade_by_hand(course, "ann", right=True, force=True)).score == found.score  # it stays


def test_a_mark_for_a_written_answer_leaves_nothing_open(course: Course) -> None:
    submit(course, "ann", answer())
    result = grade_by_hand(course, "ann")
    (open_cell,) = (cell for notebook in result.notebooks for cell in notebook.cells if cell.kind == "manual")
    with course.gradebook() as gradebook:
        row = gradebook.find_grade(open_cell.cell, "sums", ASSIGNMENT, "ann")
        row.manual_score, row.extra_credit, row.needs_manual_grade = open_cell.points, 0.25, False
        gradebook.db.commit()
    found = stands(course, result)
    assert found.status == "graded"
    assert marks(found)[open_cell.cell] == open_cell.points + 0.25
    assert found.score == sum(score or 0.0 for score in marks(found).values())


@pytest.mark.parametrize("changed", [{"flags": ("asked twice, it answered differently",)}, {"evidence": "reported"}])
def test_what_is_flagged_waits_until_a_person_has_decided(course: Course, changed: dict[str, object]) -> None:
    submit(course, "ann", answer())
    result = graded(course, verdicts={"double-tests": (failed_check("It doubles.").model_copy(update=changed),)})
    assert (result.status, stands(course, result).status) == ("needs_review", "needs_review")
    by_hand(course, "ann", 2.0, "")
    assert stands(course, result).status == "graded"


def test_a_late_penalty_is_taken_off_and_said(course: Course) -> None:
    course = late_course(course, "total_seconds_late / 120", "late_for_pages")
    result = grade_by_hand(course, "ann")
    found = stands(course, result)
    assert (result.score, found.score) == (4.0, 2.5)
    assert found.notes[-1] == "1.5 of the 4 points that were earned are taken off because it was late."


def test_a_submission_that_cannot_be_marked_says_which_mark_stands(course: Course) -> None:
    submit(course, "ann", answer())
    score = grade_by_hand(course, "ann").score
    (submit(course, "ann", answer()) / "sums.ipynb").write_text("{no notebook")
    refused = grade_by_hand(course, "ann")
    assert refused.notebooks == ()
    assert stands(course, refused).notes[-1] == f"The mark of what was handed in before stands: {score:g} points."
