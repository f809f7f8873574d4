"""Judging is a function of the variant and the answer: right earns everything, wrong nothing, partly what is stated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quizzes import Entry, judge, problems_of
from autograder.quizzes.judging import ticked
from tests.quizzes.test_spelling import plain

LETTERS = "abcdef"
OPTIONS = {letter: f"option {letter}" for letter in LETTERS}


def entry(kind: str, form: dict[str, Any], right: Any, tolerance: float = 0.0, wrong: tuple[Any, ...] = ()) -> Entry:
    return Entry(
        kind=kind,  # type: ignore[arg-type]
        form=form,
        right=right,
        tolerance=tolerance,
        shown=str(right),
        explanation="E",
        wrong=wrong,
    )


SINGLE = entry("single", {"kind": "choice", "options": OPTIONS}, ["b"])
MULTIPLE = entry("multiple", {"kind": "choices", "options": OPTIONS}, ["a", "c"])
ORDER = entry("order", {"kind": "order", "options": OPTIONS}, list("fedcba"))
NUMERIC = entry("numeric", {"kind": "number", "units": ["%"]}, 12.5, 0.5)
PARAMETERS = entry("parameters", {"kind": "number", "units": ["parameters"], "whole": True}, 101770)
SHAPE = entry("shape", {"kind": "shape"}, [None, 14, 14, 8])
TEXT = entry("text", {"kind": "text"}, ["early stopping", "stop early"])
OUTPUT = entry("output", {"kind": "output"}, "(3,4)")
EVERY = [SINGLE, MULTIPLE, ORDER, NUMERIC, PARAMETERS, SHAPE, TEXT, OUTPUT]


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.kind)
def test_a_sound_key_stands_the_proof(one: Entry) -> None:
    assert list(problems_of(one)) == []


@pytest.mark.parametrize(
    ("one", "answer", "fraction"),
    [
        (SINGLE, "B)", 1.0),
        (SINGLE, "a", 0.0),
        (MULTIPLE, "a, c", 1.0),
        (MULTIPLE, "a", 0.5),
        (MULTIPLE, "a, c, b", 0.75),
        (MULTIPLE, "a, b", 0.25),
        (MULTIPLE, "b", 0.0),
        (MULTIPLE, LETTERS, 0.0),
        (ORDER, "f e d c b a", 1.0),
        (ORDER, "e f d c b a", 4 / 6),
        (ORDER, "a f e d c b", 0.0),
        (NUMERIC, "12.5%", 1.0),
        (NUMERIC, "12,4 %", 1.0),
        (NUMERIC, 13.0, 1.0),
        (NUMERIC, 13.01, 0.0),
        (NUMERIC, 0.125, 0.0),
        (PARAMETERS, "101 770", 1.0),
        (PARAMETERS, 101769, 0.0),
        (SHAPE, (None, 14, 14, 8), 1.0),
        (SHAPE, "14, 14, 8", 1.0),
        (SHAPE, (None, 14, 8, 14), 0.0),
        (TEXT, "Early-Stopping!", 1.0),
        (TEXT, "Stopping", 0.0),
        (OUTPUT, (3, 4), 1.0),
        (OUTPUT, "(3, 4)\n", 1.0),
        (OUTPUT, "(4, 3)", 0.0),
    ],
)
def test_answers_earn_what_they_are_worth(one: Entry, answer: object, fraction: float) -> None:
    assert judge(one, answer).fraction == pytest.approx(fraction)


def test_a_right_answer_in_another_form_gets_a_word_and_everything() -> None:
    judgement = judge(NUMERIC, "12.5%")
    assert (judgement.fraction, judgement.message) == (
        1.0,
        "the answer is counted in per cent: the number alone is enough",
    )
    assert judge(SHAPE, (14, 14, 8)).message == "the batch is an axis of the shape, too: `None` in front"


def test_messages_tell_what_was_received_and_never_what_is_right() -> None:
    assert judge(PARAMETERS, 5).message == "received the number 5, which is not right"
    assert judge(MULTIPLE, "a").message == "received option a, which is right in part"
    assert judge(PARAMETERS, "many").message == "not understood: expected a number, received the text 'many'"
    assert judge(PARAMETERS, None).message == "expected an answer in place of the dots, found none"


@given(answer=plain, one=st.sampled_from(EVERY))
def test_every_answer_whatever_it_is_has_a_judgement(answer: object, one: Entry) -> None:
    judgement = judge(one, answer)
    assert 0.0 <= judgement.fraction <= 1.0
    assert judgement.fraction == 1.0 or judgement.message
    assert len(judgement.message.encode("utf-8")) < 1000
    assert judge(one, answer) == judgement


@given(named=st.sets(st.sampled_from(LETTERS)), right=st.sets(st.sampled_from(LETTERS), min_size=1, max_size=5))
def test_naming_more_wrong_options_never_helps(named: set[str], right: set[str]) -> None:
    earned = ticked(sorted(named), sorted(right), LETTERS)
    assert ticked(list(LETTERS), sorted(right), LETTERS) == 0.0
    for letter in set(LETTERS) - right - named:
        assert ticked(sorted(named | {letter}), sorted(right), LETTERS) <= earned
    for letter in right - named:
        assert ticked(sorted(named | {letter}), sorted(right), LETTERS) >= earned
    assert (earned == 1.0) == (named == right)


@given(order=st.permutations(LETTERS))
def test_an_order_earns_the_share_of_places_that_are_right(order: list[str]) -> None:
    places = sum(one == other for one, other in zip(order, "fedcba", strict=True))
    assert judge(ORDER, order).fraction == places / 6


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_right_within_its_tolerance_and_not_beyond(value: float) -> None:
    fraction = judge(NUMERIC, value).fraction
    if abs(value - 12.5) <= 0.5:
        assert fraction == 1.0
    elif abs(value - 12.5) > 0.5 + 1e-9:
        assert fraction == 0.0


def test_a_key_whose_wrong_answer_is_right_does_not_stand_the_proof() -> None:
    unsound = entry("numeric", {"kind": "number"}, 4, 1.0, wrong=(5,))
    assert list(problems_of(unsound)) == [
        "expected the wrong answer 5 to earn nothing, it earns 100%; correct it",
    ]
