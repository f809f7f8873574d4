"""A grid to walk in, for tests: 3 x 4 states, the goal at 11, a hole at 5, 1 for reaching the goal."""

from __future__ import annotations

import numpy as np

NUM_STATES, GOAL, HOLE = 12, 11, 5
TERMINAL = np.isin(np.arange(NUM_STATES), (GOAL, HOLE))


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Next states and rewards, shape (12, 4): up, right, down, left; walls hold."""
    rows, columns = np.divmod(np.arange(NUM_STATES), 4)
    moves = [(-1, 0), (0, 1), (1, 0), (0, -1)]
    reached = [np.clip(rows + down, 0, 2) * 4 + np.clip(columns + right, 0, 3) for down, right in moves]
    transitions = np.where(TERMINAL[:, None], np.arange(NUM_STATES)[:, None], np.stack(reached, axis=1))
    rewards = ((transitions == GOAL) & ~TERMINAL[:, None]).astype(float)
    return transitions, rewards


def slippery() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of next states (12, 4, 12) and expected rewards: every third step goes to either side."""
    transitions, _ = grid()
    straight = np.eye(NUM_STATES)[transitions]
    probabilities = 0.8 * straight + 0.1 * np.roll(straight, 1, axis=1) + 0.1 * np.roll(straight, -1, axis=1)
    return probabilities, np.where(TERMINAL[:, None], 0.0, probabilities[:, :, GOAL])
