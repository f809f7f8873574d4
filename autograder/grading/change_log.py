"""The log of changed marks, `results/changes.jsonl`: who, when, what, before, after and why; only ever added to.

Entries are made by comparing the marks that stand with what the log itself says stood before, so that asking twice adds
nothing and a crash between a mark and its entry loses nothing: the next comparison finds it.

A grader at work and people in the review write to the same log. Whoever adds to it holds it for that moment (`alone`),
and reads first what others have added since.
"""

from __future__ import annotations

import fcntl
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from autograder.errors import AutograderError
from autograder.grading.checked_lines import append, line_of, lines_from, plain, read_lines, record_in
from autograder.grading.gradebook_marks import IN_GRADEBOOK, Place, Value
from autograder.results import Record

CHANGES_SCHEMA_VERSION: Literal[1] = 1

Kind = Literal["automatic", "manual", "extra credit", "late penalty", "extension", "excuse"]
Reason = Literal[
    "first grading",
    "handed in again",
    "checks, limits, packages or options changed",
    "graded again",
    "recovered",
    "seen in the gradebook",
    "seen in exceptions.toml",
    "the log begins",
    "given in the review",
    "undone in the review",
]


class LoggedMark(Record):
    """One mark that is another one now."""

    notebook: str
    """The notebook's name; empty where it concerns the whole assignment."""
    cell: str
    """The cell's `grade_id`; empty where it concerns the whole notebook or assignment."""
    kind: Kind
    """`automatic`, the grader's; `manual` and `extra credit`, a person's; `late penalty`, points that
    nbgrader's late policy takes; `extension` and `excuse`, of exceptions.toml."""
    before: float | str | None
    """What the log knew until now: points, of an extension the due date (ISO 8601, UTC), of an excuse `excused`; null
    where there was nothing."""
    after: float | str | None
    """What stands since; null where there is nothing any more."""


class LoggedChange(Record):
    """What one act changed about one submission: a line of `results/changes.jsonl`, without its checksum."""

    at: str
    """When it was written, ISO 8601 in UTC: right after the change, or, with `seen`, when it was noticed. The order of
    the lines counts, not this: clocks are put back."""
    user: str
    """The operating system's account that ran the command, or in the review the name under which Jupyter knows the
    person; with `seen` whoever noticed, not whoever changed."""
    command: str
    """The command that wrote the line: `grade`, `grade --force`, `recover`, `marks`, `export`,
    `changes`; `review` where a person gave the mark on its pages."""
    seen: bool
    """Whether the change was made outside of these commands (a person in the formgrader, nbgrader itself, an edited
    file), and only noticed by this one: who and when that was, nobody wrote down."""
    why: Reason
    """What made the difference: `first grading`; `handed in again`, other work than before; `checks, limits, packages
    or options changed`, the same work judged otherwise; `graded again`, the same work and questions, by --force or
    because what stood was not complete; `recovered`, by `autograder recover`; `seen in the gradebook`; `seen in
    exceptions.toml`; `the log begins`, there was no log when these marks were made; `given in the review`, by the
    person named; `undone in the review`, that person took a mark back."""
    student: str
    """Whose mark it is."""
    assignment: str
    """The assignment's name."""
    marks: tuple[LoggedMark, ...]
    """Every mark that changed, never one that did not."""


Act = Callable[[Place], tuple[Reason, bool]]
"""For a place, why its mark has changed, and whether that was only seen."""


@dataclass
class ChangeLog:
    """The log in `path`; processes add to it one after the other."""

    path: Path
    _standing: dict[Place, Value] = field(default_factory=dict)
    _submissions: set[tuple[str, str]] = field(default_factory=set)
    _read_bytes: int = 0
    _held: int = 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from adding, for the moment it takes to change marks and say so; may be nested.

        Raises:
            AutograderError: The folder cannot be written to.
        """
        if self._held:
            self._held += 1
            try:
                yield
            finally:
                self._held -= 1
            return
        lock = self.path.with_name(f".{self.path.stem}.lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            file = lock.open("a")
        except OSError as error:
            raise AutograderError(
                f"expected to write to {lock.parent}, received {error}; permit it, then try again: nothing was changed"
            ) from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._held = 1
            try:
                yield
            finally:
                self._held = 0

    @property
    def standing(self) -> dict[Place, Value]:
        """Every mark as the log has it last.

        Raises:
            AutograderError: The log is there and cannot be read.
        """
        for line in lines_from(self.path, self._read_bytes):
            self._read_bytes += len(line)
            said = plain(line)
            if said is None:
                continue
            for mark in said["marks"]:
                place = Place(said["student"], said["assignment"], mark["notebook"], mark["cell"], mark["kind"])
                self._put(place, mark["after"])
        return self._standing

    def knows(self, student: str, assignment: str) -> bool:
        """Whether the log has ever had a change of a submission's."""
        _ = self.standing
        return (student, assignment) in self._submissions

    def add(
        self, found: Mapping[Place, Value], within: Callable[[Place], bool], act: Act, user: str, command: str
    ) -> list[LoggedChange]:
        """Write down how marks differ from what the log has: one line for each act on a submission.

        Args:
            found: The marks that stand.
            within: Whether a place belongs to what was looked at: what the log has there and `found` has not, is gone.
            act: What made the difference.
            user: Who runs the command.
            command: Which one it is.

        Returns:
            What was added, on the disk by now.

        Raises:
            AutograderError: It cannot be written; the log is as it was.
        """
        with self.alone():
            return self._add(found, within, act, user, command)

    def _add(
        self, found: Mapping[Place, Value], within: Callable[[Place], bool], act: Act, user: str, command: str
    ) -> list[LoggedChange]:
        known = self.standing
        places = {*(place for place in known if within(place)), *(place for place in found if within(place))}
        acts: dict[tuple[str, str, bool, Reason], list[LoggedMark]] = defaultdict(list)
        changed: dict[Place, Value | None] = {}
        for place in sorted(one for one in places if known.get(one) != found.get(one)):
            why, seen = act(place)
            changed[place] = found.get(place)
            acts[place.assignment, place.student, seen, why].append(
                LoggedMark(
                    notebook=place.notebook,
                    cell=place.cell,
                    kind=place.kind,  # type: ignore[arg-type] # pydantic looks at it
                    before=known.get(place),
                    after=found.get(place),
                )
            )
        at = datetime.now(UTC).isoformat(timespec="seconds")
        added = [
            LoggedChange(
                at=at,
                user=user,
                command=command,
                seen=seen,
                why=why,
                student=student,
                assignment=assignment,
                marks=tuple(marks),
            )
            for (assignment, student, seen, why), marks in sorted(acts.items())
        ]
        if added:
            lines = b"".join(map(line_of, added))
            append(self.path, lines)
            self._read_bytes += len(lines)
            for place, value in changed.items():
                self._put(place, value)
        return added

    def read(self) -> tuple[list[LoggedChange], tuple[int, ...]]:
        """Every entry, oldest first, and the numbers of lines that cannot be used.

        Raises:
            AutograderError: The log is there and cannot be read.
        """
        entries, spoilt = [], []
        for number, line in read_lines(self.path):
            try:
                if plain(line) is None:
                    spoilt.append(number)
                else:
                    entries.append(LoggedChange.model_validate_json(record_in(line)))
            except ValidationError:  # of another version of the package
                spoilt.append(number)
        return entries, tuple(spoilt)

    def _put(self, place: Place, value: Value | None) -> None:
        if place.kind in IN_GRADEBOOK:
            self._submissions.add((place.student, place.assignment))
        if value is None:
            self._standing.pop(place, None)
        else:
            self._standing[place] = value
