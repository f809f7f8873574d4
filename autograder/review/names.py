"""How students are called on pages and in addresses: by their ids, or by pseudonyms that say nothing of them.

A pseudonym follows from the course's secret, the assignment and the id. So it is the same in every session and for
every TA, who can speak of it, and another one in the next assignment.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.reports.sanitise import one_line

PSEUDONYM_BYTES = 5  # two of a thousand students share one in one of two million assignments
PREFIX = "person-"


@dataclass(frozen=True)
class Names:
    """The names of one assignment's students.

    Attributes:
        assignment: The assignment's name.
        secret: What pseudonyms follow from; None where names are shown.
    """

    assignment: str
    secret: bytes | None = None

    @property
    def hidden(self) -> bool:
        """Whether pseudonyms are shown."""
        return self.secret is not None

    def address(self, student: str) -> str:
        """What stands for a student in an address; not quoted yet."""
        if self.secret is None:
            return student
        said = "\0".join(("name in the review", self.assignment, student)).encode("utf-8", "surrogatepass")
        digest = hmac.new(self.secret, said, hashlib.sha256).digest()[:PSEUDONYM_BYTES]
        return PREFIX + base64.b32encode(digest).decode("ascii").lower()

    def shown(self, student: str) -> str:
        """What a page calls a student."""
        if self.secret is None:
            return one_line(student, 80)
        return f"Person {self.address(student).removeprefix(PREFIX).upper()}"

    def untold(self, text: str, student: str) -> str:
        """A sentence of the grader's about a student, which may name them or their folder, as it may be shown."""
        if self.secret is None:
            return text
        return re.sub(rf"(?<!\w){re.escape(student)}(?!\w)", lambda _: self.shown(student), text)

    def ordered(self, students: Iterable[str]) -> list[str]:
        """Students in the order of the names that are shown: the order of ids would tell who is who."""
        return sorted(students, key=self.address)

    def find(self, address: str, students: Iterable[str]) -> str | None:
        """Whom an address means, by the name that is shown; None: nobody."""
        return next((student for student in students if self.address(student) == address), None)
