"""Which questions are criteria of a rubric: `course/rubrics/NAME.toml` makes questions called `NAME-ID`."""

from __future__ import annotations

from autograder.course import Course, Criterion, question_name, read_rubric
from autograder.course.rubric import RUBRICS_FOLDER


def criteria_of(course: Course) -> dict[str, Criterion]:
    """The criteria of the course's rubrics, by the `grade_id` of the question that each has become.

    Raises:
        UsageError: A rubric cannot be read.
    """
    folder = course.root / RUBRICS_FOLDER
    return {
        question_name(path.stem, criterion): criterion
        for path in sorted(folder.glob("*.toml"))
        for criterion in read_rubric(folder, path.stem).criteria
    }
