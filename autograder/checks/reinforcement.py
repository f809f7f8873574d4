"""Reinforcement learning: targets, optimal values, returns and exploration, as the theory has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograder.checks.chance import FALSE_ALARM, stray_words, straying
from autograder.checks.values import Numbers, expect_finite, received
from autograder.errors import CheckError, Failure

SETTLED = 1e-12  # relative to the largest value
MAX_SWEEPS = 100_000


def bellman_targets(rewards: ArrayLike, next_values: ArrayLike, terminal: ArrayLike, discount: float) -> Numbers:
    """Return what Q-learning moves an action's value towards: r + discount * max Q(s', a'), or r alone at the end.

    Watkins & Dayan (1992), "Q-learning"; Mnih et al. (2015), "Human-level control through deep reinforcement learning".

    Example: `expect_close(targets, bellman_targets(rewards, next_values, terminal, 0.9), "the targets")`

    Args:
        rewards: Reward of each transition, shape (batch,).
        next_values: Values of the next states, shape (batch,), or (batch, num_actions), of which the best counts.
        terminal: Whether the transition ended the episode: then nothing follows, whatever `next_values` says.
        discount: Factor for what comes one step later, in [0, 1].

    Raises:
        CheckError: Shapes do not fit: a mistake in the check.
    """
    now, later = np.asarray(rewards, dtype=np.float64), np.asarray(next_values, dtype=np.float64)
    ended = np.asarray(terminal, dtype=np.bool_)
    later = later.max(axis=-1) if later.ndim == now.ndim + 1 else later
    if not now.shape == later.shape == ended.shape:
        raise CheckError(
            f"expected a reward, next values and an end for each transition, received shapes {now.shape}, "
            f"{np.shape(next_values)} and {ended.shape}"
        )
    return np.asarray(np.where(ended, now, now + _discount(discount) * later))


def value_iteration(transitions: ArrayLike, rewards: ArrayLike, terminal: ArrayLike, discount: float) -> Numbers:
    """Return the value of each action in each state when all that follows is optimal; shape (num_states, num_actions).

    Bellman (1957), "Dynamic programming"; Sutton & Barto (2018), "Reinforcement learning", section 4.4. A state's value
    is the largest of its row, an optimal action is where it is largest.

    Example: `optimum = value_iteration(world.transitions, world.rewards, world.terminal, 0.95).max(axis=1)[starts]`

    Args:
        transitions: The next state, whole numbers of shape (num_states, num_actions); or the probability of each next
            state, shape (num_states, num_actions, num_states).
        rewards: Reward, expected where it depends on the next state; shape (num_states, num_actions).
        terminal: Whether an episode is over in this state, shape (num_states,); nothing is earned from there on.
        discount: Factor for what comes one step later, in [0, 1].

    Raises:
        CheckError: Shapes do not fit, or the values never settle: with a discount of 1, an episode that never ends.
    """
    moves, earned = np.asarray(transitions), np.asarray(rewards, dtype=np.float64)
    over = np.asarray(terminal, dtype=np.bool_)
    expect_world(moves, earned, over)
    values = np.zeros_like(earned)
    for _ in range(MAX_SWEEPS):
        best = np.where(over, 0.0, values.max(axis=1))
        following = moves @ best if moves.ndim == 3 else best[moves]
        improved = np.where(over[:, None], 0.0, earned + _discount(discount) * following)
        if np.abs(improved - values).max() <= SETTLED * max(1.0, np.abs(improved).max()):
            return improved
        values = improved
    raise CheckError(
        f"expected values that settle within {MAX_SWEEPS:,} sweeps, received a world in which they do not: does an "
        "episode go on for ever at a discount of 1?"
    )


def discounted_return(rewards: ArrayLike, discount: float) -> float:
    """Return the sum of an episode's rewards, the one after t steps times discount^t.

    Example: `expect_close(student.call("discounted_return", rewards, 0.9), discounted_return(rewards, 0.9))`

    Args:
        rewards: Rewards in order, shape (num_steps,).
        discount: Factor for what comes one step later, in [0, 1].
    """
    earned = np.asarray(rewards, dtype=np.float64)
    if earned.ndim != 1:
        raise CheckError(f"expected the rewards of one episode, received shape {earned.shape}")
    return float(earned @ _discount(discount) ** np.arange(len(earned)))


def expect_exploration_rate(
    actions: Any,
    greedy: ArrayLike,
    epsilon: float,
    num_actions: int,
    what: str = "the chosen action",
    *,
    level: float = FALSE_ALARM,
) -> None:
    """Expect epsilon-greedy choices: any action with probability epsilon, the greedy one included, else the greedy one.

    So the greedy action comes with probability 1 - epsilon + epsilon / num_actions, each other with
    epsilon / num_actions (Sutton & Barto 2018, section 2.2). Counts are tested as in `expect_frequencies`. To see that
    exploring leaves the greedy action out takes some 100 num_actions^2 / epsilon choices, or a hundred with epsilon 1.

    Example: `expect_exploration_rate(actions, greedy=2, epsilon=0.5, num_actions=4)`

    Args:
        actions: What the student's code chose, independent choices, shape (num_choices,).
        greedy: The best action, or that of each choice; there must be no other as good.
        epsilon: Probability of exploring.
        num_actions: Number of actions.
        what: What was chosen, for the message.
        level: Probability of failing a right solution, at most.

    Raises:
        Failure: They are no actions, or some come more or less often than chance explains.
        CheckError: epsilon, or the greedy actions, do not fit: a mistake in the check.
    """
    best = np.asarray(greedy)
    if not 0 <= epsilon <= 1 or num_actions < 2 or best.ndim > 1 or best.dtype.kind not in "iu":
        raise CheckError(
            f"expected an epsilon in [0, 1], two actions or more and greedy ones, received {epsilon}, {num_actions} "
            f"and {received(best)}"
        )
    chosen = chosen_actions(actions, best.shape[0] if best.ndim else None, num_actions, what)
    counts = np.bincount((chosen - best) % num_actions, minlength=num_actions)
    explored = epsilon / num_actions
    probabilities = np.array([1 - epsilon + explored, *[explored] * (num_actions - 1)])
    kind = straying(counts, probabilities, level)
    if kind is None:
        return
    if kind == 0:
        name = "the greedy one"
    else:
        name = (
            f"{(int(best) + kind) % num_actions}, not the greedy one," if best.ndim == 0 else "one that is not greedy"
        )
    raise Failure(
        stray_words(counts, probabilities, kind, f"{what} to be {name}", level),
        f"With probability {epsilon:g} every action is as likely as the others, the greedy one too.",
    )


def chosen_actions(actions: Any, how_many: int | None, num_actions: int, what: str) -> NDArray[np.int64]:
    """Expect whole numbers from 0 to num_actions - 1, so many of them if that is known; return them.

    Raises:
        Failure: They are something else.
    """
    numbers = expect_finite(actions, what)
    if numbers.size == 0 or numbers.ndim > 1 or (how_many is not None and numbers.shape != (how_many,)):
        wanted = "one number for each choice" if how_many is None else f"{how_many} numbers, one for each choice"
        raise Failure(f"expected {what} to be {wanted}, received {received(actions)}")
    if (numbers != np.floor(numbers)).any() or numbers.min() < 0 or numbers.max() >= num_actions:
        raise Failure(
            f"expected {what} to be a whole number from 0 to {num_actions - 1}, received numbers from "
            f"{numbers.min():.3g} to {numbers.max():.3g}"
        )
    return np.atleast_1d(numbers.astype(np.int64))


def expect_world(transitions: NDArray[Any], rewards: NDArray[Any], terminal: NDArray[Any]) -> None:
    """Expect tables of one world, as `value_iteration` takes them.

    Raises:
        CheckError: They do not fit: a mistake in the check.
    """
    num_states = len(terminal) if terminal.ndim == 1 else -1
    fits = rewards.ndim == 2 and len(rewards) == num_states
    if transitions.ndim == 2:
        fits = fits and transitions.shape == rewards.shape and transitions.dtype.kind in "iu"
        fits = fits and bool(((transitions >= 0) & (transitions < num_states)).all())
    else:
        fits = fits and transitions.shape == (*rewards.shape, num_states)
        fits = fits and bool((transitions >= 0).all() and np.allclose(transitions.sum(axis=-1), 1.0))
    if not fits:
        raise CheckError(
            "expected next states (num_states, num_actions) or their probabilities (num_states, num_actions, "
            f"num_states), rewards and ends, received {received(transitions)}, {received(rewards)} and "
            f"{received(terminal)}"
        )


def _discount(discount: float) -> float:
    if not 0 <= discount <= 1:
        raise CheckError(f"expected a discount in [0, 1], received {discount}")
    return discount
