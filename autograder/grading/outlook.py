"""What the next run would do with an assignment: which results it would use again, which submissions it would run.

It is found out as the run itself would, with a copy of the gradebook and in a folder of its own: nothing is changed.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.course import Course, Submission, list_submissions
from autograder.course.gradebook_engine import one_engine
from autograder.errors import AutograderError, UsageError
from autograder.grading.basis import Basis
from autograder.grading.gradebook_copy import copy_gradebook, with_gradebook
from autograder.grading.gradebook_file import GradebookFile
from autograder.grading.handed_in import handed_in_digest
from autograder.grading.key import PARTS, Part, changed_parts
from autograder.grading.prepare import Prepared, Refused, prepare
from autograder.grading.shortcut import Shortcut
from autograder.grading.still_true import still_true
from autograder.grading.store import Store
from autograder.results import SubmissionResult

AGAIN = "as it is"
GOES_ON = "run, not saved yet"
REFUSED = "cannot be read"
NOT_RUN = frozenset({AGAIN, GOES_ON, REFUSED})
NEW = "not graded yet"
OUTDATED = "graded by another version of autograder"
REASONS: Mapping[Part, str] = {
    "cleared": "cleared",
    "submission": "handed in again",
    "checks": "checks changed",
    "data": "hidden data changed",
    "limits": "limits changed",
    "protection": "sandbox changed",
    "versions": "packages changed",
    "rules": "whose rules decide changed",
    "student": "questions changed",
    "draws": "the course's secret changed",
}


@dataclass(frozen=True)
class Outlook:
    """What the next run would do with an assignment.

    Attributes:
        assignment: The assignment's name.
        counts: How many submissions it would treat in which way: `AGAIN`, `GOES_ON` and `REFUSED` are not run, the
            others are, for that reason.
    """

    assignment: str
    counts: Mapping[str, int]

    @property
    def num_again(self) -> int:
        """How many results it would use again."""
        return self.counts.get(AGAIN, 0)

    @property
    def num_run(self) -> int:
        """How many submissions it would run."""
        return sum(number for why, number in self.counts.items() if why not in NOT_RUN)


def outlook(course: Course, assignment: str) -> Outlook:
    """What `autograder grade` with no further options would do.

    Raises:
        UsageError: No such assignment, or nobody has submitted it; or the gradebook is none that can be copied.
        CheckError: The lab's checks cannot be loaded.
        GradebookError: The gradebook cannot be read.
    """
    file = GradebookFile.of(course)
    if file is None:
        raise UsageError(
            "expected a gradebook in SQLite, of which a copy can be tried on, received another database; "
            f"`autograder grade {assignment}` says what it has not run again"
        )
    file.require_sound()
    submissions = list_submissions(course, assignment)
    store = Store(course.results)
    with tempfile.TemporaryDirectory(prefix="autograder-cache-") as scratch:
        copy = Path(scratch) / "gradebook.db"  # preparing a submission enters it there
        try:
            copy_gradebook(file.path, copy)
        except sqlite3.Error as error:
            raise AutograderError(f"expected to copy {file.path} to {scratch}, received {error}; free space") from error
        found = _Foreseen(with_gradebook(course, copy), assignment, store, Path(scratch) / "staging")
        with one_engine():
            return Outlook(assignment, Counter(found.of(submission) for submission in submissions))


@dataclass
class _Foreseen:
    """One assignment, in a course with a gradebook of its own."""

    course: Course
    assignment: str
    store: Store
    staging: Path

    @cached_property
    def basis(self) -> Basis:
        return Basis.of(self.course, self.assignment)

    @cached_property
    def shortcut(self) -> Shortcut:
        return Shortcut(self.course, self.basis, self.store.prepared_path(self.assignment))

    def of(self, submission: Submission) -> str:
        known = self.store.read(self.store.result_path(submission.student, self.assignment))
        pending = self.store.read(self.store.pending_path(submission.student, self.assignment))
        if known is None and pending is None:
            return NEW  # without the work of preparing it
        if known is not None and self.shortcut.stands(submission, handed_in_digest(submission.folder), known):
            return AGAIN
        prepared = prepare(self.course, submission, self.staging)
        if isinstance(prepared, Refused):
            return REFUSED
        key = self.basis.identify(prepared).key
        if known is not None and still_true(self.course, known, key, prepared):
            return AGAIN
        if pending is not None and pending.key == key and self.executed(prepared):
            return GOES_ON
        return NEW if known is None else self.why(known, key, prepared)

    def executed(self, prepared: Prepared) -> bool:
        names = tuple(path.stem for path in prepared.notebooks)
        return self.store.executed(prepared.submission.student, self.assignment, names) is not None

    def why(self, known: SubmissionResult, key: str, prepared: Prepared) -> str:
        """Why a result cannot be used again, the first reason of several."""
        if not known.notebooks and known.status == "needs_review":
            return "could not be read before"
        changed = changed_parts(known.key, key)
        if changed == PARTS:
            return OUTDATED
        if "cleared" not in changed and "submission" in changed:
            same = known.handed_in == handed_in_digest(prepared.submission.folder)
            return "the assignment's own files changed" if same else REASONS["submission"]
        if changed:
            return next(words for part, words in REASONS.items() if part in changed)
        if known.status == "could_not_judge":
            return "could not be judged"
        if known.late_seconds != prepared.late_seconds:
            return "late by another time"
        return "not in the gradebook as graded"
