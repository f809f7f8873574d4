"""What grading a submission again makes of its mark, found out before the gradebook is changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.course.gradebook_trouble import gradebook_error
from autograder.grading.change_log import Reason
from autograder.grading.gradebook_marks import Place, Value, points, read_marks
from autograder.grading.key import changed_parts
from autograder.grading.marks import Comments, record_marks
from autograder.results import SubmissionResult

EQUAL_POINTS = 1e-9  # sums of the same points in another order differ in their last bits


@dataclass(frozen=True)
class Move:
    """A submission's mark before and after, in points: people's marks, extra credit and late penalty counted.

    Attributes:
        before: What stood in the gradebook.
        after: What the new result makes of it.
        why: What made the difference.
        open_points: Points of cells that had a mark before, and for which a person or another run has to decide now.
    """

    before: float
    after: float
    why: Reason
    open_points: float = 0.0

    @property
    def falls(self) -> bool:
        """Whether the mark gets lower."""
        return self.after < self.before - EQUAL_POINTS

    @property
    def changes(self) -> bool:
        """Whether the mark is another one."""
        return abs(self.after - self.before) > EQUAL_POINTS


def reason_of(known: SubmissionResult | None, result: SubmissionResult, *, marked: bool) -> Reason:
    """Why a result is another one than the one that stood.

    Args:
        known: The result that stands, as its file has it.
        result: The new one.
        marked: Whether the submission has had marks before.
    """
    if not marked:
        return "first grading"
    if known is None:
        return "graded again"
    if known.handed_in and known.handed_in != result.handed_in:
        return "handed in again"
    # that earlier results were declared void has changed nothing that they follow from
    if known.notebooks and set(changed_parts(known.key, result.key)) - {"cleared"}:
        return "checks, limits, packages or options changed"
    return "graded again"


def move_of(course: Course, result: SubmissionResult, comments: Comments, why: Reason, *, settled: bool) -> Move | None:
    """What saving a result would make of the mark in the gradebook; None where no mark stands there.

    The marks are written as `save` would, the course's late policy included, read, and taken back.

    Raises:
        GradebookError: The gradebook cannot be read, or written.
    """
    try:
        with course.gradebook() as gradebook:
            before = read_marks(gradebook, result.assignment, result.student)
            if not before:
                return None
            try:
                record_marks(course, gradebook, result, comments, settled=settled)
                after = read_marks(gradebook, result.assignment, result.student)
            finally:
                gradebook.db.rollback()
    except SQLAlchemyError as error:
        raise gradebook_error(
            course.db_url,
            f"to compare the marks of {result.student} for {result.assignment}",
            error,
            "nothing was changed",
        ) from error
    return Move(points(before), points(after), why, _open_points(result, before, after))


def _open_points(result: SubmissionResult, before: dict[Place, Value], after: dict[Place, Value]) -> float:
    lost = {place[2:4] for place in before} - {place[2:4] for place in after}
    return sum(cell.points for one in result.notebooks for cell in one.cells if (one.notebook, cell.cell) in lost)
