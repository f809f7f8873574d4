"""Functions of a student's beside a reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checks import expect_equals_reference
from autograder.errors import CheckError, Failure

from .models import GARBAGE

DRAW = np.random.default_rng(0)
CASES = [DRAW.normal(size=(3, 4)) for _ in range(3)]


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect_equals_reference(lambda _: GARBAGE[name], relu, CASES)
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect_equals_reference(lambda _: GARBAGE[name], lambda z: (z, z), CASES)


def test_the_same_function_written_another_way_passes_in_any_precision() -> None:
    expect_equals_reference(lambda z: z * (z > 0), relu, CASES)
    expect_equals_reference(lambda z: relu(z.astype("float32")), relu, CASES)
    expect_equals_reference(lambda z: relu(z).tolist(), relu, CASES)


def test_another_function_fails_at_the_first_case_that_shows_it() -> None:
    with pytest.raises(Failure, match=r"relu \(case 2\) is not what it should be \(1 of 2 numbers differ\)") as failure:
        expect_equals_reference(np.abs, relu, [np.array([1.0, 2.0]), np.array([1.0, -2.0])], "relu", hint="Negative?")
    assert failure.value.hint == "Negative?"


def test_a_tuple_is_several_arguments() -> None:
    expect_equals_reference(lambda a, b: b * a, lambda a, b: a * b, [(2.0, CASES[0]), (3, CASES[1])])
    with pytest.raises(Failure, match="case 1"):
        expect_equals_reference(lambda a, b: a - b, lambda a, b: b - a, [(2.0, CASES[0])])


def test_what_may_be_shown_is_shown_with_its_arguments() -> None:
    with pytest.raises(Failure) as failure:
        expect_equals_reference(
            lambda z, a: relu(z), lambda z, a: relu(z) + a, [(np.array([1.0, -2.0]), 0.5)], show=True
        )
    assert failure.value.message == (
        "the result of [ 1., -2.], 0.5 is not what it should be (2 of 2 numbers differ): "
        "expected [1.5, 0.5], received [1., 0.]"
    )


def test_several_results_are_compared_one_by_one() -> None:
    expect_equals_reference(lambda z: [z, z.sum()], lambda z: (z, z.sum()), CASES)
    with pytest.raises(Failure, match=r"the result \(case 1\), part 1 is not what it should be"):
        expect_equals_reference(lambda z: (z, z.mean()), lambda z: (z, z.sum()), CASES)
    with pytest.raises(Failure, match="to have 2 parts, received a tuple of 3"):
        expect_equals_reference(lambda z: (z, z, z), lambda z: (z, z), CASES)


def test_a_reference_that_is_not_finite_is_a_mistake_of_the_check() -> None:
    with pytest.raises(CheckError, match="the check's own answer"):
        expect_equals_reference(relu, lambda z: z * np.nan, CASES)
