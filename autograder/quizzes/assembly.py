"""From a quiz's file to its places: which questions can stand where, what students may see of them, and the key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import AuthoringError
from autograder.quizzes.compute import Computed
from autograder.quizzes.key import AnswerKey, solve
from autograder.quizzes.layers import Job
from autograder.quizzes.reading import read_quiz
from autograder.quizzes.records import QuizFile
from autograder.quizzes.variants import Variant, variants_of


@dataclass(frozen=True)
class Quiz:
    """A quiz with the variants of its questions.

    Attributes:
        name: The quiz's, and its file's.
        path: The file.
        file: As its author wrote it.
        variants: Every variant of every question: by question in the file, then by variant.
        slots: The places of the notebook, as `given.drawing.draw` takes them.
        points: What each place is worth.
    """

    name: str
    path: Path
    file: QuizFile
    variants: tuple[tuple[Variant, ...], ...]
    slots: tuple[dict[str, Any], ...]
    points: tuple[float, ...]

    @property
    def jobs(self) -> dict[str, Job]:
        """What the sandbox has to compute, by digest."""
        return {
            variant.job_digest: variant.job
            for variants in self.variants
            for variant in variants
            if variant.job is not None
        }

    @property
    def keyed(self) -> dict[str, Variant]:
        """Every variant by its key."""
        return {
            key_of(question, number): variant
            for question, variants in enumerate(self.variants)
            for number, variant in enumerate(variants)
        }

    @property
    def fits(self) -> str:
        """A digest of what was drawn from: a table of students fits no quiz whose keys name other questions.

        Texts are left out: a mistake in one may be corrected after the release.
        """
        variants = [[one.question.id, one.values, one.letters] for one in self.keyed.values()]
        return hashlib.sha256(json.dumps([self.name, self.slots, variants]).encode()).hexdigest()[:16]

    def where(self, variant: Variant) -> str:
        """The file and the question, for messages."""
        return f"{self.path}: question {variant.question.id!r}"

    def questions(self) -> dict[str, Any]:
        """What students get: texts and forms, and nothing of answers, tolerances or explanations."""
        return {
            "quiz": self.name,
            "points": list(self.points),
            "slots": list(self.slots),
            "texts": {key: {"text": variant.text, "form": variant.form} for key, variant in self.keyed.items()},
        }

    def answer_key(self, computed: Computed) -> AnswerKey:
        """What is right for every variant.

        Raises:
            AuthoringError: There is no right answer to one.
        """
        entries = {key: solve(variant, computed, self.where(variant)) for key, variant in self.keyed.items()}
        return AnswerKey(quiz=self.name, fits=self.fits, points=self.points, slots=self.slots, entries=entries)


def assemble(path: Path) -> Quiz:
    """Read a quiz and draw its variants.

    Raises:
        AuthoringError: The file is not valid, or a text in it cannot be filled in.
    """
    file = read_quiz(path)
    variants = []
    for question in file.questions:
        try:
            variants.append(tuple(variants_of(question, file)))
        except ValueError as error:
            raise AuthoringError(f"{path}: question {question.id!r}: {error}") from error
    places = list(_places(file, [len(one) for one in variants]))
    return Quiz(
        name=path.stem,
        path=path,
        file=file,
        variants=tuple(variants),
        slots=tuple(slot for slot, _ in places),
        points=tuple(points for _, points in places),
    )


def key_of(question: int, variant: int) -> str:
    """The name of a variant: it tells students nothing."""
    return f"{question + 1}{chr(ord('a') + variant)}"


def _places(file: QuizFile, num_variants: list[int]) -> list[tuple[dict[str, Any], float]]:
    pools = {pool.id: pool for pool in file.pools}
    keys = [[key_of(question, one) for one in range(number)] for question, number in enumerate(num_variants)]
    names: Mapping[str, str] = {pool.id: f"pool {number}" for number, pool in enumerate(file.pools, start=1)}
    places: list[tuple[dict[str, Any], float]] = []
    done: set[str] = set()
    for index, question in enumerate(file.questions):
        if question.pool is None:
            points = question.points if question.points is not None else 1.0
            places.append(({"pool": None, "questions": [keys[index]]}, points))
        elif question.pool not in done:
            done.add(question.pool)
            pool = pools[question.pool]
            members = [keys[other] for other, one in enumerate(file.questions) if one.pool == pool.id]
            places += [({"pool": names[pool.id], "questions": members}, pool.points)] * pool.draw
    return places
