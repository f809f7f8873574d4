"""Environments of the grader's own, and what a student's policy earns in them from start states nobody can foresee."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from autograder.checks.reinforcement import chosen_actions, expect_world
from autograder.checks.values import Numbers
from autograder.errors import CheckError

Array = NDArray[Any]


class Environment(Protocol):
    """What `rollout` plays in: many episodes side by side, each with a state of its own.

    Example: `CartPole` and `TableWorld` are two; a lab may write another.
    """

    @property
    def num_actions(self) -> int:
        """Number of actions, in every state."""

    def step(self, states: Array, actions: Array) -> tuple[Array, Array, Array]:
        """Next states (num_episodes, ...), rewards (num_episodes,) and whether episodes ended (num_episodes,)."""


@dataclass(frozen=True)
class Rollout:
    """What came of playing.

    Example: `expect_share(played.returns.mean() / optimum, "the best return", zero_at=0.5, full_at=0.95)`

    Attributes:
        returns: Discounted return of each episode, shape (num_episodes,).
        num_steps: Steps of each episode.
        ended: Whether it came to an end of its own; False where `max_steps` cut it off.
    """

    returns: Numbers
    num_steps: NDArray[np.int64]
    ended: NDArray[np.bool_]


def rollout(
    policy: Callable[[Array], Any],
    environment: Environment,
    starts: Array,
    *,
    max_steps: int,
    discount: float = 1.0,
    what: str = "the policy's action",
) -> Rollout:
    """Play one episode from each start state, all side by side: one question to the policy for each step.

    The policy is always asked about as many states; of an episode that is over, about the last one before its end.

    Example: `rollout(student.function("greedy_policy"), CartPole(), CartPole().starts(student.rng, 20), max_steps=200)`

    Args:
        policy: Gives one action for each of a batch of states.
        environment: What is played in.
        starts: Start states, shape (num_episodes, ...).
        max_steps: Episodes are cut off after so many.
        discount: Factor for what comes one step later, in [0, 1].
        what: What the policy gives, for the message.

    Raises:
        Failure: The policy gives something else than an action for each state.
    """
    if len(starts) == 0 or max_steps < 1 or not 0 <= discount <= 1:
        raise CheckError(
            f"expected start states, a step or more and a discount in [0, 1], received {len(starts)}, {max_steps}, "
            f"{discount}"
        )
    states, over = np.array(starts), np.zeros(len(starts), dtype=np.bool_)
    returns, num_steps = np.zeros(len(starts)), np.zeros(len(starts), dtype=np.int64)
    for step in range(max_steps):
        actions = chosen_actions(policy(states), len(states), environment.num_actions, what)
        following, rewards, ended = environment.step(states, actions)
        returns += np.where(over, 0.0, discount**step * rewards)
        num_steps += ~over
        over = over | ended
        states = np.where(over.reshape(-1, *([1] * (states.ndim - 1))), states, following)
        if over.all():
            break
    return Rollout(returns, num_steps, over)


@dataclass(frozen=True)
class TableWorld:
    """A world of few states, numbered from 0, such as a grid: its tables are those of `value_iteration`.

    Example: `world = TableWorld(transitions=next_states, rewards=rewards, terminal=np.arange(16) == 15)`

    Attributes:
        transitions: The next state, shape (num_states, num_actions), or the probability of each next state, shape
            (num_states, num_actions, num_states).
        rewards: Shape (num_states, num_actions).
        terminal: Whether an episode is over in this state, shape (num_states,).
        rng: Draws next states where they have probabilities; `student.rng` in a check.
    """

    transitions: Array
    rewards: Array
    terminal: Array
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def __post_init__(self) -> None:
        expect_world(np.asarray(self.transitions), np.asarray(self.rewards), np.asarray(self.terminal))

    @property
    def num_actions(self) -> int:
        """Number of actions, in every state."""
        return int(np.shape(self.rewards)[1])

    def step(self, states: Array, actions: Array) -> tuple[Array, Array, Array]:
        """Next states, rewards and whether the next state is terminal, each of shape (num_episodes,)."""
        following = np.asarray(self.transitions)[states, actions]
        if following.ndim == 2:
            reached = following.cumsum(axis=1)
            following = (reached <= reached[:, -1:] * self.rng.random((len(states), 1))).sum(axis=1)
        ended = np.asarray(self.terminal, dtype=np.bool_)[following]
        return following, np.asarray(self.rewards)[states, actions], ended


@dataclass(frozen=True)
class CartPole:
    """A pole on a cart that is pushed left (0) or right (1), in steps of 0.02 s; 1 for each step until it falls.

    Barto, Sutton & Anderson (1983), "Neuronlike adaptive elements that can solve difficult learning control problems",
    without friction and with the corrected equations of Florian (2007), as gymnasium's CartPole-v1 has them, but for
    its end after 500 steps: that is `max_steps` of `rollout`. A state is (position in m, speed, angle in radians,
    angular speed).

    Example: `rollout(policy, CartPole(), CartPole().starts(student.rng, 20), max_steps=500).num_steps`
    """

    num_actions: int = 2
    gravity: float = 9.8  # m/s^2
    cart_mass: float = 1.0  # kg
    pole_mass: float = 0.1  # kg
    half_length: float = 0.5  # m, from the joint to the pole's middle
    force: float = 10.0  # N
    seconds: float = 0.02
    widest: float = 2.4  # m
    steepest: float = math.radians(12)

    def starts(self, rng: np.random.Generator, num_episodes: int, spread: float = 0.05) -> Numbers:
        """Start states, each of the four numbers even in [-spread, spread]; shape (num_episodes, 4)."""
        return rng.uniform(-spread, spread, size=(num_episodes, 4))

    def step(self, states: Array, actions: Array) -> tuple[Array, Array, Array]:
        """Next states (num_episodes, 4), rewards of 1, and whether the pole fell or the cart left (num_episodes,)."""
        _, speed, angle, spin = np.asarray(states, dtype=np.float64).T
        total, moment = self.cart_mass + self.pole_mass, self.pole_mass * self.half_length
        sine, cosine = np.sin(angle), np.cos(angle)
        push = (np.where(actions == 1, self.force, -self.force) + moment * spin**2 * sine) / total
        inertia = self.half_length * (4 / 3 - self.pole_mass * cosine**2 / total)
        spin_change = (self.gravity * sine - cosine * push) / inertia
        speed_change = push - moment * spin_change * cosine / total
        change = np.stack([speed, speed_change, spin, spin_change], axis=1)
        following = states + self.seconds * change  # Euler's method, everything from the state before
        ended = (np.abs(following[:, 0]) > self.widest) | (np.abs(following[:, 2]) > self.steepest)
        return following, np.ones(len(following)), ended
