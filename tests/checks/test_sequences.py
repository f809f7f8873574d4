"""Causality, positions and states: of models written in NumPy, right and wrong in one place, and of Keras's layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    attention,
    expect_causal,
    expect_looks_back,
    expect_positions_matter,
    expect_stateful,
    expect_stateless,
)
from autograder.errors import CheckError, Failure

from .models import GARBAGE

RNG = np.random.default_rng(0)
STEPS, VOCABULARY, FEATURES = 8, 11, 6
TOKENS = RNG.integers(0, VOCABULARY, size=(2, STEPS))
OTHERS = (TOKENS + 1 + RNG.integers(0, VOCABULARY - 1, size=TOKENS.shape)) % VOCABULARY
VECTORS, OTHER_VECTORS = RNG.normal(size=(2, 2, STEPS, 3))
EMBEDDINGS = RNG.normal(size=(VOCABULARY, FEATURES)) * 0.05  # as small as Keras begins
POSITIONS = RNG.normal(size=(32, FEATURES)) * 0.05
MATRICES = RNG.normal(size=(3, 3, FEATURES, FEATURES))


def transformer(
    mask: np.ndarray | None = None,
    blocks: int = 1,
    positions: bool = True,
    residual: bool = True,
    dtype: str = "float32",
) -> Callable[[np.ndarray], np.ndarray]:
    """A Transformer without heads or normalisation: all there is to leak and to know."""

    def forward(tokens: np.ndarray) -> np.ndarray:
        x = EMBEDDINGS[tokens] + (POSITIONS[: tokens.shape[1]] if positions else 0)
        for q, k, v in MATRICES[:blocks]:
            seen = None if mask is None else mask[: x.shape[1], : x.shape[1]]
            x = x * residual + attention(x @ (10 * q), x @ (10 * k), x @ v, seen)
        return x.astype("float32")

    return forward


CAUSAL = np.tri(STEPS, dtype=bool)
AHEAD = np.tri(STEPS, k=1, dtype=bool)  # one step too far
STRICT = np.tri(STEPS, k=-1, dtype=bool) | (np.arange(STEPS * STEPS).reshape(STEPS, STEPS) == 0)
ITSELF = np.eye(STEPS, dtype=bool)


@pytest.mark.parametrize("blocks", [1, 3])
@pytest.mark.parametrize("mask", [CAUSAL, STRICT, ITSELF])
def test_a_mask_that_hides_the_future_passes(mask: np.ndarray, blocks: int) -> None:
    expect_causal(transformer(mask, blocks), TOKENS, OTHERS)


def test_a_mask_off_by_one_is_caught_and_said_to_be_so() -> None:
    with pytest.raises(Failure) as failure:
        expect_causal(transformer(AHEAD), TOKENS, OTHERS, what="the logits")
    assert failure.value.message == (
        "expected the logits at each step to depend on that step and earlier ones alone, received one at step 0 that "
        "depends on step 1 or later (counted from 0)"
    )
    assert failure.value.hint == "It looks exactly one step ahead: is the mask off by one?"


def test_no_mask_is_caught() -> None:
    with pytest.raises(Failure, match="received one at step 0 that depends on step 7") as failure:
        expect_causal(transformer(), TOKENS, OTHERS)
    assert "exactly" not in failure.value.hint


@pytest.mark.parametrize("place", range(1, STEPS))
def test_a_leak_of_one_step_at_one_place_is_caught(place: int) -> None:
    mask = CAUSAL.copy()
    mask[place - 1, place] = True
    with pytest.raises(Failure, match=f"at step {place - 1} that depends on step {place}"):
        expect_causal(transformer(mask), TOKENS, OTHERS)


@given(st.lists(st.booleans(), min_size=25, max_size=25))
def test_whatever_mixes_steps_passes_just_when_nothing_above_the_diagonal_is_used(used: list[bool]) -> None:
    mixing = np.array(used).reshape(5, 5) * RNG.normal(1.0, 0.1, size=(5, 5)) + np.eye(5)
    x, other = RNG.normal(size=(2, 2, 5, 3))

    def mix(x: np.ndarray) -> np.ndarray:
        return np.einsum("ij,bjf->bif", mixing, x).astype("float32")

    if np.triu(mixing, k=1).any():
        with pytest.raises(Failure, match="earlier ones alone"):
            expect_causal(mix, x, other)
    else:
        expect_causal(mix, x, other)


def test_a_softmax_that_looks_at_future_scores_for_its_maximum_passes() -> None:
    """The last bits of a right answer do depend on the future there."""

    def forward(x: np.ndarray) -> np.ndarray:
        x = x.astype("float32")
        scores = 3 * x @ x.swapaxes(1, 2)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True)) * np.tri(STEPS, dtype="float32")
        return weights @ x / weights.sum(axis=-1, keepdims=True)

    before, after = VECTORS.copy(), VECTORS.copy()
    after[:, -1] = 2.0
    assert (forward(before)[:, :-1] != forward(after)[:, :-1]).any()
    expect_causal(forward, VECTORS, OTHER_VECTORS)


def test_a_logit_of_minus_a_billion_hides_no_leak() -> None:
    def masked(f: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
        return lambda tokens: np.where(np.arange(FEATURES) == 0, -1e9, f(tokens)).astype("float32")

    expect_causal(masked(transformer(CAUSAL)), TOKENS, OTHERS)
    with pytest.raises(Failure, match="earlier ones alone"):
        expect_causal(masked(transformer(AHEAD)), TOKENS, OTHERS)


@pytest.mark.parametrize(
    "leak",
    [
        lambda x: (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True),  # normalised over time
        lambda x: x + np.flip(x, axis=1),
        lambda x: np.maximum.accumulate(x[:, ::-1], axis=1)[:, ::-1],
        lambda x: x + np.pad(x, [(0, 0), (1, 1), (0, 0)])[:, 2:],  # a convolution with padding "same"
        lambda x: x + 1e-3 * x[:, -1:],
    ],
)
def test_other_leaks_from_the_future_are_caught(leak: Callable[[np.ndarray], np.ndarray]) -> None:
    with pytest.raises(Failure, match="earlier ones alone"):
        expect_causal(leak, VECTORS, OTHER_VECTORS)


def test_time_may_be_the_first_axis() -> None:
    expect_causal(lambda x: np.cumsum(x, axis=0), VECTORS[0], OTHER_VECTORS[0], axis=0)
    with pytest.raises(Failure, match="earlier ones alone"):
        expect_causal(lambda x: np.roll(x, -1, axis=0), VECTORS[0], OTHER_VECTORS[0], axis=0)


def test_what_does_not_look_at_its_inputs_is_not_called_causal() -> None:
    with pytest.raises(Failure, match="received the same whatever they are"):
        expect_causal(lambda x: np.ones_like(x), VECTORS, OTHER_VECTORS)


def test_one_output_for_a_sequence_is_no_answer_to_a_question_of_steps() -> None:
    with pytest.raises(Failure, match=r"a shape that begins with \(2, 8\), received shape \(2, 3\)"):
        expect_causal(lambda x: x.mean(axis=1), VECTORS, OTHER_VECTORS)
    with pytest.raises(Failure, match=r"for each of 18 sequences, received shape \(1, 8, 3\)"):
        expect_causal(lambda x: x[:1], VECTORS, OTHER_VECTORS)


@pytest.mark.parametrize(
    "replacement", [TOKENS, OTHERS[:1], np.where(np.arange(STEPS) == 3, TOKENS, OTHERS), TOKENS + 0.4]
)
def test_a_replacement_that_replaces_nothing_is_a_mistake_of_the_check(replacement: np.ndarray) -> None:
    for expect in (expect_causal, expect_looks_back):
        with pytest.raises(CheckError, match="replacement"):
            expect(transformer(CAUSAL), TOKENS, replacement)


def test_a_model_that_sees_the_past_looks_back() -> None:
    expect_looks_back(transformer(CAUSAL), TOKENS, OTHERS)
    expect_looks_back(transformer(CAUSAL, residual=False), TOKENS, OTHERS, back=STEPS - 1)


def test_a_model_that_sees_itself_alone_does_not_look_back() -> None:
    with pytest.raises(Failure, match="to depend on the step 1 before it, received none that does"):
        expect_looks_back(transformer(ITSELF), TOKENS, OTHERS)


def test_a_window_looks_back_as_far_as_it_goes() -> None:
    window = CAUSAL & ~np.tri(STEPS, k=-3, dtype=bool)
    expect_looks_back(transformer(window), TOKENS, OTHERS, back=2)
    with pytest.raises(Failure, match="the step 3 before it"):
        expect_looks_back(transformer(window), TOKENS, OTHERS, back=3)


def test_looking_back_farther_than_there_are_steps_is_a_mistake_of_the_check() -> None:
    for back in (0, STEPS):
        with pytest.raises(CheckError, match="to look back"):
            expect_looks_back(transformer(CAUSAL), TOKENS, OTHERS, back=back)


def rotary(tokens: np.ndarray) -> np.ndarray:
    """Positions only as differences, in the scores: what rotary embeddings and ALiBi do."""
    x = EMBEDDINGS[tokens]
    distance = np.subtract.outer(np.arange(tokens.shape[1]), np.arange(tokens.shape[1]))
    weights = np.exp(-0.3 * distance) * (distance >= 0)
    return x + weights / weights.sum(axis=-1, keepdims=True) @ x


KNOWS_POSITIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "an embedding of tokens and positions": lambda tokens: EMBEDDINGS[tokens] + POSITIONS[:STEPS],
    "an encoder": transformer(),
    "a decoder": transformer(CAUSAL),
    "a decoder of three blocks": transformer(CAUSAL, blocks=3),
    "a running mean": lambda tokens: np.cumsum(EMBEDDINGS[tokens] * np.arange(1, STEPS + 1)[:, None], axis=1),
    "the last token of a sequence": lambda tokens: EMBEDDINGS[tokens][:, 0],
}
KNOWS_NONE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "an embedding of tokens": lambda tokens: EMBEDDINGS[tokens],
    "an encoder": transformer(positions=False),
    "a decoder": transformer(CAUSAL, positions=False),
    "a bag of words": lambda tokens: EMBEDDINGS[tokens].mean(axis=1),
    "the same everywhere": lambda tokens: np.ones((*tokens.shape, 2)),
}


@pytest.mark.parametrize("name", KNOWS_POSITIONS)
def test_what_knows_positions_passes(name: str) -> None:
    expect_positions_matter(KNOWS_POSITIONS[name], TOKENS)
    expect_positions_matter(KNOWS_POSITIONS[name], TOKENS, absolute=True)


@pytest.mark.parametrize("name", KNOWS_NONE)
def test_what_knows_none_is_caught(name: str) -> None:
    for absolute in (False, True):
        with pytest.raises(Failure, match="to depend on where a step stands, received the same"):
            expect_positions_matter(KNOWS_NONE[name], TOKENS, absolute=absolute)


@pytest.mark.parametrize("f", [rotary, transformer(CAUSAL, blocks=2, positions=False)])
def test_what_knows_the_order_alone_passes_unless_absolute_positions_are_asked_for(f) -> None:
    expect_positions_matter(f, TOKENS)
    with pytest.raises(Failure):
        expect_positions_matter(f, TOKENS, absolute=True)


@pytest.mark.parametrize("x", [TOKENS[:, :2], np.ones((2, 5)), np.array([[1, 2, 1, 5]]), np.ones(4)])
def test_sequences_that_are_the_same_backwards_are_a_mistake_of_the_check(x: np.ndarray) -> None:
    with pytest.raises(CheckError, match="expected sequences"):
        expect_positions_matter(transformer(), x)


class Memory:
    """A running sum that goes on from call to call, unless it forgets."""

    def __init__(self, keeps: bool, random: bool = False) -> None:
        self.keeps, self.random, self.state = keeps, random, 0.0

    def reset(self) -> None:
        self.state = 0.0

    def __call__(self, x: np.ndarray) -> np.ndarray:
        sums = np.cumsum(x, axis=1) + self.state + (np.random.default_rng().normal() if self.random else 0)
        self.state = sums[:, -1:] if self.keeps else 0.0
        return sums


def test_a_state_that_is_kept_is_told_from_one_that_is_not() -> None:
    expect_stateless(Memory(keeps=False), VECTORS)
    expect_stateful(Memory(keeps=True), VECTORS)
    memory = Memory(keeps=True)
    memory(VECTORS)  # what training has left behind
    expect_stateful(memory, VECTORS, reset=memory.reset)
    with pytest.raises(Failure, match="when the same is asked twice"):
        expect_stateless(Memory(keeps=True), VECTORS)
    with pytest.raises(Failure, match="received the same answer again"):
        expect_stateful(Memory(keeps=False), VECTORS)


def test_an_answer_at_random_is_no_state() -> None:
    random = Memory(keeps=False, random=True)
    with pytest.raises(Failure, match="when the same is asked twice"):
        expect_stateless(random, VECTORS)
    with pytest.raises(Failure, match="to begin anew after a reset"):
        expect_stateful(random, VECTORS, reset=random.reset)


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    def f(_: np.ndarray) -> Any:
        return GARBAGE[name]

    for expect in (
        lambda: expect_causal(f, TOKENS, OTHERS),
        lambda: expect_causal(f, TOKENS[0], OTHERS[0], axis=0),
        lambda: expect_looks_back(f, TOKENS, OTHERS),
        lambda: expect_positions_matter(f, TOKENS),
        lambda: expect_stateless(f, TOKENS),
        lambda: expect_stateful(f, TOKENS),
    ):
        with pytest.raises(Failure, match=r"^expected .*, received "):
            expect()


def test_an_answer_that_changes_its_shape_is_a_failure() -> None:
    shapes = iter([(2, 3), (2, 4)])
    with pytest.raises(Failure, match=r"to keep its shape \(2, 3\), received \(2, 4\)"):
        expect_stateless(lambda _: np.ones(next(shapes)), TOKENS)


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras")


def asked(layer: Any) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.asarray(layer(x, training=False))


def test_causal_layers_of_keras_pass_and_others_do_not(keras: Any) -> None:
    x, other = (array.astype("float32") for array in (VECTORS, OTHER_VECTORS))
    layers, attend = keras.layers, keras.layers.MultiHeadAttention(2, 4, dropout=0.5)
    for layer in (layers.LSTM(4, return_sequences=True), layers.Conv1D(4, 3, padding="causal"), layers.Dense(3)):
        expect_causal(asked(layer), x, other)
    expect_causal(lambda x: np.asarray(attend(x, x, use_causal_mask=True)), x, other)
    wrong = layers.Bidirectional(layers.GRU(4, return_sequences=True)), layers.Conv1D(4, 3, padding="same")
    for f in (*map(asked, wrong), lambda x: np.asarray(attend(x, x))):
        with pytest.raises(Failure, match="earlier ones alone"):
            expect_causal(f, x, other)


def test_a_causal_model_in_half_precision_passes(keras: Any) -> None:
    attend = keras.layers.MultiHeadAttention(2, 4, dtype="mixed_float16")
    x, other = (array.astype("float16") for array in (VECTORS, OTHER_VECTORS))
    expect_causal(lambda x: np.asarray(attend(x, x, use_causal_mask=True)), x, other)
    with pytest.raises(Failure, match="earlier ones alone"):
        expect_causal(lambda x: np.asarray(attend(x, x)), x, other)


def test_recurrent_layers_of_keras_keep_a_state_when_they_are_told_to(keras: Any) -> None:
    x = VECTORS.astype("float32")
    stateful = keras.layers.LSTM(4, stateful=True)
    expect_stateful(asked(stateful), x, reset=stateful.reset_states)
    expect_stateless(asked(keras.layers.LSTM(4)), x)
    expect_positions_matter(asked(keras.layers.LSTM(4)), x)
    expect_looks_back(asked(keras.layers.LSTM(4, return_sequences=True)), x, OTHER_VECTORS.astype("float32"), back=7)
