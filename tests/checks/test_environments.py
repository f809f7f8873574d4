"""Playing episodes side by side, in tables and on a cart with a pole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import CartPole, TableWorld, rollout, value_iteration
from autograder.errors import CheckError, Failure

from .models import GARBAGE
from .worlds import GOAL, NUM_STATES, TERMINAL, grid, slippery

GRID = TableWorld(*grid(), TERMINAL)
VALUES = value_iteration(GRID.transitions, GRID.rewards, TERMINAL, 0.9)
STARTS = np.flatnonzero(~TERMINAL)


def test_the_greedy_policy_of_the_optimal_values_earns_them_from_every_state() -> None:
    played = rollout(lambda states: VALUES[states].argmax(axis=1), GRID, STARTS, max_steps=20, discount=0.9)
    np.testing.assert_allclose(played.returns, VALUES[STARTS].max(axis=1))
    assert played.ended.all()
    assert played.num_steps.tolist() == [5, 4, 3, 2, 4, 2, 1, 3, 2, 1]


def test_an_episode_is_cut_off_after_so_many_steps() -> None:
    played = rollout(lambda states: np.zeros(len(states), dtype=int), GRID, np.array([8, 9]), max_steps=6)
    assert played.ended.tolist() == [False, True]  # up from 9 is the hole
    assert played.num_steps.tolist() == [6, 1]
    assert played.returns.tolist() == [0.0, 0.0]


def test_an_episode_that_is_over_earns_nothing_more() -> None:
    right = rollout(lambda states: np.ones(len(states), dtype=int), GRID, np.array([8, 10]), max_steps=6)
    assert (right.returns.tolist(), right.num_steps.tolist()) == ([1.0, 1.0], [3, 1])


def test_the_policy_is_always_asked_about_as_many_states_none_of_them_terminal() -> None:
    asked: list[np.ndarray] = []

    def policy(states: np.ndarray) -> np.ndarray:
        asked.append(states.copy())
        return VALUES[states].argmax(axis=1)

    rollout(policy, GRID, STARTS, max_steps=20)
    assert {len(states) for states in asked} == {len(STARTS)}
    assert not TERMINAL[np.concatenate(asked)].any()
    assert len(asked) == 5


def test_a_slippery_world_is_worth_its_value_on_average() -> None:
    world = TableWorld(*slippery(), TERMINAL, np.random.default_rng(1))
    values = value_iteration(world.transitions, world.rewards, TERMINAL, 0.9)
    starts = np.zeros(4000, dtype=int)
    played = rollout(lambda states: values[states].argmax(axis=1), world, starts, max_steps=200, discount=0.9)
    spread = played.returns.std() / np.sqrt(len(starts))
    assert played.returns.mean() == pytest.approx(values[0].max(), abs=4 * spread)
    assert spread < 0.01


def test_a_slippery_world_draws_from_its_generator_and_reaches_no_impossible_state() -> None:
    def walk(seed: int) -> np.ndarray:
        world = TableWorld(*slippery(), TERMINAL, np.random.default_rng(seed))
        return world.step(np.full(500, 10), np.full(500, 1))[0]

    np.testing.assert_array_equal(walk(0), walk(0))
    assert (walk(0) != walk(1)).any()
    assert set(walk(0)) == {GOAL, 6, 10}  # ahead, aside, and held by the wall


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        rollout(lambda _: GARBAGE[name], GRID, STARTS, max_steps=3)


@pytest.mark.parametrize("actions", [np.zeros(3, dtype=int), np.full(len(STARTS), 4), np.zeros((len(STARTS), 4))])
def test_what_is_no_action_for_each_state_is_a_failure(actions: np.ndarray) -> None:
    with pytest.raises(Failure, match=r"^expected the move to be .*, received "):
        rollout(lambda _: actions, GRID, STARTS, max_steps=3, what="the move")


@pytest.mark.parametrize("arguments", [{"max_steps": 0}, {"max_steps": 1, "discount": 1.1}])
def test_playing_without_a_step_is_a_mistake_of_the_check(arguments) -> None:
    with pytest.raises(CheckError, match="expected start states"):
        rollout(lambda states: states, GRID, STARTS, **arguments)
    with pytest.raises(CheckError, match="expected next states"):
        TableWorld(np.full((NUM_STATES, 4), NUM_STATES), grid()[1], TERMINAL)


@given(st.integers(0, 10_000))
def test_our_cart_and_pole_move_as_those_of_gymnasium(seed: int) -> None:
    gymnasium = pytest.importorskip("gymnasium")
    generator, ours = np.random.default_rng(seed), CartPole()
    theirs = gymnasium.make("CartPole-v1").unwrapped
    theirs.reset(seed=seed)
    states = ours.starts(generator, 3, spread=0.15)
    for _ in range(60):
        actions = generator.integers(0, 2, size=3)
        following, rewards, ended = ours.step(states, actions)
        for row in range(3):
            theirs.state, theirs.steps_beyond_terminated = states[row], None
            _, reward, fell, _, _ = theirs.step(actions[row])
            np.testing.assert_allclose(following[row], theirs.state, rtol=1e-12, atol=1e-12)
            assert (rewards[row], ended[row]) == (reward, fell)
        states = following


def test_a_cart_that_leaves_ends_the_episode() -> None:
    cart = CartPole()
    states = np.array([[2.39, 1.0, 0, 0], [-2.39, -1.0, 0, 0], [2.39, -1.0, 0, 0], [0, 0, 0.2094, 1.0]])
    assert cart.step(states, np.zeros(4, dtype=int))[2].tolist() == [True, True, False, True]


def test_a_sensible_policy_balances_the_pole_and_a_constant_one_does_not() -> None:
    cart = CartPole()
    starts = cart.starts(np.random.default_rng(0), 20)
    leaning = rollout(lambda s: (s[:, 2] + 0.3 * s[:, 3] + 0.05 * s[:, 1] > 0).astype(int), cart, starts, max_steps=500)
    constant = rollout(lambda s: np.ones(len(s), dtype=int), cart, starts, max_steps=500)
    assert leaning.returns.min() > 300
    assert constant.returns.max() < 12
