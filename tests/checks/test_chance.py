"""Tests of chance: right samplers pass, wrong ones fail, and the stated level holds exactly."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import expect_frequencies
from autograder.checks.chance import binomial_tail, straying
from autograder.errors import CheckError, Failure

from .models import GARBAGE, softmax

LOGITS = np.array([2.0, 1.0, 0.5, 0.0, -0.5, -1.0, -2.0, -3.0])
TWO = [0.25, 0.75]


def draw(probabilities: np.ndarray, how_many: int = 2000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice(len(probabilities), size=how_many, p=probabilities)


@given(st.integers(0, 30), st.integers(0, 30), st.sampled_from([0.0, 1e-9, 0.1, 0.5, 0.9, 1.0]))
def test_tails_of_the_binomial_distribution_are_those_of_scipy(count: int, more: int, probability: float) -> None:
    binom = pytest.importorskip("scipy.stats").binom
    num_draws = count + more
    tails = binom.cdf(count, num_draws, probability), binom.sf(count - 1, num_draws, probability)
    assert binomial_tail(count, num_draws, probability) == pytest.approx(min(tails), rel=1e-9, abs=1e-300)


def test_far_tails_of_many_draws_are_those_of_scipy() -> None:
    binom = pytest.importorskip("scipy.stats").binom
    assert binomial_tail(30_600, 100_000, 0.3) == pytest.approx(binom.sf(30_599, 100_000, 0.3), rel=1e-6)


@pytest.mark.parametrize("probabilities", [(0.2, 0.3, 0.5), (0.02, 0.49, 0.49), (0.98, 0.01, 0.01)])
@pytest.mark.parametrize("level", [1e-1, 1e-2, 1e-4])
def test_right_draws_fail_no_more_often_than_stated(probabilities: tuple[float, ...], level: float) -> None:
    """Every outcome of twelve draws, with its probability: those that fail add up to the level at most."""
    num_draws, failing = 12, 0.0
    for first, second in itertools.product(range(num_draws + 1), repeat=2):
        if (third := num_draws - first - second) < 0:
            continue
        counts = np.array([first, second, third])
        if straying(counts, np.array(probabilities), level) is not None:
            ways = math.factorial(num_draws) // math.prod(math.factorial(int(count)) for count in counts)
            failing += ways * math.prod(p ** int(c) for p, c in zip(probabilities, counts, strict=True))
    assert failing <= level


@pytest.mark.parametrize("seed", range(5))
def test_a_right_sampler_passes(seed: int) -> None:
    expect_frequencies(draw(softmax(LOGITS), seed=seed), softmax(LOGITS))
    expect_frequencies(draw(softmax(LOGITS), seed=seed).reshape(-1, 4).tolist(), softmax(LOGITS))


@pytest.mark.parametrize("temperature", [0.7, 1.4])
def test_another_temperature_fails(temperature: float) -> None:
    with pytest.raises(Failure, match="less than once in 1,000,000 times"):
        expect_frequencies(draw(softmax(LOGITS / temperature)), softmax(LOGITS))


def test_a_top_k_that_keeps_one_too_many_fails() -> None:
    three, four = (np.where(np.arange(8) < k, softmax(LOGITS), 0) for k in (3, 4))
    with pytest.raises(Failure, match=r"expected the token to be 3 never, received it in \d+ of 2,000 draws"):
        expect_frequencies(draw(four / four.sum()), three / three.sum(), "the token")


def test_a_top_k_that_keeps_one_too_few_fails() -> None:
    three, two = (np.where(np.arange(8) < k, softmax(LOGITS), 0) for k in (3, 2))
    with pytest.raises(Failure, match=r"expected the token to be 2 in 0\.\d+ of all draws, received it in 0 of 2,000"):
        expect_frequencies(draw(two / two.sum()), three / three.sum(), "the token")


def test_the_likeliest_every_time_fails() -> None:
    with pytest.raises(Failure, match="to be 0 in"):
        expect_frequencies(np.zeros(2000, dtype=int), softmax(LOGITS))


def test_a_small_shift_all_over_fails_where_no_single_number_stands_out() -> None:
    even = np.full(100, 0.01)
    shifted = np.tile([120, 80], 50)  # of 10,000 draws: each within what chance explains
    assert min(binomial_tail(count, 10_000, 0.01) for count in (120, 80)) > 0.01
    with pytest.raises(Failure):
        expect_frequencies(np.repeat(np.arange(100), shifted), even)


def test_the_message_names_what_a_number_stands_for() -> None:
    with pytest.raises(Failure, match=r"expected the move to be -1 in 0.333 of all draws, received it in 0 of 600"):
        expect_frequencies([1, 2] * 300, np.full(3, 1 / 3), "the move", names=["-1", "0", "1"])


def test_the_message_says_how_far_the_share_is_off() -> None:
    with pytest.raises(Failure) as failure:
        expect_frequencies(np.tile([0, 1], 500), TWO, "the coin", hint="Is it a fair one?")
    assert failure.value.message == (
        "expected the coin to be 0 in 0.25 of all draws, received it in 0.5 of 1,000 "
        "(draws of a right solution are as far off less than once in 1,000,000 times)"
    )
    assert failure.value.hint == "Is it a fair one?"


@pytest.mark.parametrize(
    ("draws", "said"), [([0, 2], "from 0 to 1, received 2"), ([-1, 0], "received -1"), ([0.5], "whole"), ([], "whole")]
)
def test_numbers_that_are_none_of_the_kinds_fail(draws: list[float], said: str) -> None:
    with pytest.raises(Failure, match=said):
        expect_frequencies(draws, TWO)


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect_frequencies(GARBAGE[name], TWO)


@pytest.mark.parametrize("probabilities", [[0.5, 0.4], [1.5, -0.5], [[1.0]], [math.nan, 1.0]])
def test_probabilities_that_are_none_are_a_mistake_of_the_check(probabilities: list[float]) -> None:
    with pytest.raises(CheckError, match="sum to 1"):
        expect_frequencies([0], probabilities)
