"""What people did in the review, `results/review.jsonl`: marks with their comments, before and after; only added to.

The log of changes says what became of marks, whoever made the change. This file is what an undo goes by, and what tells
the second of two people who was first.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from autograder.grading.checked_lines import append, line_of, lines_from, plain, record_in
from autograder.results import Record


class Question(NamedTuple):
    """One question of one submission."""

    student: str
    assignment: str
    notebook: str
    cell: str


class Decision(Record):
    """What stands for a question."""

    mark: float | None
    """Points that a person gave; null where the automatic mark stands."""
    comment: str
    """What a person wrote."""
    waits: bool
    """Whether it waits for a person."""


class Act(Record):
    """What one person did to one question: a line of `results/review.jsonl`, without its checksum."""

    id: str
    """Its name, drawn at random."""
    at: str
    """When, ISO 8601 in UTC."""
    user: str
    """Who: the name under which Jupyter knows them, or the server's account."""
    student: str
    """Whose submission."""
    assignment: str
    """The assignment's name."""
    notebook: str
    """The notebook's name."""
    cell: str
    """The question's `grade_id`."""
    before: Decision
    """What stood before."""
    after: Decision
    """What stands since."""
    undoes: str
    """The act that this one takes back; empty where it is none."""

    @property
    def question(self) -> Question:
        """Which question it is about."""
        return Question(self.student, self.assignment, self.notebook, self.cell)


@dataclass
class Acts:
    """The acts in `path`, read on from where reading ended."""

    path: Path
    _by_id: dict[str, Act] = field(default_factory=dict)
    _last: dict[Question, Act] = field(default_factory=dict)
    _standing: dict[str, list[str]] = field(default_factory=dict)
    _read_bytes: int = 0
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def add(self, user: str, question: Question, before: Decision, after: Decision, undoes: str = "") -> Act:
        """Write an act down; one process at a time may.

        Raises:
            AutograderError: It cannot be written.
        """
        act = Act(
            id=secrets.token_hex(8),
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            user=user,
            before=before,
            after=after,
            undoes=undoes,
            **question._asdict(),
        )
        append(self.path, line_of(act))
        return act

    def last_at(self, question: Question) -> Act | None:
        """The last act on a question; None where there was none.

        Raises:
            AutograderError: The file is there and cannot be read.
        """
        self._read()
        return self._last.get(question)

    def find(self, identifier: str) -> Act | None:
        """An act by its id."""
        self._read()
        return self._by_id.get(identifier)

    def last_of(self, user: str) -> Act | None:
        """A person's last act that they have not taken back; None where there is none."""
        self._read()
        standing = self._standing.get(user)
        return self._by_id[standing[-1]] if standing else None

    def _read(self) -> None:
        with self._reading:
            for line in lines_from(self.path, self._read_bytes):
                self._read_bytes += len(line)
                if plain(line) is None:
                    continue
                try:
                    self._take(Act.model_validate_json(record_in(line)))
                except ValidationError:  # of another version of the package
                    continue

    def _take(self, act: Act) -> None:
        self._by_id[act.id] = act
        self._last[act.question] = act
        standing = self._standing.setdefault(act.user, [])
        if not act.undoes:
            standing.append(act.id)
        elif act.undoes in standing:
            standing.remove(act.undoes)
