"""The ledger: every finished result, one line each, on the disk before anything else knows of it.

It is only ever added to, and each line has its checksum (`checked_lines`). What a forced second run finds out again,
times apart, adds no line: a lab's result takes some 10 kB, a semester of 300 students and 14 labs some 50 MB.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from autograder.grading.checked_lines import append, line_of, plain, read_lines, record_in
from autograder.grading.marks import Comments
from autograder.results import Record, SubmissionResult

Why = Literal["graded", "resumed", "unchanged", "handed in again", "refused", "not judged"]
TIMES = ("started", "seconds")


class Entry(Record):
    """One line of the ledger, without its checksum."""

    at: str
    """When it was written, ISO 8601 in UTC. The order of the lines counts, not this: clocks are put back."""
    why: Why
    """What it was written for: `graded`, a run has just finished; `resumed`, one that was killed had; `unchanged`, an
    earlier result the ledger did not know; `handed in again`, other files, the same work; `refused`, cannot be read;
    `not judged`, a fault of the grader's."""
    student: str
    """Whose result it is."""
    assignment: str
    """The assignment's name."""
    same: str
    """SHA-256 of result and arrival, running times apart: equal in two lines that say the same."""
    arrived: str | None
    """When it was handed in, in UTC as the gradebook has it; null when unknown."""
    comments: dict[str, dict[str, str]]
    """The automatic comments of the gradebook, by notebook and grade_id."""
    result: SubmissionResult
    """The result itself."""


@dataclass(frozen=True)
class Reading:
    """What a ledger holds.

    Attributes:
        marks: The last result with marks of each submission, by student and assignment.
        last: The last entry of each submission; where it has no marks (refused, not judged), the earlier ones stand.
        spoilt: The numbers of lines that cannot be used, counted from 1.
    """

    marks: dict[tuple[str, str], Entry]
    last: dict[tuple[str, str], Entry]
    spoilt: tuple[int, ...]


@dataclass
class Ledger:
    """The ledger in `path`; one process at a time may add to it."""

    path: Path
    _last: dict[str, dict[str, str]] = field(default_factory=dict)

    def knows(self, result: SubmissionResult, arrived: datetime | None) -> bool:
        """Whether the submission's last line says the same, times apart."""
        return self._last_of(result.assignment).get(result.student) == _same(result, arrived)

    def add(self, result: SubmissionResult, *, why: Why, comments: Comments, arrived: datetime | None) -> bool:
        """Write a result to the disk, unless the submission's last line says the same.

        Returns:
            Whether a line was added.

        Raises:
            AutograderError: It cannot be written; the ledger is as it was.
        """
        if self.knows(result, arrived):
            return False
        same = _same(result, arrived)
        entry = Entry(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            why=why,
            student=result.student,
            assignment=result.assignment,
            same=same,
            arrived=_written(arrived),
            comments={name: dict(one) for name, one in comments.items()},
            result=result,
        )
        append(self.path, line_of(entry))
        self._last_of(result.assignment)[result.student] = same
        return True

    def read(self) -> Reading:
        """Read the whole ledger; an empty reading where there is none.

        Raises:
            AutograderError: It is there and cannot be read.
        """
        places: dict[tuple[str, str], bytes] = {}
        marks: dict[tuple[str, str], bytes] = {}
        spoilt = []
        for number, line in read_lines(self.path):
            found = plain(line)
            if found is None:
                spoilt.append(number)
                continue
            submission = (str(found["student"]), str(found["assignment"]))
            places[submission] = line
            if found["result"]["notebooks"]:
                marks[submission] = line
        entries: dict[bytes, Entry] = {}
        for line in {*places.values(), *marks.values()}:
            with suppress(ValidationError):  # of another version of the package: said below, with the submission
                entries[line] = _entry(line)
        unread = {line for line in (*places.values(), *marks.values()) if line not in entries}
        if unread:
            spoilt.extend(number for number, line in read_lines(self.path) if line in unread)
        return Reading(
            {one: entries[line] for one, line in marks.items() if line in entries},
            {one: entries[line] for one, line in places.items() if line in entries},
            tuple(sorted(spoilt)),
        )

    def _last_of(self, assignment: str) -> dict[str, str]:
        """What the last line of each student's submission says, by student."""
        if assignment not in self._last:
            marker = f'"assignment":{json.dumps(assignment, ensure_ascii=False)},'.encode("utf-8", "replace")
            found: dict[str, str] = {}
            for _, line in read_lines(self.path):
                said = plain(line) if marker in line else None
                if said is not None and said["assignment"] == assignment:
                    found[str(said["student"])] = str(said["same"])
            self._last[assignment] = found
        return self._last[assignment]


def _entry(line: bytes) -> Entry:
    return Entry.model_validate_json(record_in(line))


def _same(result: SubmissionResult, arrived: datetime | None) -> str:
    counts = {"arrived": _written(arrived), "result": _timeless(result.model_dump(mode="json"))}
    return hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()


def _written(arrived: datetime | None) -> str | None:
    return None if arrived is None else arrived.isoformat()


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(one) for key, one in value.items() if key not in TIMES}
    return [_timeless(one) for one in value] if isinstance(value, list) else value
