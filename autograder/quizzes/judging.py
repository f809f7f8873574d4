"""Judging an answer by its meaning: a pure function of what is right for the variant and of the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograder.quizzes.given.spelling import NotUnderstood, Reading, Unanswered, read, squeeze
from autograder.quizzes.key import Entry

NO_BATCH = "the batch is an axis of the shape, too: `None` in front"


@dataclass(frozen=True)
class Judgement:
    """What an answer earns.

    Attributes:
        fraction: The share of the points, from 0 to 1.
        message: What was received, and what to know about its form; "" where it is right and written as asked. It
            never tells the right answer.
    """

    fraction: float
    message: str = ""


def judge(entry: Entry, answer: object) -> Judgement:
    """Judge an answer; whatever it is, the outcome is a judgement."""
    try:
        reading = read(entry.form, answer)
    except Unanswered as problem:
        return Judgement(0.0, str(problem))
    except NotUnderstood as problem:
        return Judgement(0.0, f"not understood: {problem}")
    fraction, word = _earned(entry, reading)
    if fraction == 1.0:
        return Judgement(1.0, word)
    said = f"received {reading.says}{f' ({word})' if word else ''}"
    return Judgement(fraction, f"{said}, which is {'right in part' if fraction else 'not right'}")


def _earned(entry: Entry, reading: Reading) -> tuple[float, str]:
    right, value = entry.right, reading.value
    match entry.kind:
        case "single":
            return float([value] == list(right)), reading.word
        case "multiple":
            return ticked(value, right, list(entry.form["options"])), reading.word
        case "order":
            return sum(map(str.__eq__, value, right)) / len(right), reading.word
        case "numeric" | "parameters":
            return float(_is_near(value, right, entry.tolerance)), reading.word
        case "shape":
            if right and right[0] is None and len(right) > 1 and value == list(right[1:]):
                return 1.0, NO_BATCH
            return float(value == list(right)), reading.word
        case "text":
            return float(squeeze(value) in {squeeze(one) for one in right}), reading.word
        case "output":
            return float(value == right), reading.word


def ticked(letters: Sequence[str], right: Sequence[str], options: Sequence[str]) -> float:
    """The share of right options that are named, less the share of wrong ones; never less than nothing.

    Naming everything earns nothing, as naming nothing does.
    """
    named = set(letters)
    hits = len(named & set(right)) / len(right)
    misses = len(named - set(right)) / (len(options) - len(right))
    return max(0.0, hits - misses)


def _is_near(value: Any, right: Any, tolerance: float) -> bool:
    if isinstance(value, int) and isinstance(right, int):
        return abs(value - right) <= tolerance
    distance = abs(float(value) - float(right))
    # the distance of two decimals is a little more than it should be: 0.3 - 0.2 is not quite 0.1
    return distance <= tolerance + 1e-12 * max(1.0, abs(float(right))) and math.isfinite(distance)
