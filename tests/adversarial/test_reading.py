"""What many attempts together can find out of hidden data (23, 24)."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from autograder.checks.hidden import STEPS
from tests.adversarial.case import Outcome
from tests.adversarial.classroom import Classroom
from tests.adversarial.conftest import EVERYTHING
from tests.adversarial.courses import Edit, make_arena
from tests.adversarial.submissions import classifier

ATTEMPTS = 50 if EVERYTHING else 10


@pytest.fixture(scope="module")
def room() -> Iterator[Classroom]:
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    try:
        (folder / "tmp").mkdir()
        yield Classroom(make_arena(folder / "course"), folder / "tmp")
    finally:
        shutil.rmtree(folder)


def attempts(room: Classroom, submissions: Sequence[Edit]) -> list[Outcome]:
    """Hand each in and grade them; what each was given."""
    students = [f"try{number:02d}" for number in range(len(submissions))]
    for student, submit in zip(students, submissions, strict=True):
        room.arena.hand_in(student, submit)
    room.grade(*(word for student in students for word in ("--student", student)))
    return [room.outcome(student) for student in students]


def test_attempts_that_differ_in_a_remark_are_shown_other_rows_first(room: Classroom) -> None:
    """A bit of each attempt gets out through its mark: whether the first row shown is of the first class."""
    body = "right_ones = right(images)\nreturn right_ones if right_ones[0].argmax() == 0 else -right_ones"
    outcomes = attempts(room, [classifier(body, f"# attempt {number}") for number in range(10)])
    marks = {outcome.scores["classify"] for outcome in outcomes}
    assert len(marks) > 1, "ten attempts saw a row of the same class first: the order can be learned"


def test_many_attempts_that_change_one_answer_each_do_not_find_the_labels(room: Classroom) -> None:
    """Each attempt answers 0 for one row of a mediocre classifier; a better mark would give that row's class away."""
    mediocre = "wrong = (images[:, 0, 0] * 1e6).astype(int) % 10 < 3\nscores = right(images)\nscores[wrong] *= -1"
    submissions = [
        classifier(f"{mediocre}\nif len(images) > {row}:\n    scores[{row}] = [9, 0, 0]\nreturn scores")
        for row in range(ATTEMPTS)
    ]
    outcomes = attempts(room, submissions)
    marks = np.array([outcome.scores["classify"] or 0.0 for outcome in outcomes])
    assert 0 < marks.mean() < 6, "expected marks in between, where a single row could show"
    steps = marks / 6 * STEPS
    assert np.allclose(steps, steps.round()), "marks on hidden data move in twentieths"
    said = {outcome.said("classify") for outcome in outcomes}
    assert all("%" in text and "." not in text.split("received")[1].split("%")[0] for text in said), said

    with np.load(room.arena.course.root / "reference" / "arena" / "data" / "hidden.npz") as hidden:
        truth = hidden["labels"][:ATTEMPTS] == 0
        # What the attempts are asked about is sorted by class in the file: were it asked in that order, the first
        # forty rows would all be of the first class.
        assert truth[: min(ATTEMPTS, 40)].all()
    guessed = marks > np.median(marks)
    found = float(np.mean(guessed == truth))
    assert found <= 0.5 + 4 * math.sqrt(0.25 / ATTEMPTS), f"{found:.0%} of the labels were found"
