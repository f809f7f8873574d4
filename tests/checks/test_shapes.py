"""Shapes of arrays, and of what models make of real batches."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.checks import (
    expect_model,
    expect_output_shape,
    expect_probabilities,
    expect_shape,
)
from autograder.errors import Failure

from .models import GARBAGE, LinearModel


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_no_model(name: str) -> None:
    with pytest.raises(Failure, match="expected what `build` returns to be a Keras model, received "):
        expect_model(GARBAGE[name], "what `build` returns")


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize(
    "expect",
    [
        lambda value: expect_shape(value, (2, 2)),
        expect_probabilities,
        lambda value: expect_output_shape(value, (None, 3)),
        lambda value: expect_output_shape(LinearModel(output=lambda _: value), (None, 3)),
    ],
)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name, expect) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect(GARBAGE[name])


@pytest.mark.parametrize("name", GARBAGE)
def test_a_model_may_say_anything_of_its_sizes(name: str) -> None:
    model = LinearModel()
    model.said = {"input_shape": GARBAGE[name]}
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect_output_shape(model, (None, 3))


def test_none_stands_for_any_length() -> None:
    expect_shape(np.zeros((5, 3)), (None, 3))
    with pytest.raises(Failure, match=r"shape \(any, 3\), received shape \(5, 4\)"):
        expect_shape(np.zeros((5, 4)), (None, 3))


def test_a_model_is_asked_about_batches_of_several_sizes() -> None:
    model = LinearModel()
    expect_output_shape(model, (None, 3), batch_sizes=(1, 3, 32))
    assert model.batches == [1, 3, 32]


def test_batches_are_made_from_the_examples_given() -> None:
    expect_output_shape(LinearModel(), (None, 3), inputs=np.zeros((2, 4, 4, 1)), batch_sizes=(1, 5))


def test_an_output_that_loses_the_batch_fails() -> None:
    model = LinearModel(output=lambda probabilities: probabilities.mean(axis=0, keepdims=True))
    with pytest.raises(Failure, match=r"\(any, 3\): \(3, 3\) for a batch of 3, received \(1, 3\)"):
        expect_output_shape(model, (None, 3))


def test_an_output_of_nan_fails() -> None:
    with pytest.raises(Failure, match="expected finite numbers"):
        expect_output_shape(LinearModel(output=lambda probabilities: probabilities * np.nan), (None, 3))


def test_a_model_without_a_known_input_shape_is_told_to_be_built() -> None:
    model = LinearModel()
    model.said = {"input_shape": None}
    with pytest.raises(Failure) as failure:
        expect_output_shape(model, (None, 3))
    assert "keras.Input" in failure.value.hint
    expect_output_shape(model, (None, 3), input_shape=(None, 4, 4, 1))


def test_a_forged_input_shape_does_not_make_the_judge_allocate_it() -> None:
    model = LinearModel()
    model.said = {"input_shape": (None, 10**9, 10**9)}
    with pytest.raises(Failure, match="reasonable size"):
        expect_output_shape(model, (None, 3))


def test_probabilities_pass_along_any_axis() -> None:
    expect_probabilities([[0.25, 0.75], [1.0, 0.0]])
    expect_probabilities([[0.25, 1.0], [0.75, 0.0]], axis=0)


def test_logits_are_recognised() -> None:
    with pytest.raises(Failure, match="received numbers from -2 to 3") as failure:
        expect_probabilities([[-2.0, 3.0]])
    assert "softmax" in failure.value.hint


def test_sigmoids_do_not_sum_to_one() -> None:
    with pytest.raises(Failure, match=r"received sums from 1\.3 to 1\.3"):
        expect_probabilities([[0.6, 0.7]])


def test_no_rows_are_no_probabilities() -> None:
    with pytest.raises(Failure, match=r"received an array of shape \(0, 10\)"):
        expect_probabilities(np.zeros((0, 10)))
