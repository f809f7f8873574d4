"""Whose feedback may go out: who is left out, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, read_timestamp, submitted_folders
from autograder.errors import UsageError
from autograder.grading.given import Given, read_given, with_given
from autograder.grading.save import is_saved
from autograder.grading.store import Store
from autograder.reports import page_path
from autograder.results import SubmissionResult

SECRET_FILE = "submission_secret.txt"  # noqa: S105 - a file's name, which nbgrader gives it
TIMESTAMP_FILE = "timestamp.txt"
SECRET_BYTES = 4096


@dataclass(frozen=True)
class Choice:
    """One student's feedback.

    Attributes:
        student: The student's id.
        result: What the page is about, as it stands now; None where there is none.
        folder: The graded work: its notebooks, and when it was handed in.
        left_out: Why nothing goes out, as a sentence; "" where something does.
        waits: Whether that is only because a person has yet to look.
    """

    student: str
    result: SubmissionResult | None
    folder: Path
    left_out: str = ""
    waits: bool = False


def choose(course: Course, assignment: str, students: tuple[str, ...], *, waiting: bool) -> list[Choice]:
    """Everybody who has handed the assignment in or has a result, by student id.

    Args:
        course: The course.
        assignment: The assignment.
        students: Only these; all when empty.
        waiting: Whether pages go out on which a person has yet to decide something.

    Raises:
        UsageError: Nobody has handed it in, or a student who was asked for has not.
        GradebookError: The gradebook cannot be read.
    """
    results = {result.student: result for result in Store(course.results).all(assignment)}
    folders = submitted_folders(course, assignment)
    known = sorted({*results, *folders})
    if not known:
        raise UsageError(
            f"expected submissions of {assignment!r} in {course.folder('submitted', '*', assignment)}, found none; "
            "there is no feedback to give before somebody has handed it in and `autograder grade` has run"
        )
    for student in students:
        if student not in known:
            raise UsageError(
                f"expected a student who has handed {assignment!r} in, received {student!r}; correct the id, or leave "
                "--student out for everybody"
            )
    given = read_given(course, assignment) if results else {}
    chooser = _Chooser(course, assignment, folders, waiting)
    wanted = sorted(set(students)) or known
    return [chooser.choose(student, results.get(student), given.get(student)) for student in wanted]


def secret_of(folder: Path) -> str:
    """What nbgrader's exchange knows a submission by; "" where it was handed in another way."""
    path = folder / SECRET_FILE
    with suppress(OSError, UnicodeDecodeError):
        if path.is_file() and not path.is_symlink() and 0 < path.stat().st_size <= SECRET_BYTES:
            return path.read_text(encoding="utf-8")
    return ""


def handed_in_since(course: Course, assignment: str, student: str) -> bool:
    """Whether another submission lies in its place than the one that has been graded, by their times."""
    times = []
    for step in ("submitted", "autograded"):
        try:
            times.append(read_timestamp(course.folder(step, student, assignment)))
        except ValueError:
            return False  # nobody can tell
    submitted, graded = times
    return submitted is not None and submitted != graded


@dataclass(frozen=True)
class _Chooser:
    """Chooses for one student after the other."""

    course: Course
    assignment: str
    folders: dict[str, Path]
    waiting: bool

    def choose(self, student: str, graded: SubmissionResult | None, given: Given | None) -> Choice:
        work = self.course.folder("autograded", student, self.assignment)
        if graded is None:
            reason = "not graded yet; `autograder grade` does it"
            if work.is_dir():
                reason = "graded by nbgrader alone, so that there is no page; `autograder grade` makes one"
            return Choice(student, None, work, reason)
        result = with_given(graded, given)
        if not result.notebooks:  # it could not be read, so that only what was handed in tells whose it is
            work = self.folders.get(student, work)
        if reason := self._hindrance(student, graded):
            return Choice(student, result, work, reason)
        reason = "" if self.waiting else "; ".join(_waits_for(result))
        return Choice(student, result, work, reason, waits=bool(reason))

    def _hindrance(self, student: str, graded: SubmissionResult) -> str:
        """Why there can be no page, whoever waits for what; "" where there can."""
        try:
            page_path(student, self.assignment)
        except UsageError as error:
            return str(error)
        if not graded.notebooks:
            return ""
        if student in self.folders and handed_in_since(self.course, self.assignment, student):
            return "handed in again since it was graded; `autograder grade` comes first"
        if not is_saved(self.course, graded):
            return "graded again by nbgrader alone, with other marks; `autograder grade` makes a page of these"
        return ""


def _waits_for(result: SubmissionResult) -> Iterator[str]:
    """What a person has yet to do about a submission."""
    if result.status == "graded":
        return
    if not result.notebooks:
        yield "waits for a person: it could not be read or judged as a whole"
        return
    cells = [cell for notebook in result.notebooks for cell in notebook.cells]
    unjudged = [cell.cell for cell in cells if cell.status == "could_not_judge"]
    written = [cell.cell for cell in cells if cell.status == "needs_review" and cell.kind == "manual"]
    if unjudged:
        yield f"waits for a person: {', '.join(unjudged)} could not be judged"
    if written:
        yield f"waits for a person, who reads {', '.join(written)}"
    if not unjudged and not written:
        yield "waits for a person, who looks at what is flagged"
