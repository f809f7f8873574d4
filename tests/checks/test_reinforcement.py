"""Targets, optimal values, returns and exploration: against what can be counted by hand; wrong ones are caught."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import bellman_targets, discounted_return, expect_exploration_rate, value_iteration
from autograder.errors import CheckError, Failure

from .models import GARBAGE
from .worlds import GOAL, HOLE, NUM_STATES, TERMINAL, grid, slippery

FOUR = 4


def test_a_target_is_the_reward_and_the_best_next_value_unless_the_episode_is_over() -> None:
    values = np.array([[1.0, 2.0], [4.0, 3.0], [np.nan, 5.0]])
    targets = bellman_targets([1.0, 0.0, -1.0], values, [False, False, True], 0.5)
    assert targets.tolist() == [2.0, 2.0, -1.0]
    assert bellman_targets([1.0], [4.0], [0], 0.5).tolist() == [3.0]


def test_a_target_that_goes_on_from_a_terminal_state_is_another_one() -> None:
    rewards, values, terminal = np.ones(3), np.full((3, 2), 2.0), np.array([False, True, False])
    bootstrapped = rewards + 0.9 * values.max(axis=1)
    assert (bellman_targets(rewards, values, terminal, 0.9) != bootstrapped).tolist() == terminal.tolist()


@pytest.mark.parametrize(
    ("rewards", "values", "terminal", "discount"),
    [([1.0], [1.0, 2.0], [0], 0.5), ([1.0, 2.0], [1.0, 2.0], [0], 0.5), ([1.0], [1.0], [0], 1.5)],
)
def test_transitions_that_do_not_fit_are_a_mistake_of_the_check(rewards, values, terminal, discount) -> None:
    with pytest.raises(CheckError, match=r"expected .*, received"):
        bellman_targets(rewards, values, terminal, discount)


def test_optimal_values_fall_by_the_discount_with_each_step_to_the_goal() -> None:
    transitions, rewards = grid()
    values = value_iteration(transitions, rewards, TERMINAL, 0.9).max(axis=1)
    steps = {0: 5, 1: 4, 2: 3, 3: 2, 4: 4, 6: 2, 7: 1, 8: 3, 9: 2, 10: 1}  # around the hole
    for state, num_steps in steps.items():
        assert values[state] == pytest.approx(0.9 ** (num_steps - 1)), state
    assert values[[GOAL, HOLE]].tolist() == [0.0, 0.0]


def test_probabilities_that_are_certain_give_the_values_of_the_table() -> None:
    transitions, rewards = grid()
    certain = np.eye(NUM_STATES)[transitions]
    expected = value_iteration(transitions, rewards, TERMINAL, 0.9)
    np.testing.assert_allclose(value_iteration(certain, rewards, TERMINAL, 0.9), expected)


def test_optimal_values_are_those_of_the_best_of_all_policies() -> None:
    """Each policy's values solve linear equations; the optimum is the largest of them in every state."""
    generator = np.random.default_rng(0)
    transitions = generator.dirichlet(np.ones(4), size=(4, 2))
    rewards, terminal = generator.normal(size=(4, 2)), np.array([False, False, False, True])
    going_on = ~terminal
    found = value_iteration(transitions, rewards, terminal, 0.8).max(axis=1)
    of_policies = []
    for policy in np.ndindex(2, 2, 2, 2):
        moves, earned = transitions[np.arange(4), policy], rewards[np.arange(4), policy]
        of_policies.append(np.linalg.solve(np.eye(4) - 0.8 * going_on[:, None] * moves * going_on, going_on * earned))
    np.testing.assert_allclose(found * going_on, np.max(of_policies, axis=0))


def test_a_slippery_grid_is_worth_less() -> None:
    sure = value_iteration(*grid(), TERMINAL, 0.9)
    assert (value_iteration(*slippery(), TERMINAL, 0.9)[~TERMINAL].max(axis=1) < sure[~TERMINAL].max(axis=1)).all()


def test_the_optimum_of_a_frozen_lake_is_the_known_one() -> None:
    """0.542 at the start with discount 0.99: gymnasium's own table of the slippery 4 x 4 lake."""
    gymnasium = pytest.importorskip("gymnasium")
    table = gymnasium.make("FrozenLake-v1").unwrapped.P
    transitions, rewards, terminal = np.zeros((16, 4, 16)), np.zeros((16, 4)), np.zeros(16, dtype=bool)
    for state, actions in table.items():
        for action, outcomes in actions.items():
            for probability, following, reward, ended in outcomes:
                transitions[state, action, following] += probability
                rewards[state, action] += probability * reward
                terminal[following] |= ended
    values = value_iteration(transitions, rewards, terminal, 0.99)
    assert values[0].max() == pytest.approx(0.542, abs=5e-4)


def test_with_a_discount_of_1_values_settle_where_episodes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    transitions, rewards = grid()
    assert set(value_iteration(transitions, rewards, TERMINAL, 1.0)[~TERMINAL].max(axis=1)) == {1.0}
    monkeypatch.setattr("autograder.checks.reinforcement.MAX_SWEEPS", 1000)
    with pytest.raises(CheckError, match="for ever at a discount of 1"):
        value_iteration([[0]], [[1.0]], [False], 1.0)


@pytest.mark.parametrize(
    ("transitions", "rewards", "terminal"),
    [
        ([[0, 2]], [[0.0, 0.0]], [False]),
        ([[0, 0]], [[0.0]], [False]),
        ([[0.0, 0.0]], [[0.0, 0.0]], [False]),
        ([[[0.5], [1.0]]], [[0.0, 0.0]], [False]),
        ([[0]], [[0.0]], [False, True]),
        ([[0]], [[0.0]], False),
    ],
)
def test_tables_that_do_not_fit_are_a_mistake_of_the_check(transitions, rewards, terminal) -> None:
    with pytest.raises(CheckError, match="expected next states"):
        value_iteration(transitions, rewards, terminal, 0.9)


@given(st.lists(st.floats(-10, 10), max_size=20), st.floats(0, 1))
def test_a_return_is_the_reward_and_the_discounted_return_of_the_rest(rewards: list[float], discount: float) -> None:
    expected = 0.0
    for reward in reversed(rewards):
        expected = reward + discount * expected
    assert discounted_return(rewards, discount) == pytest.approx(expected, abs=1e-9)


def test_rewards_of_several_episodes_are_no_return() -> None:
    with pytest.raises(CheckError, match="rewards of one episode"):
        discounted_return([[1.0]], 0.9)


def choose(greedy: np.ndarray, epsilon: float, seed: int, explore: str = "any") -> np.ndarray:
    """Epsilon-greedy choices among four actions, or what is often taken for them."""
    generator = np.random.default_rng(seed)
    exploring = generator.random(len(greedy)) < epsilon
    if explore == "any":
        other = generator.integers(0, FOUR, size=len(greedy))
    elif explore == "never the greedy one":
        other = (greedy + generator.integers(1, FOUR, size=len(greedy))) % FOUR
    else:
        other = generator.integers(0, FOUR - 1, size=len(greedy))  # never the last
    return np.where(exploring, other, greedy)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_epsilon_greedy_choices_pass(epsilon: float, seed: int) -> None:
    greedy = np.random.default_rng(9).integers(0, FOUR, size=4000)
    expect_exploration_rate(choose(greedy, epsilon, seed), greedy, epsilon, FOUR)
    expect_exploration_rate(choose(np.full(4000, 2), epsilon, seed).tolist(), 2, epsilon, FOUR)


@pytest.mark.parametrize(("epsilon", "how_many"), [(1.0, 100), (0.5, 3200), (0.1, 16_000)])
@pytest.mark.parametrize("seed", range(3))
def test_exploring_that_leaves_the_greedy_action_out_is_caught(epsilon: float, how_many: int, seed: int) -> None:
    wrong = choose(np.full(how_many, 2), epsilon, seed, "never the greedy one")
    with pytest.raises(Failure, match="the greedy one") as failure:
        expect_exploration_rate(wrong, 2, epsilon, FOUR)
    assert "the greedy one too" in failure.value.hint


def test_exploring_that_leaves_the_last_action_out_is_caught() -> None:
    with pytest.raises(Failure, match=r"the choice to be 3, not the greedy one, in .* draws, received it in 0 "):
        expect_exploration_rate(choose(np.full(4000, 2), 0.5, 0, "not the last"), 2, 0.5, FOUR, "the choice")


@pytest.mark.parametrize("used", [0.0, 0.2, 0.9, 1.0])
def test_another_rate_is_caught(used: float) -> None:
    greedy = np.random.default_rng(9).integers(0, FOUR, size=4000)
    with pytest.raises(Failure, match="less than once in 1,000,000 times"):
        expect_exploration_rate(choose(greedy, used, 0), greedy, 0.3, FOUR)


def test_exploring_although_it_should_not_is_caught() -> None:
    with pytest.raises(
        Failure, match=r"expected the chosen action to be the greedy one always, received it in \d+ of 500"
    ):
        expect_exploration_rate(choose(np.zeros(500, dtype=int), 0.1, 0), np.zeros(500, dtype=int), 0.0, FOUR)


@pytest.mark.parametrize("actions", [[4] * 5, [-1] * 5, [0.5] * 5, [0] * 4, [[0] * 5], [], [np.nan] * 5])
def test_what_is_no_action_is_a_failure(actions: list[float]) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect_exploration_rate(actions, np.zeros(5, dtype=int), 0.5, FOUR)


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect_exploration_rate(GARBAGE[name], 0, 0.5, FOUR)


@pytest.mark.parametrize(
    ("greedy", "epsilon", "num_actions"), [(0, 1.5, 4), (0, 0.5, 1), (0.5, 0.5, 4), ([[0]], 0.5, 4)]
)
def test_a_rate_that_is_none_is_a_mistake_of_the_check(greedy, epsilon, num_actions) -> None:
    with pytest.raises(CheckError, match="an epsilon in"):
        expect_exploration_rate([0], greedy, epsilon, num_actions)
