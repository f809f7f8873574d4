"""Who is who: a learning platform's ids and names, and the course's own student ids. Nobody is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.collect.names import visible
from autograder.collect.naming import Format, Sender
from autograder.course.roster_file import Enrolled, read_roster_file
from autograder.errors import UsageError

# An id that becomes the name of a folder because nothing else names the student.
STUDENT_ID = re.compile(r"\w[\w.@+-]{0,63}")


class UnknownSenderError(Exception):
    """Why it cannot be said which student this is."""


class Directory(Protocol):
    """Whoever can say which student a sender is."""

    def student(self, sender: Sender) -> str:
        """Return the student's id.

        Raises:
            UnknownSenderError: It cannot be said.
        """


@dataclass(frozen=True)
class NoRoster:
    """Without a roster the platform's id is the student's id."""

    def student(self, sender: Sender) -> str:
        """Return the sender's id, where it can be the name of a folder."""
        if STUDENT_ID.fullmatch(sender.id):
            return sender.id
        found = f"the id {visible(sender.id)!r}" if sender.id else "no id"
        raise UnknownSenderError(f"expected an id of letters, digits and . @ + - _, found {found}; give a --roster")


@dataclass(frozen=True)
class Roster:
    """The course's students.

    Attributes:
        path: The file.
        students: Its lines.
        format: How the archive's files are named.
        blind: Whether the archive calls everybody by one name.
    """

    path: Path
    students: tuple[Enrolled, ...]
    format: Format
    blind: bool = False

    def student(self, sender: Sender) -> str:
        """Return the id of the only student whom the sender's id, address or name fits.

        Moodle's number is one of a participant in this assignment: another assignment may give it to somebody else. So
        there the name comes first, and a number whose line has another name is nobody's.
        """
        if self.format == "moodle":
            found = self._by_name(sender) or [
                one for one in self._by(sender, ("lms_id",)) if self.blind or not one.name or not sender.name
            ]
        else:
            found = self._by(sender, ("id", "lms_id", "email")) or self._by_name(sender)
        if len(found) == 1:
            return found[0].id
        if found:
            several = ", ".join(sorted(one.id for one in found))
            raise UnknownSenderError(f"it fits several students of {self.path.name}: {several}")
        raise UnknownSenderError(
            f"nobody in {self.path.name}; enter what the archive has into its column lms_id, name or email"
        )

    def _by(self, sender: Sender, columns: tuple[str, ...]) -> list[Enrolled]:
        wanted = {one.casefold() for one in (sender.id, sender.email) if one}
        return [one for one in self.students if any(getattr(one, column).casefold() in wanted for column in columns)]

    def _by_name(self, sender: Sender) -> list[Enrolled]:
        if self.format == "canvas":
            form, wanted = _sortable, {sender.name}
        else:
            # Plain names may name the student where others have an id.
            names = (sender.name, sender.id if self.format == "plain" else "")
            form, wanted = _readable, {_readable(name) for name in names}
        return [one for one in self.students if one.name and form(one.name) in wanted - {""}]


def read_roster(path: Path, format_: Format, blind: bool) -> Roster:
    """Read a roster: a CSV file with a column `id`, and any of `lms_id`, `name` and `email`.

    Raises:
        UsageError: It cannot be read, lacks the column, or names one thing twice.
    """
    students = tuple(one for one in read_roster_file(path).lines if one.id)
    for column in ("id", "lms_id", "email"):
        seen = set()
        for one in students:
            value = getattr(one, column)
            if value and value in seen:
                raise UsageError(f"expected every {column} once in {path}, found {value!r} twice; correct it")
            seen.add(value)
    for one in students:
        if one.id.startswith(".") or "/" in one.id or not one.id.isprintable():
            raise UsageError(f"expected ids that can name a folder in {path}, found {visible(one.id)!r}; correct it")
    return Roster(path, students, format_, blind)


def _readable(name: str) -> str:
    """Return "Lovelace, Ada" and "Ada  Lovelace" as "ada lovelace"."""
    last, comma, first = name.partition(",")
    return " ".join((f"{first} {last}" if comma else name).casefold().split())


def _sortable(name: str) -> str:
    """Return "Lovelace, Ada" and "Ada Lovelace" as Canvas puts them into a file's name: "lovelaceada"."""
    if "," not in name:
        *first, last = name.split()
        name = " ".join([last, *first])
    return re.sub(r"\W", "", name.lower())
