"""The ledger: every finished result, one line each, on the disk before anything else knows of it.

It is only ever added to. A line begins with the SHA-256 of what follows, so that one that was torn by a crash or
damaged later is known as such and passed over. What a forced second run finds out again, times apart, adds no line:
a lab's result takes some 10 kB, a semester of 300 students and 14 labs some 50 MB.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from pydantic import ValidationError

from autograder.errors import AutograderError
from autograder.grading.durable import sync
from autograder.grading.marks import Comments
from autograder.results import Record, SubmissionResult

Why = Literal["graded", "resumed", "unchanged", "handed in again", "refused", "not judged"]
PREFIX = b'{"sha256":"'
HEAD = len(PREFIX) + 64 + 2
CHUNK_BYTES = 2**16
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
        try:
            _append(self.path, _line(entry))
        except OSError as error:
            raise AutograderError(
                f"expected to write {self.path}, received {error}; free space or permit it, then run the same command "
                "again: what is graded stays graded"
            ) from error
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
        for number, line in self._lines():
            plain = _plain(line)
            if plain is None:
                spoilt.append(number)
                continue
            submission = (str(plain["student"]), str(plain["assignment"]))
            places[submission] = line
            if plain["result"]["notebooks"]:
                marks[submission] = line
        entries: dict[bytes, Entry] = {}
        for line in {*places.values(), *marks.values()}:
            with suppress(ValidationError):  # of another version of the package: said below, with the submission
                entries[line] = _entry(line)
        unread = {line for line in (*places.values(), *marks.values()) if line not in entries}
        if unread:
            spoilt.extend(number for number, line in self._lines() if line in unread)
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
            for _, line in self._lines():
                plain = _plain(line) if marker in line else None
                if plain is not None and plain["assignment"] == assignment:
                    found[str(plain["student"])] = str(plain["same"])
            self._last[assignment] = found
        return self._last[assignment]

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            with self.path.open("rb") as file:
                yield from enumerate(file, start=1)
        except FileNotFoundError:
            return
        except OSError as error:
            raise AutograderError(f"expected to read {self.path}, received {error}; permit it, then retry") from error


def _line(entry: Entry) -> bytes:
    rest = entry.model_dump_json().encode()[1:] + b"\n"
    return PREFIX + hashlib.sha256(rest).hexdigest().encode() + b'",' + rest


def _plain(line: bytes) -> dict[str, Any] | None:
    """A line as plain JSON; None where it is not as it was written."""
    if line[len(PREFIX) : HEAD - 2] != hashlib.sha256(line[HEAD:]).hexdigest().encode():
        return None
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return found


def _entry(line: bytes) -> Entry:
    return Entry.model_validate_json(b"{" + line[HEAD:])


def _same(result: SubmissionResult, arrived: datetime | None) -> str:
    counts = {"arrived": _written(arrived), "result": _timeless(result.model_dump(mode="json"))}
    return hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()


def _written(arrived: datetime | None) -> str | None:
    return None if arrived is None else arrived.isoformat()


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(one) for key, one in value.items() if key not in TIMES}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def _append(path: Path, line: bytes) -> None:
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if not new else "x+b", buffering=0) as file:
        whole = _whole_bytes(file)
        try:
            file.truncate(whole)  # a line that a crash tore was written for nothing: nobody has gone by it
            file.seek(whole)
            left = memoryview(line)
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(whole)
            raise
    if new:
        sync(path.parent)


def _whole_bytes(file: BinaryIO) -> int:
    """Where the last whole line ends."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - CHUNK_BYTES)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
