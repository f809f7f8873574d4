"""nbgrader's exchange as a course is configured for it: what lies there, and putting something into it."""

from __future__ import annotations

import glob
import logging
import os
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.utils import notebook_hash

from autograder.course import Course
from autograder.course.gradebook_trouble import first_line
from autograder.errors import PublishError

SET_UP = "docs/exchange.md says how an exchange is set up"


@dataclass(frozen=True)
class CourseExchange:
    """The exchange of one course: folders that students fetch from and submit to.

    Attributes:
        course: The course.
        root: The exchange's folder, of all courses.
        chosen: Whether the course's configuration names it; nbgrader has a default where it does not.
    """

    course: Course
    root: Path
    chosen: bool

    @classmethod
    def of(cls, course: Course) -> CourseExchange:
        """The exchange that nbgrader's commands would use in the course's folder."""
        plain: Any = _factory(course).exchange(config=deepcopy(course.config))
        return cls(course, course.root / str(plain.root), "root" in course.config.Exchange)

    @property
    def usable(self) -> bool:
        """Whether there is an exchange, and the course has the id without which nbgrader does not use one."""
        return bool(self.course.course_id) and self.root.is_dir()

    @property
    def missing(self) -> str:
        """Why nothing can be put into the exchange, as a sentence; "" where something can."""
        if not self.course.course_id:
            return (
                "expected a course id, without which nbgrader's exchange cannot be used, found none; give course.toml "
                "an `id`, or nbgrader_config.py a `c.CourseDirectory.course_id`"
            )
        if not self.root.is_dir():
            return f"expected nbgrader's exchange at {self.root}, found no folder there; {SET_UP}"
        if not os.access(self.root, os.W_OK | os.X_OK):
            return f"expected to write into nbgrader's exchange at {self.root}, may not; {SET_UP}"
        return ""

    @property
    def folder(self) -> Path:
        """The course's own folder in the exchange."""
        return self.root / self.course.course_id

    def offers(self, assignment: str) -> bool:
        """Whether students can fetch the assignment."""
        return self.usable and (self.folder / "outbound" / assignment).is_dir()

    def arrived(self, assignment: str) -> dict[str, str]:
        """The time of each student's last submission that lies in the exchange, as nbgrader writes it, by student."""
        if not self.usable:
            return {}
        newest: dict[str, str] = {}
        for path in (self.folder / "inbound").glob(f"*+{glob.escape(assignment)}+*"):
            student, _, rest = path.name.partition(f"+{assignment}+")
            newest[student] = max(newest.get(student, ""), rest.split("+")[0])
        return newest

    def feedback_file(self, secret: str, notebook: str) -> Path:
        """Where the page about a notebook lies that was handed in with `secret`: nobody else can tell its name."""
        return self.folder / "feedback" / f"{notebook_hash(secret=secret, notebook_id=notebook)}.html"

    def release_assignment(self, assignment: str, *, force: bool) -> None:
        """Let students fetch what lies in the course's release folder.

        Args:
            assignment: The assignment.
            force: Replace what they could fetch until now.

        Raises:
            PublishError: nbgrader refuses.
        """
        exchange = self._step("ReleaseAssignment", assignment, ".")
        exchange.force = force
        self._start(exchange, f"to put {assignment} into it")

    def release_feedback(self, assignment: str, student: str) -> None:
        """Let a student fetch what lies in their feedback folder.

        Raises:
            PublishError: nbgrader refuses.
        """
        self._start(self._step("ReleaseFeedback", assignment, student), f"to put {student}'s feedback into it")

    def _step(self, kind: str, assignment: str, student: str) -> Any:
        coursedir = self.course.coursedir(assignment_id=assignment, student_id=student)
        authenticator = Authenticator(config=deepcopy(self.course.config))
        exchange = getattr(_factory(self.course), kind)(coursedir=coursedir, authenticator=authenticator)
        exchange.log = logging.Logger("autograder.exchange", logging.CRITICAL + 1)  # what it says is in its error
        exchange.root = str(self.root)
        return exchange

    def _start(self, exchange: Any, what: str) -> None:
        try:
            exchange.start()
        except (ExchangeError, OSError, RuntimeError) as error:
            raise PublishError(
                f"expected nbgrader's exchange at {self.root} {what}, received: {first_line(error)}; correct that, "
                "then run the same command again"
            ) from error


def _factory(course: Course) -> ExchangeFactory:
    return ExchangeFactory(config=deepcopy(course.config))
