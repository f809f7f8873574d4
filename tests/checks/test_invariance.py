"""Batches, sets and images that are rearranged, and functions that must not mind or must go along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checks import (
    expect_batch_independent,
    expect_permutation_equivariant,
    expect_permutation_invariant,
    expect_translation_equivariant,
    expect_translation_invariant,
)
from autograder.errors import CheckError, Failure

from .models import GARBAGE, softmax

X = np.random.default_rng(0).normal(size=(6, 5, 3))
IMAGES = np.pad(np.random.default_rng(1).random((2, 4, 4, 1)), [(0, 0), (3, 3), (3, 3), (0, 0)])
NOISE = np.random.default_rng(2).random((2, 9, 9, 1))
SHIFTS = [(0, 2), (-1, 0), (2, -3)]


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize(
    "expect",
    [
        lambda f: expect_batch_independent(f, X),
        lambda f: expect_permutation_invariant(f, X),
        lambda f: expect_permutation_equivariant(f, X),
        lambda f: expect_translation_invariant(f, IMAGES, SHIFTS),
        lambda f: expect_translation_equivariant(f, NOISE, SHIFTS, margin=1),
    ],
)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str, expect: Callable[[Any], None]) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect(lambda _: GARBAGE[name])


# batches ------------------------------------------------------------------------------------------------------------


def test_rows_that_are_worked_on_alone_pass() -> None:
    expect_batch_independent(lambda x: softmax(x.mean(axis=1)), X)
    expect_batch_independent(lambda x: (x.mean(axis=1)).astype("float32"), X)
    expect_batch_independent(lambda x: [x.sum(axis=1), x * 2], X)
    expect_batch_independent(lambda parts: parts[0] + parts[1], [X, 2 * X])
    expect_batch_independent(lambda x: x.argmax(axis=1), X)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x - x.mean(axis=0),
        lambda x: softmax(x.mean(axis=1).T).T,
        lambda x: np.cumsum(x, axis=0),
        lambda x: x + x[:1],
        lambda x: x * (1 + 0.01 * len(x)),
        lambda x: [x, x / x.max()],
    ],
)
def test_rows_that_look_at_their_neighbours_fail(f: Any) -> None:
    with pytest.raises(
        Failure, match=r"the output (for an example alone|beside other examples) is not what it"
    ) as failure:
        expect_batch_independent(f, X)
    assert "axis 0" in failure.value.hint


def test_a_function_that_ignores_its_input_is_not_independent_but_empty() -> None:
    with pytest.raises(Failure, match="to depend on the example, received the same for different ones"):
        expect_batch_independent(lambda x: np.ones((len(x), 3)), X)


def test_a_row_for_each_example_is_expected() -> None:
    with pytest.raises(Failure, match=r"a row for each of 6 examples, received shape \(1, 5, 3\)"):
        expect_batch_independent(lambda x: x.mean(axis=0, keepdims=True), X)
    with pytest.raises(Failure, match="to have 2 parts again, received 3"):
        expect_batch_independent(lambda x: [x] * (3 if len(x) == 1 else 2), X)


def test_a_batch_of_equal_examples_shows_nothing() -> None:
    with pytest.raises(CheckError, match="two different examples"):
        expect_batch_independent(lambda x: x, np.ones((3, 2)))
    with pytest.raises(CheckError, match="received 1 rows"):
        expect_batch_independent(lambda x: x, X[:1])


# sets ---------------------------------------------------------------------------------------------------------------


def test_sums_and_maxima_do_not_mind_the_order() -> None:
    expect_permutation_invariant(lambda x: x.sum(axis=1), X)
    expect_permutation_invariant(lambda x: x.max(axis=2), X, axis=-1)
    expect_permutation_invariant(lambda x: x.mean(axis=0), X, axis=0)
    expect_permutation_invariant(lambda x: x.astype("float32").mean(axis=1), X)


def test_what_minds_the_order_fails() -> None:
    with pytest.raises(Failure, match="the output for another order along axis 1 is not what it should be"):
        expect_permutation_invariant(lambda x: x[:, 0], X)
    with pytest.raises(Failure, match="the pooled set for another order"):
        expect_permutation_invariant(lambda x: x.sum(axis=1) + 1e-3 * x[:, -1], X, what="the pooled set")


def test_a_constant_is_not_invariant_but_empty() -> None:
    with pytest.raises(Failure, match="to depend on the input, received the same for different inputs"):
        expect_permutation_invariant(lambda x: np.zeros((6, 3)), X)


def test_attention_without_positions_goes_along_with_the_order() -> None:
    def attention(x: np.ndarray) -> np.ndarray:
        return softmax(x @ x.swapaxes(1, 2)) @ x

    expect_permutation_equivariant(attention, X)
    expect_permutation_equivariant(lambda x: attention(x).swapaxes(1, 2), X, output_axis=2)
    with pytest.raises(Failure, match="the output for another order along axis 1 is not what it should be"):
        expect_permutation_equivariant(lambda x: attention(x + np.arange(5)[:, None] / 10), X)


def test_outputs_that_are_the_same_at_every_place_prove_nothing() -> None:
    with pytest.raises(Failure, match="the output at each place to depend on the input"):
        expect_permutation_equivariant(lambda x: x.sum(axis=1, keepdims=True).repeat(5, axis=1), X)


def test_an_output_without_that_axis_fails() -> None:
    with pytest.raises(Failure, match=r"to have 5 entries along axis 1, received shape \(6, 3\)"):
        expect_permutation_equivariant(lambda x: x.sum(axis=1), X)
    with pytest.raises(Failure, match=r"to have 3 entries along axis 2, received shape \(6, 5\)"):
        expect_permutation_equivariant(lambda x: x.sum(axis=2), X, axis=2)


def test_an_input_that_no_order_changes_is_a_mistake_of_the_check() -> None:
    for expect in (expect_permutation_invariant, expect_permutation_equivariant):
        with pytest.raises(CheckError, match="different entries along axis 1"):
            expect(lambda x: x, np.ones((2, 3)))


# images -------------------------------------------------------------------------------------------------------------


def blurred(x: np.ndarray) -> np.ndarray:
    padded = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    return sum((1 + u + 3 * v) * padded[:, u : u + x.shape[1], v : v + x.shape[2]] for u in range(3) for v in range(3))


def test_a_sum_over_the_image_does_not_mind_where_the_content_is() -> None:
    expect_translation_invariant(lambda x: blurred(x).max(axis=(1, 2)), IMAGES, SHIFTS)


def test_a_dense_network_minds_where_the_content_is() -> None:
    kernel = np.random.default_rng(3).normal(size=(100, 4))
    with pytest.raises(Failure, match=r"the output for images moved by \(0, 2\) is not what it should be"):
        expect_translation_invariant(lambda x: x.reshape(2, -1) @ kernel, IMAGES, SHIFTS)


def test_the_same_answer_to_every_image_is_not_invariant_but_empty() -> None:
    with pytest.raises(Failure, match="to depend on the input"):
        expect_translation_invariant(lambda x: np.ones((2, 3)), IMAGES, SHIFTS)


def test_content_that_would_leave_the_image_is_a_mistake_of_the_check() -> None:
    with pytest.raises(CheckError, match=r"as wide as the shift \(4, 0\)"):
        expect_translation_invariant(lambda x: x.sum(axis=(1, 2)), IMAGES, [(4, 0)])


def test_a_convolution_moves_along_away_from_the_edges() -> None:
    expect_translation_equivariant(blurred, NOISE, SHIFTS, margin=1)
    expect_translation_equivariant(lambda x: blurred(x)[:, ::2, ::2], NOISE, [(2, 0), (0, -4)], margin=1, strides=2)
    with pytest.raises(Failure, match="1 places from the edges is not what it should be"):
        expect_translation_equivariant(lambda x: blurred(blurred(x)), NOISE, SHIFTS, margin=1)


def test_what_depends_on_the_place_does_not_move_along() -> None:
    ramp = np.linspace(0, 1, 9).reshape(1, 9, 1, 1)
    with pytest.raises(Failure, match=r"for images moved by \(-1, 0\)"):
        expect_translation_equivariant(lambda x: x * ramp, NOISE, [(-1, 0)], margin=0)
    with pytest.raises(Failure, match="at each place to depend on the input"):
        expect_translation_equivariant(lambda x: np.ones_like(x), NOISE, [(-1, 0)], margin=0)


def test_a_map_without_these_axes_fails() -> None:
    with pytest.raises(Failure, match=r"to be a map with the axes \(1, 2\), received shape \(2, 9\)"):
        expect_translation_equivariant(lambda x: x.sum(axis=(2, 3)), NOISE, SHIFTS, margin=1)
    with pytest.raises(Failure, match=r"to have shape \(2, 9, 9, 1\) again, received \(2, 8, 9, 1\)"):
        expect_translation_equivariant(lambda x: x if np.array_equal(x, NOISE) else x[:, 1:], NOISE, SHIFTS, margin=1)


def test_shifts_that_leave_nothing_are_a_mistake_of_the_check() -> None:
    with pytest.raises(CheckError, match=r"something left to compare after a shift by \(8, 0\)"):
        expect_translation_equivariant(blurred, NOISE, [(8, 0)], margin=1)
    with pytest.raises(CheckError, match=r"shifts by multiples of 2, received \(1, 0\)"):
        expect_translation_equivariant(blurred, NOISE, [(1, 0)], margin=1, strides=2)
