"""What the review has at hand: a course, its results through a cache, the log of changes, and what was done here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from nbgrader.api import Gradebook

from autograder.course import Course, course_secret
from autograder.errors import GradebookError
from autograder.grading.change_log import ChangeLog
from autograder.grading.gradebook_file import GradebookFile
from autograder.grading.store import Store
from autograder.review.acts import Acts
from autograder.review.digests import Digests
from autograder.review.names import Names
from autograder.review.questions import QuestionReader


@dataclass(frozen=True)
class Desk:
    """An opened course.

    Attributes:
        course: The course.
        store: Its results.
        digests: What the queue needs of each result.
        questions: What the instructor's notebooks say of questions.
        log: The log of changed marks.
        acts: What people did in the review.
        writing: Held while marks are changed: threads of this server one after the other, as `log.alone` does for
            processes.
    """

    course: Course
    store: Store
    digests: Digests
    questions: QuestionReader
    log: ChangeLog
    acts: Acts
    writing: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, course: Course) -> Desk:
        """The desk of a course."""
        store = Store(course.results)
        return cls(
            course,
            store,
            Digests(store),
            QuestionReader(course),
            ChangeLog(store.changes),
            Acts(course.results / "review.jsonl"),
        )

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """Open nbgrader's gradebook for one request; looking at a course must not make one.

        Raises:
            GradebookError: There is none, or it cannot be opened.
        """
        file = GradebookFile.of(self.course)
        if file is not None and not file.path.exists():
            raise GradebookError(
                f"expected nbgrader's gradebook at {file.path}, found none; release an assignment first "
                "(`autograder release`), or run `autograder recover` where there was one"
            )
        with self.course.gradebook() as gradebook:
            yield gradebook

    def names(self, assignment: str, *, hidden: bool) -> Names:
        """How the students of an assignment are called.

        Raises:
            UsageError: Names are hidden, and the course's secret, which pseudonyms follow from, cannot be read.
        """
        return Names(assignment, course_secret(self.course.root) if hidden else None)
