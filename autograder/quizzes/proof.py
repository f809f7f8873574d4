"""Proving a key: of every variant the right answer earns everything, and what is wrong earns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.quizzes.judging import judge
from autograder.quizzes.key import Entry


def right_answers(entry: Entry) -> Iterator[Any]:
    """Answers that have to earn everything, in every form a student may write them in."""
    right = entry.right
    match entry.kind:
        case "single" | "multiple":
            yield ", ".join(right)
            yield list(right)
            if len(right) == 1:
                yield entry.form["options"][right[0]]
        case "order":
            yield " ".join(right)
            yield list(right)
            yield "".join(right)
        case "numeric" | "parameters":
            yield right
            yield f" {right!r} "
            yield from (f"{right!r} {unit}" for unit in entry.form.get("units", []))
        case "shape":
            yield tuple(right)
            yield list(right)
            yield str(tuple(right))
        case "text":
            yield from right
            yield from (f" {one.upper()}. " for one in right)
        case "output":
            yield right
            yield f"\n{right}\n"


def wrong_answers(entry: Entry) -> Iterator[Any]:
    """Answers that have to earn nothing: the author's, and those that follow from the kind."""
    yield from entry.wrong
    yield from (..., None, "", [], float("nan"), {"a": 1})
    options = list(entry.form.get("options", ()))
    match entry.kind:
        case "single":
            yield from (letter for letter in options if letter not in entry.right)
        case "multiple":
            yield options
            yield [letter for letter in options if letter not in entry.right]
        case "order":
            yield list(entry.right[1:]) + list(entry.right[:1])
        case "numeric" | "parameters":
            yield from (entry.right + 2 * entry.tolerance + 1, -entry.right - 2 * entry.tolerance - 1)
            yield from (float("inf"), True)
        case "shape":
            yield [*entry.right, 1]


def problems_of(entry: Entry) -> Iterator[str]:
    """What is not as it should be, a sentence each; nothing where the key is sound."""
    for answer in right_answers(entry):
        judgement = judge(entry, answer)
        if judgement.fraction != 1.0:
            yield f"expected the right answer {answer!r} to earn everything, it earns {judgement.fraction:.0%}"
    for answer in wrong_answers(entry):
        judgement = judge(entry, answer)
        if judgement.fraction != 0.0:
            yield f"expected the wrong answer {answer!r} to earn nothing, it earns {judgement.fraction:.0%}; correct it"
