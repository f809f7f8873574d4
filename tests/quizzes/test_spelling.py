"""Answers as students write them: read by their meaning, or refused in a sentence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quizzes.given import NotUnderstood, Unanswered, read
from autograder.quizzes.given.spelling import lines_of, squeeze

NUMBER: dict[str, Any] = {"kind": "number"}
PERCENT: dict[str, Any] = {"kind": "number", "units": ["%"]}
WHOLE: dict[str, Any] = {"kind": "number", "units": ["parameters"], "whole": True}
OPTIONS = {"a": "stride", "b": "padding", "c": "the pool size", "d": "dilation"}
CHOICE: dict[str, Any] = {"kind": "choice", "options": OPTIONS}
CHOICES: dict[str, Any] = {"kind": "choices", "options": OPTIONS}
ORDER: dict[str, Any] = {"kind": "order", "options": OPTIONS}
SHAPE: dict[str, Any] = {"kind": "shape"}
OUTPUT: dict[str, Any] = {"kind": "output"}
TEXT: dict[str, Any] = {"kind": "text"}
FORMS = [NUMBER, PERCENT, WHOLE, CHOICE, CHOICES, ORDER, SHAPE, OUTPUT, TEXT]

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**30, 10**4000, -(10**40), 1e300])
    | st.floats()
    | st.text(st.characters(), max_size=50)  # lone surrogates among them
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (12.5, 12.5),
        (3, 3),
        (3.0, 3),
        ("12.5", 12.5),
        (" 12.5 ", 12.5),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("1,234", 1234),
        ("1,234,567", 1234567),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1.234.567", 1234567),
        ("1 234 567", 1234567),
        ("1'234'567", 1234567),
        ("1_234_567", 1234567),
        ("1.234", 1.234),
        (".5", 0.5),
        ("-3", -3),
        ("\N{MINUS SIGN}3", -3),
        ("+3", 3),
        ("1e-3", 0.001),
        ("1.5E6", 1500000),
        ("2*10^3", 2000),
        ("2 × 10**3", 2000),
        ("1/8", 0.125),
        ("= 4", 4),
        ("≈ 0.3", 0.3),
        ("12.5%", 0.125),
        ("12.5 per cent", 0.125),
        (np.float32(0.5), 0.5),
        (np.array(4), 4),
        ([7], 7),
    ],
)
def test_numbers_are_read(answer: object, value: float) -> None:
    assert read(NUMBER, answer).value == value


@pytest.mark.parametrize("answer", ["12.5%", "12.5 %", "12.5", 12.5, "12.5 percent", "12,5 %", "12.5 per cent"])
def test_per_cent_in_a_question_counted_in_per_cent_is_the_number(answer: object) -> None:
    assert read(PERCENT, answer).value == 12.5


def test_a_sign_of_per_cent_gets_a_word() -> None:
    assert "the number alone is enough" in read(PERCENT, "12.5%").word
    assert read(NUMBER, "12.5%").word == "read as 12.5 per cent, which is 0.125"
    assert read(PERCENT, 12.5).word == ""


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("about ten", "expected a number, received the text 'about ten'"),
        ("3 apples", "received 'apples' behind it; write the number alone"),
        (True, "expected a number, received True"),
        (math.nan, "expected a finite number, received nan"),
        (math.inf, "expected a finite number, received inf"),
        ("-inf", "expected a finite number, received -inf"),
        ("NaN", "expected a finite number, received NaN"),
        ("1e999", "expected a finite number, received inf"),
        ([1, 2], "expected a number, received an object of class list"),
        (10**40, "expected a number, received one of many digits"),
        ("1" * 500, "expected a number, received one of many digits"),
        ("1,23,4", "expected a number, received the text '1,23,4'"),
        ("1/0", "expected a number"),
        ("12 % of 3", "behind it"),
    ],
)
def test_what_is_no_number_is_refused_in_a_sentence(answer: object, sentence: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(NUMBER, answer)
    assert sentence in str(caught.value)


def test_a_unit_may_stand_behind_the_number_and_no_other() -> None:
    assert read({"kind": "number", "units": ["pixels"]}, "7 Pixels.").value == 7
    with pytest.raises(NotUnderstood, match=r"expected a number \(in pixels\), received 'mm' behind it"):
        read({"kind": "number", "units": ["pixels"]}, "7 mm")


def test_counts_are_whole() -> None:
    assert read(WHOLE, "101,770 parameters").value == 101770
    assert read(WHOLE, 4.0).value == 4
    with pytest.raises(NotUnderstood, match=r"expected a whole number, received 4\.5"):
        read(WHOLE, 4.5)


@pytest.mark.parametrize(
    "answer",
    [
        (None, 28, 1),
        [None, 28, 1],
        "(None, 28, 1)",
        "[None,28,1]",
        "None x 28 x 1",
        "none × 28 × 1",
        "? 28 1",
        "(batch, 28, 1)",
        (-1, 28, 1),
        (None, 28.0, "1"),
        "TensorShape([None, 28, 1])",
        (None, np.int64(28).item(), 1),
    ],
)
def test_shapes_are_read(answer: object) -> None:
    assert read(SHAPE, answer).value == [None, 28, 1]


@pytest.mark.parametrize("answer", ["(None, 28.5)", "large", (None, 2.5), (True,), ((1, 2),), {"a": 1}, 10**30])
def test_what_is_no_shape_is_refused(answer: object) -> None:
    with pytest.raises(NotUnderstood, match="expected a shape"):
        read(SHAPE, answer)


def test_a_shape_of_one_axis_may_be_a_number() -> None:
    assert read(SHAPE, 10).value == [10]
    assert read(SHAPE, "(10,)").value == [10]
    assert read(SHAPE, np.array([3, 4])).value == [3, 4]


@pytest.mark.parametrize("answer", ["b", "B", "b)", "(b)", "b.", " b ", "padding", "Padding!", "b) padding", ["b"]])
def test_one_option_is_named_by_letter_or_words(answer: object) -> None:
    assert read(CHOICE, answer).value == "b"


@pytest.mark.parametrize("answer", ["e", "ab", "stride and padding", 2, True, "?", {"b": 1}])
def test_what_names_no_option_is_refused(answer: object) -> None:
    with pytest.raises(NotUnderstood, match=r"expected the letter"):
        read(CHOICE, answer)


@pytest.mark.parametrize(
    "answer", ["a, c", "ac", "a c", "A;C", "c and a", ["a", "c"], ("c", "a"), "[a, c]", "(a) (c)", "a, a, c"]
)
def test_several_options_are_named_in_any_way(answer: object) -> None:
    assert read(CHOICES, answer).value == ["a", "c"]


@pytest.mark.parametrize("answer", ["b a d c", "badc", "b,a,d,c", ["b", "a", "d", "c"], "b > a > d > c", "b-a-d-c"])
def test_orders_are_read(answer: object) -> None:
    assert read(ORDER, answer).value == ["b", "a", "d", "c"]


@pytest.mark.parametrize("answer", ["b a d", "b a d d", "bade", "aaaa"])
def test_an_order_names_every_letter_once(answer: str) -> None:
    with pytest.raises(NotUnderstood, match="expected"):
        read(ORDER, answer)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Batch-Normalisation", "batch normalisation"),
        ("  the Learning  rate. ", "learning rate"),
        ("Fréchet", "frechet"),
        ("GlobalAveragePooling2D", "global average pooling 2d"),
        ("L2", "l2"),
        ("ε-greedy", "ε greedy"),
    ],
)
def test_texts_are_the_same_but_for_what_makes_no_difference(one: str, other: str) -> None:
    assert squeeze(one) == squeeze(other)


def test_different_words_stay_different() -> None:
    assert squeeze("overfitting") != squeeze("underfitting")
    assert squeeze("a") == "a"


def test_outputs_are_compared_without_what_nobody_sees() -> None:
    assert read(OUTPUT, "( 3 ,4 )").value == read(OUTPUT, (3, 4)).value == "(3,4)"
    assert read(OUTPUT, "1.0  \n 2.0\n\n").value == "1.0\n2.0"
    assert read(OUTPUT, "'hello'").value == "hello"
    assert read(OUTPUT, [[1, 2], [3, None]]).value == read(OUTPUT, "[[1, 2], [3, None]]").value
    assert lines_of("a\r\nb") == ["a", "b"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("answer", [None, ..., "", "  ", [], (), "..."])
def test_no_answer_is_told_apart(form: dict[str, Any], answer: object) -> None:
    with pytest.raises(Unanswered, match="expected an answer in place of the dots, found none"):
        read(form, answer)


@given(answer=plain, form=st.sampled_from(FORMS))
def test_every_answer_is_read_or_refused_in_a_sentence(answer: object, form: dict[str, Any]) -> None:
    said = ""
    try:
        reading = read(form, answer)
    except NotUnderstood as problem:  # either is fine, and nothing else may come
        said = str(problem)
    else:
        assert reading.value is not None
        assert reading.says
    assert said == "" or said.startswith("expected ")
    assert len(said) < 400


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_python_writes_it(number: float) -> None:
    assert read(NUMBER, repr(number)).value == number
    assert read(NUMBER, number).value == number


@given(number=st.integers(min_value=-(10**15), max_value=10**15))
def test_a_number_is_read_however_its_digits_are_grouped(number: int) -> None:
    for text in (str(number), f"{number:,}", f"{number:_}", f"{number:,}".replace(",", " ")):
        assert read(NUMBER, text).value == number


@given(axes=st.lists(st.none() | st.integers(min_value=0, max_value=10**9), min_size=1, max_size=6))
def test_a_shape_is_read_as_python_writes_it(axes: list[int | None]) -> None:
    assert read(SHAPE, tuple(axes)).value == axes
    assert read(SHAPE, str(tuple(axes))).value == axes
