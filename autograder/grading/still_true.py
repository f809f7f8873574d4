"""Whether a result of an earlier run stands."""

from __future__ import annotations

from autograder.course import Course
from autograder.grading.prepare import Prepared
from autograder.grading.save import is_saved
from autograder.results import SubmissionResult


def still_true(course: Course, known: SubmissionResult, key: str, prepared: Prepared) -> bool:
    """Whether a result of an earlier run stands, with its marks and notebooks where they belong.

    Args:
        course: The course.
        known: The result.
        key: What a result of the submission would follow from now.
        prepared: The submission.

    Raises:
        GradebookError: The gradebook cannot be read.
    """
    return (
        known.key == key
        and known.status != "could_not_judge"
        and known.late_seconds == prepared.late_seconds
        and course.folder("autograded", known.student, known.assignment).is_dir()
        and is_saved(course, known)
    )
