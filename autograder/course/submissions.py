"""Who has submitted what, and who is enrolled."""

from __future__ import annotations

import difflib
import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from autograder.course.enrolment import read_enrolment
from autograder.course.folder import Course, read_timestamp
from autograder.errors import UsageError


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one assignment.

    Attributes:
        student: The student's id.
        assignment: The assignment's name.
        folder: Where the files lie.
        timestamp: When it was handed in, in UTC without tzinfo (nbgrader's way); None when unknown.
        notes: Sentences for the TA, such as an unreadable timestamp.
    """

    student: str
    assignment: str
    folder: Path
    timestamp: datetime | None = None
    notes: tuple[str, ...] = ()


def assignment_exists(course: Course, assignment: str) -> bool:
    """Return whether the gradebook knows the assignment, which it does once it has been released."""
    return assignment in _known_assignments(course)


def roster(course: Course) -> tuple[str, ...] | None:
    """Return the student ids of `course/roster.csv`, each once; None when the course keeps no roster.

    Raises:
        UsageError: The file cannot be read, or has no column `id`.
    """
    names = read_enrolment(course).names
    return None if names is None else tuple(names)


def list_submissions(course: Course, assignment: str, students: Sequence[str] = ()) -> list[Submission]:
    """List who has submitted the assignment, by student id.

    Args:
        course: The course.
        assignment: The assignment's name.
        students: Only these; all when empty.

    Raises:
        UsageError: The assignment is unknown, nobody has submitted it, or a student asked for has not.
    """
    if not assignment_exists(course, assignment):
        raise UsageError(_unknown_assignment(course, assignment))
    folders = submitted_folders(course, assignment)
    pattern = course.folder("submitted", "*", assignment)
    if not folders:
        raise UsageError(
            f"expected submissions of {assignment!r} in {pattern}, found none; collect them "
            "(`nbgrader collect`, or `autograder collect --zip` for what a learning platform hands out) or copy each "
            "student's folder there"
        )
    for student in students:
        if student not in folders:
            raise UsageError(
                f"expected a submission of {assignment!r} by student {student!r} in "
                f"{course.folder('submitted', student, assignment)}, found none{_suggestion(student, folders)}"
            )
    enrolled = roster(course)
    wanted = sorted(set(students) or folders)
    return [_submission(student, assignment, folders[student], enrolled) for student in wanted]


def _submission(student: str, assignment: str, folder: Path, enrolled: tuple[str, ...] | None) -> Submission:
    notes = []
    timestamp = None
    try:
        timestamp = read_timestamp(folder)
    except ValueError as error:
        notes.append(str(error))
    if enrolled is not None and student not in enrolled:
        notes.append(
            f"expected a student of course/roster.csv, found {student!r}, who is not on it; graded all the same: "
            "add the student or remove the submission"
        )
    return Submission(student, assignment, folder, timestamp, tuple(notes))


def submitted_folders(course: Course, assignment: str) -> dict[str, Path]:
    """Who has a folder with a submission of the assignment, graded or not, and where it is."""
    coursedir = course.coursedir()
    step = coursedir.submitted_directory
    expression = re.compile(coursedir.format_path(step, "(?P<student>[^/]*)", re.escape(assignment), escape=True))
    folders = {}
    for name in glob.glob(coursedir.format_path(step, "*", glob.escape(assignment))):  # noqa: PTH207 - a whole path
        match = expression.fullmatch(name)
        if match and Path(name).is_dir():
            folders[match["student"]] = Path(name)
    for student in coursedir.student_id_exclude.split(","):
        folders.pop(student.strip(), None)
    return folders


def _known_assignments(course: Course) -> tuple[str, ...]:
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return ()  # asking must not create a gradebook
    with course.gradebook() as gradebook:
        return tuple(str(assignment.name) for assignment in gradebook.assignments)


def _unknown_assignment(course: Course, assignment: str) -> str:
    if assignment and course.source_folder(assignment).is_dir():
        return (
            f"expected a released assignment, found {assignment!r} only as a source; release it first "
            f"(`autograder release {assignment}` or `nbgrader generate_assignment {assignment}`)"
        )
    known = _known_assignments(course)
    listed = f"; the gradebook of {course.title} knows {', '.join(known) if known else 'none'}"
    return f"expected an assignment of the course, received {assignment!r}{_suggestion(assignment, known)}{listed}"


def _suggestion(name: str, candidates: Sequence[str] | Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, list(candidates), n=3)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
