"""Reading `course/quizzes/<id>.toml`: what is wrong with it, in which line, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from autograder.course.reading import Mistake, mistakes_in, read_toml, refusal
from autograder.errors import AuthoringError, UsageError
from autograder.quizzes.given.spelling import squeeze
from autograder.quizzes.records import KINDS, AnyQuestion, Choice, Choices, Pool, Question, QuizFile, Shape, Text

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def quiz_files(root: Path) -> dict[str, Path]:
    """The quizzes of the course at `root`: name -> file."""
    return {path.stem: path for path in sorted((root / "course" / "quizzes").glob("*.toml"))}


def read_quiz(path: Path) -> QuizFile:
    """Read a quiz.

    Raises:
        AuthoringError: It is no TOML, has an unknown key or a wrong value, or contradicts itself; a line each.
    """
    if not NAME.fullmatch(path.stem):
        raise AuthoringError(
            f"{path}: expected a name of small letters, digits and single underscores (quiz_1.toml), found "
            f"{path.name}; rename the file"
        )
    try:
        text, content = read_toml(path)
    except UsageError as error:
        raise AuthoringError(str(error)) from error
    wrong = list(_wrong_questions(content))
    if not wrong:
        try:
            quiz = QuizFile.model_validate(content)
        except ValidationError as error:
            wrong = mistakes_in(QuizFile, error)
        else:
            wrong = list(_contradictions(quiz))
            if not wrong:
                return quiz
    raise AuthoringError(refusal(path, text, wrong))


def _wrong_questions(content: dict[str, Any]) -> Iterator[Mistake]:
    """What is wrong with single questions: each is read as its kind, so that messages speak of that kind alone."""
    questions = content.get("questions")
    for index, table in enumerate(questions if isinstance(questions, list) else []):
        place = ("questions", index)
        if not isinstance(table, dict):
            continue
        record = KINDS.get(str(table.get("kind")))
        name = f"question {table.get('id', index + 1)!r}: "
        if record is None:
            yield Mistake(
                (*place, "kind"),
                f"{name}expected one of the kinds {', '.join(KINDS)}, found {table.get('kind')!r}; correct it",
            )
            continue
        try:
            record.model_validate(table)
        except ValidationError as error:
            for inner in mistakes_in(record, error):
                yield Mistake((*place, *inner.place), name + inner.sentence)


def _contradictions(quiz: QuizFile) -> Iterator[Mistake]:
    if not quiz.questions:
        yield Mistake(("title",), "expected questions, found none; add a [[questions]] table")
    seen: set[str] = set()
    pools = {pool.id for pool in quiz.pools}
    for index, question in enumerate(quiz.questions):
        for key, sentence in (*_of_question(question), *_of_membership(question, pools, seen)):
            yield Mistake(("questions", index, key), f"question {question.id!r}: {sentence}")
        seen.add(question.id)
    named: set[str] = set()
    for index, pool in enumerate(quiz.pools):
        for key, sentence in _of_pool(pool, quiz, named):
            yield Mistake(("pools", index, key), sentence)
        named.add(pool.id)


def _of_membership(question: Question, pools: set[str], seen: set[str]) -> Iterator[tuple[str, str]]:
    if question.id in seen:
        yield "id", "expected an id of its own, found one that an earlier question has; rename it"
    if question.pool is None:
        return
    if question.pool not in pools:
        known = ", ".join(sorted(pools)) or "there is none"
        yield "pool", f"expected a pool of [[pools]] ({known}), found {question.pool!r}; correct it or add the pool"
    if question.points is not None:
        yield "points", "expected no points beside `pool`, whose questions are worth the same; set them in [[pools]]"


def _of_pool(pool: Pool, quiz: QuizFile, seen: set[str]) -> Iterator[tuple[str, str]]:
    if pool.id in seen:
        yield "id", f"expected each pool once, found {pool.id!r} again; rename or remove one"
    size = sum(question.pool == pool.id for question in quiz.questions)
    if size < pool.draw:
        yield (
            "draw",
            f"pool {pool.id!r}: expected at least as many questions as are drawn from it ({pool.draw}), found {size}; "
            "add questions with this `pool`, or draw fewer",
        )


def _of_question(question: AnyQuestion) -> Iterator[tuple[str, str]]:
    if isinstance(question, (Choice, Choices)):
        yield from _of_options(question)
    elif isinstance(question, Shape):
        if (question.layers is None) == (question.answer is None):
            found = "both" if question.layers is not None else "neither"
            yield "kind", f"expected `layers` (with `input`) or `answer`, found {found}; leave one, and only one"
        if question.layers is not None and question.input is None:
            yield "layers", "expected `input`, the shape that goes into the layers, found none; add it"
    elif isinstance(question, Text):
        for words in question.accepted:
            if not squeeze(words):
                yield "accepted", f"expected letters or digits in every accepted answer, found {words!r}; correct it"


def _of_options(question: Choice | Choices) -> Iterator[tuple[str, str]]:
    num_right = sum(option.right for option in question.options)
    if isinstance(question, Choice) and num_right != 1:
        yield (
            "options",
            f"expected exactly one option with right = true, found {num_right}; correct it, or make the kind "
            "`multiple`",
        )
    if isinstance(question, Choices) and not 0 < num_right < len(question.options):
        found = "all of them" if num_right else "none"
        yield "options", f"expected some options with right = true and some without, found {found}; correct it"
    texts = [squeeze(option.text) for option in question.options]
    for option, text in zip(question.options, texts, strict=True):
        if text and texts.count(text) > 1 and not question.parameters:
            yield "options", f"expected options that differ, found {option.text!r} twice; correct one"
            return
