"""Which variant of each question is a student's: it follows from one text, the same on every machine for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any


def ticket(student: str) -> str:
    """A student's id as it counts: without blanks around it, in small letters."""
    return " ".join(student.split()).casefold()


def open_root(quiz: str, student: str) -> str:
    """What the questions of a student follow from whom the release does not know: everybody can compute it."""
    return hashlib.sha256(f"quiz/{quiz}/{ticket(student)}".encode()).hexdigest()


def draw(root: str, slots: Sequence[Mapping[str, Any]]) -> list[str]:
    """The key of one question for each place of the quiz.

    Args:
        root: What the draw follows from.
        slots: The places in order. `pool` is the name they share where they draw different questions from the same
            list, or None; `questions` holds, for each question, the keys of its variants.
    """
    drawn = []
    used: dict[str, int] = {}
    for place, slot in enumerate(slots):
        questions, pool = slot["questions"], slot["pool"]
        turn = 0
        if pool is not None:
            turn = used.get(pool, 0)
            used[pool] = turn + 1
            order = sorted(range(len(questions)), key=lambda one: (_number(f"{root}/pool/{pool}/{one}"), one))
            questions = [questions[one] for one in order]
        variants = questions[turn]
        drawn.append(variants[_number(f"{root}/place/{place}") % len(variants)])
    return drawn


def entry(salt: str, student: str) -> str:
    """What a student is listed under: made slowly on purpose, since ids are easily guessed one after the other."""
    return hashlib.pbkdf2_hmac("sha256", ticket(student).encode(), bytes.fromhex(salt), 2000).hex()[:32]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
