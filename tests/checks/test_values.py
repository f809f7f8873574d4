"""Numbers from a student's code, compared with the right ones."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.checks import (
    expect_close,
    expect_finite,
    expect_in_range,
    expect_number,
    expect_numbers,
    expect_whole_number,
    received,
)
from autograder.errors import CheckError, Failure

from .models import GARBAGE


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize(
    "expect",
    [
        expect_numbers,
        expect_finite,
        expect_number,
        expect_whole_number,
        lambda value: expect_close(value, np.zeros((2, 2))),
        lambda value: expect_close(value, 1),
        lambda value: expect_in_range(value, 0.0, 1.0),
    ],
)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name, expect) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect(GARBAGE[name])


@pytest.mark.parametrize("name", GARBAGE)
def test_received_says_in_a_few_words_what_garbage_is(name: str) -> None:
    assert 3 < len(received(GARBAGE[name])) < 200


def test_received_never_repeats_a_long_text() -> None:
    assert received("x" * 10_000) == f"a string that begins '{'x' * 40}'"


def test_numbers_come_back_as_float64() -> None:
    assert expect_numbers([[1, 2], [3, 4]]).dtype == np.float64
    assert expect_numbers(np.float16(1.5)).shape == ()
    assert expect_numbers(np.array([True, False])).tolist() == [1.0, 0.0]


def test_none_asks_about_the_return_statement() -> None:
    with pytest.raises(Failure) as failure:
        expect_numbers(None, "the output of `conv2d`")
    assert failure.value.message == "expected the output of `conv2d` to be an array of numbers, received None"
    assert "return" in failure.value.hint


def test_nan_and_infinity_are_counted() -> None:
    with pytest.raises(Failure, match="received 2 of 4 that are nan or infinite"):
        expect_finite([1.0, np.nan, np.inf, 0.0])


def test_a_whole_number_may_be_a_numpy_one_but_no_float() -> None:
    assert expect_whole_number(np.array(3)) == 3
    with pytest.raises(Failure, match=r"received the number 3\.0"):
        expect_whole_number(3.0)


def test_numbers_within_rounding_are_close() -> None:
    right = np.array([1.0, 1000.0])
    expect_close(right.astype("float32") * np.float32(1.00001), right)
    expect_close((right + 1e-6).astype("float64"), right)


def test_float64_is_compared_more_strictly_than_float32() -> None:
    with pytest.raises(Failure):
        expect_close(np.array([1.00005]), [1.0])
    expect_close(np.array([1.00005], dtype="float32"), [1.0])


def test_whole_numbers_must_be_equal() -> None:
    expect_close([1_000_000], [1_000_000])
    with pytest.raises(Failure):
        expect_close([1_000_000], [1_000_001])


def test_a_tolerance_that_is_given_counts() -> None:
    expect_close([1.1], [1.0], rtol=0.2)
    with pytest.raises(Failure):
        expect_close([1.1], [1.0], rtol=0.0, atol=0.05)


def test_another_shape_fails_even_where_it_would_broadcast() -> None:
    with pytest.raises(Failure, match=r"expected the map to have shape \(2, 2\), received shape \(2, 1\)"):
        expect_close(np.ones((2, 1)), np.ones((2, 2)), "the map")


def test_a_difference_is_described_without_the_expected_numbers() -> None:
    with pytest.raises(Failure) as failure:
        expect_close([1.0, 2.0, 30.0], [1.0, 2.0, 3.0], "the sum")
    assert (
        failure.value.message
        == "the sum is not what it should be (1 of 3 numbers differ); the largest difference is 27"
    )


def test_a_public_example_may_be_shown() -> None:
    with pytest.raises(Failure, match=r"expected \[3, 4\], received \[3\., 5\.\]"):
        expect_close([3.0, 5.0], [3, 4], show=True)


def test_nan_where_a_number_should_be_fails_and_is_shown_in_a_public_example() -> None:
    with pytest.raises(Failure, match=r"received \[nan\]"):
        expect_close([np.nan], [0.0], show=True)


def test_huge_numbers_fail_without_overflow_warnings() -> None:
    with pytest.raises(Failure):
        expect_close(np.array([1e308]), [-1e308])


@pytest.mark.parametrize("expected", [np.nan, [None], ["a"]])
def test_an_answer_of_ours_that_is_no_number_is_our_fault(expected) -> None:
    with pytest.raises(CheckError, match="the check's own answer"):
        expect_close([0.0], expected)


def test_a_negative_tolerance_is_our_fault() -> None:
    with pytest.raises(CheckError, match="tolerances"):
        expect_close([0.0], [0.0], rtol=-1)


def test_a_range_includes_its_ends_and_may_be_open() -> None:
    assert expect_in_range([[-1.0, 1.0]], -1.0, 1.0).shape == (1, 2)
    expect_in_range([0, 1e30], 0, None)
    expect_in_range(np.float32(-3), None, 0.0)
    with pytest.raises(Failure) as failure:
        expect_in_range([0.5, 1.25, -0.5], 0.0, 1.0, "the pixels", hint="sigmoid ends there")
    assert failure.value.message == (
        "expected the pixels to be numbers of at least 0 and of at most 1, received some from -0.5 to 1.25"
    )
    assert failure.value.hint == "sigmoid ends there"
    with pytest.raises(Failure, match=r"expected the loss to be numbers of at least 0, received -2$"):
        expect_in_range(-2.0, 0.0, None, "the loss")
    with pytest.raises(Failure, match=r"received an array of shape \(0, 3\)"):
        expect_in_range(np.zeros((0, 3)), 0.0, 1.0)
