"""The key of a quiz: the right answer of every variant, and why it is right. It never leaves the teachers.

It is made from the quiz's file and from what the sandbox has computed, and lies in `reference/<quiz>/data`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from autograder.errors import AuthoringError, CheckError
from autograder.quizzes.arithmetic import evaluate, fill, fill_value, written
from autograder.quizzes.compute import Computed, result_of
from autograder.quizzes.given.spelling import lines_of, shape_text
from autograder.quizzes.records import (
    Choice,
    Choices,
    Numeric,
    Order,
    Output,
    Parameters,
    Shape,
    Text,
)
from autograder.quizzes.variants import Variant, right_letters
from autograder.results import Record

KEY_FILE = "quiz-key.json"


class Entry(Record):
    """What is right for one variant of one question.

    Attributes:
        kind: The kind of question.
        form: What an answer looks like.
        right: The right answer: a number, letters, axes, lines, or every accepted text.
        tolerance: How far off a number may be.
        shown: The right answer for people.
        explanation: Why it is right.
        wrong: Answers that must earn nothing.
    """

    kind: Literal["single", "multiple", "numeric", "shape", "parameters", "order", "text", "output"]
    form: dict[str, Any]
    right: Any
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    shown: str
    explanation: str
    wrong: tuple[Any, ...] = ()


class AnswerKey(Record):
    """The key of a quiz.

    Attributes:
        quiz: Its name.
        fits: A digest of its places and questions: a table of another quiz's does not fit.
        points: What each place is worth.
        slots: The places, as `given.drawing.draw` takes them.
        entries: What is right, by the key of the variant.
    """

    quiz: str
    fits: str
    points: tuple[float, ...]
    slots: tuple[dict[str, Any], ...]
    entries: dict[str, Entry]


def is_quiz(lab: Path) -> bool:
    """Whether the folder of a lab was made from a quiz."""
    return (lab / "data" / KEY_FILE).is_file()


def read_key(path: Path) -> AnswerKey:
    """Read a key.

    Raises:
        CheckError: It cannot be read.
    """
    try:
        return AnswerKey.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CheckError(f"expected the key of a quiz in {path}, received {error}; run `autograder build`") from error


def solve(variant: Variant, computed: Computed, where: str) -> Entry:
    """What is right for a variant.

    Args:
        variant: The variant.
        computed: What the sandbox has computed.
        where: The file and question, for messages.

    Raises:
        AuthoringError: There is no right answer, or a text cannot be filled in.
    """
    try:
        right, shown, value, tolerance = _right(variant, computed, where)
        values = {**variant.values, "answer": value}
        return Entry(
            kind=variant.question.kind,
            form=variant.form,
            right=right,
            tolerance=tolerance,
            shown=shown,
            explanation=fill(variant.question.explanation, values).strip(),
            wrong=tuple(fill_value(one, values) for one in variant.question.wrong),
        )
    except ValueError as error:
        raise AuthoringError(f"{where}: {error}") from error


def _right(variant: Variant, computed: Computed, where: str) -> tuple[Any, str, Any, float]:
    """The right answer, the same for people, what `{{ answer }}` stands for, and how far off a number may be."""
    question, values = variant.question, variant.values
    match question:
        case Choice() | Choices():
            letters = right_letters(variant, question.options)
            words = "; ".join(f"{letter}, {variant.form['options'][letter]}" for letter in letters)
            return letters, words, ", ".join(letters), 0.0
        case Order():
            letters = sorted(variant.letters, key=lambda letter: variant.letters[letter])
            return letters, ", ".join(letters), ", ".join(letters), 0.0
        case Numeric():
            number = evaluate(question.answer, values) if isinstance(question.answer, str) else question.answer
            return *_number(number, question.unit), _tolerance(question, number)
        case Parameters():
            number = result_of(computed, variant.job_digest, where)[question.count]
            return number, str(number), number, 0.0
        case Shape():
            axes = _axes(question, values, computed, variant, where)
            return axes, shape_text(axes), shape_text(axes), 0.0
        case Text():
            accepted = [fill(one, values) for one in question.accepted]
            return accepted, accepted[0], accepted[0], 0.0
        case Output():
            lines = lines_of(str(result_of(computed, variant.job_digest, where)["output"]))
            if not lines:
                raise ValueError("expected code that prints something, found that it prints nothing; correct it")
            printed = str(computed[variant.job_digest]["output"]).strip("\n")
            shown = f"`{printed}`" if len(lines) == 1 else f"\n```\n{printed}\n```"
            return "\n".join(lines), shown, printed, 0.0


def _number(number: Any, unit: str | None) -> tuple[Any, str, Any]:
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise ValueError(f"expected a number as the right answer, found {number!r}; correct `answer`")
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    return number, f"{written(number)}{f' {unit}' if unit else ''}", number


def _tolerance(question: Numeric, number: Any) -> float:
    wide = max(question.tolerance, question.relative * abs(float(number)))
    # a number that no decimal writes exactly needs some room: as much as six digits leave
    return max(wide, 0.0 if float(number).is_integer() else 1e-6 * abs(float(number)))


def _axes(
    question: Shape, values: dict[str, Any], computed: Computed, variant: Variant, where: str
) -> list[int | None]:
    if question.answer is None:
        return list(result_of(computed, variant.job_digest, where)["shape"])
    axes = []
    for one in fill_value(question.answer, values):
        if one != "None" and (isinstance(one, bool) or not isinstance(one, int)):
            raise ValueError(f'expected whole numbers or "None" in `answer`, found {one!r}; correct it')
        axes.append(None if one == "None" else one)
    return axes
