"""Padding that counts, and padding that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import attention, expect_padding_ignored
from autograder.errors import CheckError, Failure

from .models import GARBAGE

RNG = np.random.default_rng(0)
LENGTHS = [3, 7, 5]
X = RNG.normal(size=(3, 7, 4)).astype("float32")
MASK = np.arange(7) < np.array(LENGTHS)[:, None]
HOLES = np.array([[1, 0, 1, 1, 0, 1, 0], [1] * 7, [0, 0, 0, 1, 1, 1, 1]], dtype=bool)
TOKENS = RNG.integers(1, 20, size=(3, 7))
EMBEDDINGS = RNG.normal(size=(20, 5)).astype("float32")


def masked_sum(x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return (x * mask[:, :, None]).sum(axis=1)


def masked_mean(x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return masked_sum(x, mask) / mask.sum(axis=1, keepdims=True)


def attend(x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return attention(x, x, x, mask[:, None, :]).astype("float32")


def attend_or_nan(x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.where(mask[:, :, None], attend(x, mask), np.nan)


def bag_of_words(tokens: np.ndarray) -> np.ndarray:
    return masked_mean(EMBEDDINGS[tokens], tokens != 0)


@pytest.mark.parametrize("f", [masked_sum, masked_mean, attend, attend_or_nan, lambda x, _: x])
@pytest.mark.parametrize("mask", [MASK, HOLES])
def test_what_leaves_padding_out_passes(f: Callable[..., np.ndarray], mask: np.ndarray) -> None:
    expect_padding_ignored(f, X, mask=mask, replacement=X + 1e3)
    expect_padding_ignored(f, X, mask=mask.tolist(), replacement=np.zeros_like(X))


WRONG: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "a mean of everything": lambda x, mask: x.mean(axis=1),
    "a mean that divides by the full length": lambda x, mask: masked_sum(x, mask) / x.shape[1],
    "a maximum of everything": lambda x, mask: x.max(axis=1),
    "the last step, padding or not": lambda x, mask: x[:, -1],
    "attention to padding": lambda x, mask: attention(x, x, x),
    "an inverted mask": lambda x, mask: attend(x, ~mask | mask.all(axis=1, keepdims=True)),
    "normalised over time": lambda x, mask: (x * mask[:, :, None]) - (x * mask[:, :, None]).mean(axis=1, keepdims=True),
    "normalised over the batch": lambda x, mask: masked_mean(x - x.mean(axis=(0, 1)), mask),
    "one step of padding that counts": lambda x, mask: masked_sum(x, mask | np.roll(mask, 1, axis=1)),
}


@pytest.mark.parametrize("name", WRONG)
def test_padding_that_counts_is_caught(name: str) -> None:
    with pytest.raises(Failure, match="the state for a sequence of 3 steps to be the same with 4 steps of padding"):
        expect_padding_ignored(WRONG[name], X, mask=MASK, replacement=X + 1e3, what="the state")


def test_padding_of_zeros_that_counts_in_a_mean_is_caught() -> None:
    with pytest.raises(Failure, match="with 4 steps of padding"):
        expect_padding_ignored(lambda x, mask: x.mean(axis=1), X, mask=MASK, replacement=np.zeros_like(X))


def test_a_function_may_be_told_lengths() -> None:
    def last(x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        return x[np.arange(len(x)), lengths - 1]

    expect_padding_ignored(last, X, lengths=LENGTHS, replacement=X + 1)
    with pytest.raises(Failure, match="received another one"):
        expect_padding_ignored(
            lambda x, lengths: last(x, lengths - 1), X, mask=None, lengths=[3, 7, 1], replacement=X + 1
        )


def test_a_model_may_see_by_itself_what_is_padding() -> None:
    expect_padding_ignored(bag_of_words, TOKENS, lengths=LENGTHS)
    expect_padding_ignored(lambda tokens: EMBEDDINGS[tokens], TOKENS, lengths=LENGTHS)
    expect_padding_ignored(lambda x: x.max(axis=1, initial=-9), X, lengths=LENGTHS, padding=-9)
    with pytest.raises(Failure, match="received another one"):
        expect_padding_ignored(lambda tokens: EMBEDDINGS[tokens].mean(axis=1), TOKENS, lengths=LENGTHS)


@given(st.lists(st.integers(1, 7), min_size=3, max_size=3).filter(lambda lengths: min(lengths) < 7))
def test_whatever_the_lengths_a_mean_of_real_steps_passes_and_one_of_all_does_not(lengths: list[int]) -> None:
    expect_padding_ignored(bag_of_words, TOKENS, lengths=lengths)
    with pytest.raises(Failure):
        expect_padding_ignored(lambda tokens: EMBEDDINGS[tokens].sum(axis=1) / 7, TOKENS, lengths=lengths)


def test_as_many_features_as_steps_are_not_taken_for_steps() -> None:
    wide = RNG.normal(size=(3, 7, 7))
    expect_padding_ignored(masked_mean, wide, mask=MASK, replacement=wide + 1)


def test_an_answer_of_another_shape_with_padding_is_a_failure() -> None:
    with pytest.raises(Failure, match=r"received shape \(3,\) for 3 steps and \(6,\) with padding to 7"):
        expect_padding_ignored(lambda x: x[:, : x.shape[1] - (x.shape[1] == 7), 0], X, lengths=LENGTHS)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"lengths": LENGTHS, "mask": MASK},
        {"lengths": [7, 7, 7]},
        {"lengths": [0, 7, 5]},
        {"lengths": [3, 7]},
        {"mask": MASK.astype(int)},
        {"mask": MASK, "replacement": X[:1]},
    ],
)
def test_arguments_that_pad_nothing_are_a_mistake_of_the_check(arguments: dict[str, Any]) -> None:
    with pytest.raises(CheckError, match=r"expected .*, received"):
        expect_padding_ignored(lambda x, *_: x, X, **arguments)


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect_padding_ignored(lambda x: GARBAGE[name], X, lengths=LENGTHS)


def test_models_of_keras_that_mask_pass_and_those_that_do_not_are_caught() -> None:
    keras = pytest.importorskip("keras")
    layers = keras.layers

    def model(mask_zero: bool, *rest: Any) -> Callable[[np.ndarray], np.ndarray]:
        built = keras.Sequential(
            [keras.Input((None,), dtype="int32"), layers.Embedding(20, 5, mask_zero=mask_zero), *rest]
        )
        return lambda tokens: np.asarray(built(tokens, training=False))

    for layer in (
        lambda: layers.LSTM(4),
        lambda: layers.LSTM(4, return_sequences=True),
        lambda: layers.Bidirectional(layers.GRU(3)),
        lambda: layers.GlobalAveragePooling1D(),
    ):
        expect_padding_ignored(model(True, layer(), layers.Dense(2)), TOKENS, lengths=LENGTHS)
        if not getattr(layer(), "return_sequences", False):
            with pytest.raises(Failure, match="received another one"):
                expect_padding_ignored(model(False, layer(), layers.Dense(2)), TOKENS, lengths=LENGTHS)
