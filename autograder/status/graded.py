"""Who has been graded, and whose work waits for a person: from result records and what the gradebook says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course
from autograder.grading.given import Given, with_given
from autograder.grading.store import Store
from autograder.results import SubmissionResult
from autograder.status.record import ReviewCounts

# A record's own status stands before its notebooks, on a line of its own: most need no more than that read.
HEAD_BYTES = 4096
HEAD_STATUS = re.compile(rb'^ "status": "(\w+)",$', re.MULTILINE)


@dataclass
class GradedWork:
    """What has been graded of an assignment.

    Attributes:
        records: The result records, by student.
        by_nbgrader: Who has been graded by nbgrader alone, without a record.
        written: Who has answers that wait for a person.
        unjudged: Who has something that could not be read or judged.
        flagged: Who has something else that a person has to look at.
        problems: Records that cannot be read, a sentence each.
    """

    records: dict[str, Path] = field(default_factory=dict)
    by_nbgrader: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    unjudged: set[str] = field(default_factory=set)
    flagged: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @property
    def students(self) -> set[str]:
        """Everybody who has been graded."""
        return {*self.records, *self.by_nbgrader}

    @property
    def to_review(self) -> ReviewCounts:
        """How many wait for a person, and what for."""
        everybody = self.written | self.unjudged | self.flagged
        return ReviewCounts(
            students=len(everybody), written=len(self.written), unjudged=len(self.unjudged), flagged=len(self.flagged)
        )


def read_graded(course: Course, assignment: str, given: Mapping[str, Given], students: set[str]) -> GradedWork:
    """What has been graded of an assignment.

    Args:
        course: The course.
        assignment: The assignment.
        given: What the gradebook has of it, by student.
        students: Who has handed it in.
    """
    found = GradedWork()
    store = Store(course.results)
    for student in sorted(students | set(given) | _with_record(store, assignment)):
        path = store.result_path(student, assignment)
        if path.exists():
            _read(found, store, path, student, given.get(student))
        elif course.folder("autograded", student, assignment).is_dir():
            found.by_nbgrader.add(student)
            if student in given and given[student].waiting:
                found.written.add(student)
    return found


def _with_record(store: Store, assignment: str) -> set[str]:
    return {path.parent.name for path in store.folder.glob(f"*/{assignment}.json") if path.stem == assignment}


def _read(found: GradedWork, store: Store, path: Path, student: str, given: Given | None) -> None:
    try:
        with path.open("rb") as file:
            head = HEAD_STATUS.search(file.read(HEAD_BYTES))
        if head is not None and head[1] == b"graded" and not (given and given.waiting):
            found.records[student] = path
            return
        result = store.read(path)
    except OSError as error:
        found.problems.append(f"expected to read {path}, received {error.strerror}; permit it")
        return
    if result is None:
        found.problems.append(
            f"expected the record of a result in {path}, found something else, or one of another version; "
            f"`autograder grade {path.stem} --student {student}` writes it again"
        )
        return
    found.records[student] = path
    _sort_in(found, student, with_given(result, given))


def _sort_in(found: GradedWork, student: str, result: SubmissionResult) -> None:
    cells = [cell for notebook in result.notebooks for cell in notebook.cells]
    unjudged = any(cell.status == "could_not_judge" for cell in cells) or result.status == "could_not_judge"
    written = any(cell.status == "needs_review" and cell.kind == "manual" for cell in cells)
    if unjudged or not result.notebooks:
        found.unjudged.add(student)
    if written:
        found.written.add(student)
    if result.status != "graded" and not (unjudged or written) and result.notebooks:
        found.flagged.add(student)
