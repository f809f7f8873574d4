"""How a course stands: from its folders, the gradebook (read only), the result records and the exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from nbgrader.utils import parse_utc

from autograder.authoring import list_labs
from autograder.course import Course, last_due, read_timestamp, roster, submitted_folders
from autograder.errors import AutograderError
from autograder.grading.given import Given
from autograder.grading.store import Store
from autograder.publish import CourseExchange, handed_in_since, secret_of
from autograder.quizzes import quiz_files
from autograder.status.assignments import has_notebooks, list_assignments
from autograder.status.gradebook import read_gradebook
from autograder.status.graded import GradedWork, read_graded
from autograder.status.next_step import Situation, next_step
from autograder.status.record import AssignmentStatus, ReleaseStage, StatusReport

T = TypeVar("T")


def course_status(course: Course, now: datetime) -> StatusReport:
    """How every assignment of the course stands.

    Nothing is written, and a part that cannot be read is a sentence in the report.
    """
    problems: list[str] = []
    enrolled = _tried(lambda: roster(course), None, problems)
    reading = read_gradebook(course)
    if reading.trouble:
        problems.append(reading.trouble)
    exchange = CourseExchange.of(course)
    nothing: list[str] = []
    names = _tried(lambda: list_assignments(course, reading.given), nothing, problems)
    return StatusReport(
        course=course.course_id,
        title=course.title,
        at=now.astimezone(UTC).isoformat(timespec="seconds"),
        students=None if enrolled is None else len(enrolled),
        exchange=str(exchange.root) if exchange.usable else None,
        assignments=tuple(
            _Assignment(course, name, exchange, now).status(reading.given.get(name, {})) for name in names
        ),
        problems=tuple(problems),
    )


def _tried(read: Callable[[], T], otherwise: T, problems: list[str]) -> T:
    """What `read` returns; where it cannot, `otherwise`, and why among the problems."""
    try:
        return read()
    except AutograderError as error:
        problems.append(str(error))
    except OSError as error:
        problems.append(f"expected to read {error.filename}, received {error.strerror}; permit it")
    return otherwise


class _Assignment:
    """One assignment, while its figures are gathered."""

    def __init__(self, course: Course, name: str, exchange: CourseExchange, now: datetime) -> None:
        self.course, self.name, self.exchange, self.now = course, name, exchange, now
        self.problems: list[str] = []

    def status(self, given: Mapping[str, Given]) -> AssignmentStatus:
        due = _tried(lambda: last_due(self.course, self.name), None, self.problems)
        grace = self.course.settings.policies.late.grace
        unknown: ReleaseStage = "nothing"
        stage = _tried(self.stage, unknown, self.problems)
        nobody: dict[str, Path] = {}
        folders = _tried(lambda: submitted_folders(self.course, self.name), nobody, self.problems)
        graded = read_graded(self.course, self.name, given, set(folders))
        self.problems += graded.problems
        pages, old = _tried(lambda: self.feedback(graded), (0, 0), self.problems)
        found = AssignmentStatus(
            assignment=self.name,
            due=None if due is None else (due - grace).astimezone(UTC).isoformat(timespec="seconds"),
            over=due is not None and self.now > due,
            stage=stage,
            handed_in=len(folders),
            to_collect=_tried(lambda: self.to_collect(folders), 0, self.problems),
            graded=len(graded.students),
            to_grade=sum(student not in graded.students or self.again(student) for student in folders),
            to_review=graded.to_review,
            feedback=pages,
            feedback_old=old,
            problems=tuple(self.problems),
        )
        command, why = next_step(found, self.situation())
        return found.model_copy(update={"next": command, "why": why})

    def stage(self) -> ReleaseStage:
        if self.exchange.offers(self.name):
            return "exchange"
        if has_notebooks(self.course.release_folder(self.name)):
            return "made"
        return "source" if has_notebooks(self.course.source_folder(self.name)) else "nothing"

    def situation(self) -> Situation:
        reference = self.course.reference
        buildable = {*quiz_files(self.course.root), *(list_labs(reference) if reference is not None else ())}
        known = next((one for one in self.course.settings.assignments if one.id == self.name), None)
        return Situation(
            lab=self.name in buildable,
            with_labs=reference is not None,
            exchange=self.exchange.usable,
            announced=known is not None and known.released is None,
        )

    def again(self, student: str) -> bool:
        return handed_in_since(self.course, self.name, student)

    def to_collect(self, folders: Mapping[str, Path]) -> int:
        """How many have a newer submission in the exchange than the course's folder has."""
        number = 0
        for student, moment in self.exchange.arrived(self.name).items():
            try:
                arrived = parse_utc(moment)
                here = read_timestamp(folders[student]) if student in folders else None
                number += here is None or arrived > here
            except (ValueError, OverflowError):
                continue  # a name that nbgrader did not make
        return number

    def feedback(self, graded: GradedWork) -> tuple[int, int]:
        """How many have a page, and how many of these are older than what they are about."""
        store, out, old = Store(self.course.results), 0, 0
        for student in graded.records:
            page = self.page_of(student)
            if page is not None:
                out += 1
                old += page.stat().st_mtime < store.result_path(student, self.name).stat().st_mtime
        return out, old

    def page_of(self, student: str) -> Path | None:
        """The student's page: in the exchange where it can be fetched from there, else in the feedback folder."""
        pages = sorted(self.course.folder("feedback", student, self.name).glob("*.html"))
        work = self.course.folder("autograded", student, self.name)
        secret = secret_of(work) if self.exchange.usable else ""
        if secret:
            pages = [self.exchange.feedback_file(secret, path.stem) for path in pages]
        return next((page for page in pages if page.is_file()), None)
