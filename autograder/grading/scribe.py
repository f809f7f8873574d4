"""Who keeps the log of changed marks: compares it with the gradebook before and after a command changes anything."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course, Exceptions
from autograder.course.gradebook_trouble import gradebook_error
from autograder.grading.change_log import Act, ChangeLog, LoggedChange, Reason
from autograder.grading.gradebook_marks import AUTOMATIC, IN_GRADEBOOK, PENALTY, Place, Value, read_marks
from autograder.grading.regrading import reason_of
from autograder.grading.store import Store
from autograder.results import SubmissionResult

BY_GRADER = frozenset({AUTOMATIC, PENALTY})
EXTENSION, EXCUSE = "extension", "excuse"


@dataclass(frozen=True)
class Scribe:
    """Writes into a course's log what has become of its marks. Only whoever has locked the results may, and the review.

    Attributes:
        course: The course.
        store: Its results.
        log: Its log.
        command: The command at work, as the log names it.
    """

    course: Course
    store: Store
    log: ChangeLog
    command: str

    @classmethod
    def of(cls, course: Course, command: str) -> Scribe:
        """The scribe of a course."""
        store = Store(course.results)
        return cls(course, store, ChangeLog(store.changes), command)

    def catch_up(self, assignment: str | None = None) -> None:
        """Note what has changed since the log's last word: by a run that was killed, then outside of our commands.

        Args:
            assignment: Only of this one; of all when None.

        Raises:
            GradebookError: The gradebook cannot be read.
            AutograderError: The log cannot be read or written.
        """
        begins = not self.log.path.exists()
        for pending in self.store.all_pending(assignment):
            self._note_left(pending)
        seen: Reason = "the log begins" if begins else "seen in the gradebook"
        self._note(assignment, None, lambda place: (seen, True))

    def reason(self, result: SubmissionResult) -> Reason:
        """Why a result is another one than the one that stands."""
        known = self.store.read(self.store.result_path(result.student, result.assignment))
        return reason_of(known, result, marked=self.log.knows(result.student, result.assignment))

    def note_saved(self, student: str, assignment: str, why: Reason) -> list[LoggedChange]:
        """Note what saving a submission has changed; a person's mark that came in between is seen, not made by us.

        Raises:
            GradebookError: The gradebook cannot be read.
            AutograderError: The log cannot be read or written.
        """

        def act(place: Place) -> tuple[Reason, bool]:
            return (why, False) if place.kind in BY_GRADER else ("seen in the gradebook", True)

        return self._note(assignment, student, act)

    def note_recovered(self) -> list[LoggedChange]:
        """Note what recovering has changed."""
        return self._note(None, None, lambda place: ("recovered", False))

    def note_exceptions(self, exceptions: Exceptions) -> list[LoggedChange]:
        """Note what has changed about extensions and excuses; why somebody has one is private and stays in its file."""
        found: dict[Place, Value] = {
            Place(one.student, one.assignment, "", "", EXTENSION): one.due.astimezone(UTC).isoformat()
            for one in exceptions.extensions
        }
        found |= {Place(one.student, one.assignment, "", "", EXCUSE): "excused" for one in exceptions.excuses}
        return self.log.add(
            found,
            lambda place: place.kind in (EXTENSION, EXCUSE),
            lambda place: ("seen in exceptions.toml", True),
            _user(),
            self.command,
        )

    def _note_left(self, result: SubmissionResult) -> None:
        """Note what a run that was killed had put into the gradebook and not yet into the log."""
        ours = {(one.notebook, cell.cell): cell.score for one in result.notebooks for cell in one.cells}
        found = self._marks(result.assignment, result.student)
        there = {place[2:4]: value for place, value in found.items() if place.kind == AUTOMATIC}
        # it may have come no further than its result, or have been held back
        if there == {place: score for place, score in ours.items() if score is not None}:
            self.note_saved(result.student, result.assignment, self.reason(result))

    def _note(self, assignment: str | None, student: str | None, act: Act) -> list[LoggedChange]:
        def within(place: Place) -> bool:
            return (
                place.kind in IN_GRADEBOOK
                and assignment in (None, place.assignment)
                and student in (None, place.student)
            )

        with self.log.alone():  # or a mark that somebody gives and logs in between would be taken for one only seen
            found = self._marks(assignment, student)
            return self.log.add(found, within, act, _user(), self.command)

    def _marks(self, assignment: str | None, student: str | None) -> Mapping[Place, Value]:
        url = make_url(self.course.db_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            return {}  # asking must not make one
        try:
            with self.course.gradebook() as gradebook:
                return read_marks(gradebook, assignment, student)
        except SQLAlchemyError as error:
            raise gradebook_error(self.course.db_url, "to read the gradebook", error) from error


def _user() -> str:
    """The account of the process; what an environment variable says of it, anybody could have set."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"
