"""Phrases a release is searched for: when they say enough to be telling, and when a text holds them."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d]\w*|\d[\w.]*")


@dataclass(frozen=True)
class Phrase:
    """A text that must not occur, and what it is a part of: "the solution of 'build-cnn'"."""

    text: str
    source: str


def collapse(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def occurs(phrase: str, text: str) -> bool:
    """Whether `phrase` stands in `text` as a whole, not as a piece of longer words."""
    if phrase not in text:
        return False
    before = r"(?<!\w)" if re.match(r"\w", phrase) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", phrase) else ""
    return re.search(before + re.escape(phrase) + after, text) is not None


def words_of(text: str) -> set[str]:
    """The words and numbers in a line, Python's keywords left out."""
    return {word for word in WORD.findall(text) if not keyword.iskeyword(word)}


def is_sizeable(line: str, min_words: int, min_length: int) -> bool:
    """Whether a line says enough for its being found elsewhere to mean something: `return x` does not."""
    return len(collapse(line)) >= min_length and len(words_of(line)) >= min_words
