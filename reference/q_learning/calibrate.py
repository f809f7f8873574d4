"""How sure is full marks? The lab's training runs of right solutions, thousands of them, in NumPy alone.

    python reference/q_learning/calibrate.py poles [RUNS]   part 6: how long poles stand, by network
    python reference/q_learning/calibrate.py rates [RUNS]   part 4: what networks learn in 500 steps, by learning rate
    python reference/q_learning/calibrate.py lakes [RUNS]   part 3: how far values are off, and what policies earn

A training run of part 6 takes Keras several seconds, nearly all of it between operations. Here 64 runs go side by side,
each with a network, a memory and random numbers of its own, by the same rule as `learn_pole`: Glorot's initial weights,
Adam, 64 memories a step, eight poles in a rehearsal. `autograder calibrate q_learning` measures the same in the real
notebook, on as many seeds as there is time for. The lakes are learned by the reference's own code, as the checks ask
for it. Where marks begin and end stands in checks.py, with these figures.
"""

from __future__ import annotations

import itertools
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

os.environ.setdefault("OMP_NUM_THREADS", "1")  # many small products: threads only get in each other's way
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from autograder.checks import CartPole
from autograder.checks.declare import import_file

HERE = Path(__file__).parent
CHECKS = import_file(HERE / "checks.py", "q_learning_checks")
POLE = CartPole()
SIDE_BY_SIDE = 64


@dataclass(frozen=True)
class Setting:
    """A network and its learning rate; hidden layers of these widths, "relu" or "tanh"."""

    widths: tuple[int, ...] = (64, 64)
    activation: str = "relu"
    learning_rate: float = 0.001


POLE_SETTINGS = {
    "reference: 64, 64": Setting(),
    "32, 32": Setting((32, 32)),
    "one layer of 64": Setting((64,)),
    "three of 32": Setting((32, 32, 32)),
    "tanh 64, 64": Setting((64, 64), "tanh"),
    "tanh 32, rate 0.005": Setting((32,), "tanh", 0.005),
    "16, rate 0.003": Setting((16,), "relu", 0.003),
    "128, 128": Setting((128, 128)),
}


class Networks:
    """As many networks of one form as there are runs, their weights side by side: (runs, inputs, outputs)."""

    def __init__(self, runs: int, setting: Setting, rng: np.random.Generator) -> None:
        sizes = [4, *setting.widths, 2]
        self.tanh = setting.activation == "tanh"
        self.weights: list[np.ndarray] = []
        for inputs, outputs in itertools.pairwise(sizes):
            limit = np.sqrt(6 / (inputs + outputs))
            self.weights.append(rng.uniform(-limit, limit, (runs, inputs, outputs)).astype("float32"))
            self.weights.append(np.zeros((runs, 1, outputs), "float32"))

    def layers(self, states: np.ndarray) -> list[np.ndarray]:
        """What every layer gives, the states first and the values last; (runs, batch, size) each."""
        found = [states.astype("float32")]
        for number in range(0, len(self.weights), 2):
            sums = found[-1] @ self.weights[number] + self.weights[number + 1]
            is_last = number == len(self.weights) - 2
            found.append(sums if is_last else np.tanh(sums) if self.tanh else np.maximum(sums, 0))
        return found

    def values(self, states: np.ndarray) -> np.ndarray:
        """The values, shape (runs, batch, 2)."""
        return self.layers(states)[-1]

    def gradients(self, layers: list[np.ndarray], slope: np.ndarray) -> list[np.ndarray]:
        """Gradients of all weights from the slope of the loss in the values."""
        found: list[np.ndarray] = []
        for number in range(len(self.weights) - 2, -1, -2):
            layer = layers[number // 2]
            found[:0] = [layer.swapaxes(1, 2) @ slope, slope.sum(axis=1, keepdims=True)]
            if number:
                slope = slope @ self.weights[number].swapaxes(1, 2)
                slope = slope * (1 - layer**2) if self.tanh else slope * (layer > 0)
        return found


class Adam:
    """Kingma & Ba (2015), with Keras' constants."""

    def __init__(self, weights: list[np.ndarray], learning_rate: float) -> None:
        self.weights, self.learning_rate, self.steps = weights, learning_rate, 0
        self.means = [np.zeros_like(weight) for weight in weights]
        self.squares = [np.zeros_like(weight) for weight in weights]

    def step(self, gradients: list[np.ndarray]) -> None:
        """Move the weights, in place."""
        self.steps += 1
        rate = self.learning_rate * np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        for weight, mean, square, gradient in zip(self.weights, self.means, self.squares, gradients, strict=True):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            weight -= rate * mean / (np.sqrt(square) + 1e-7)


def pushed(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Next states and whether poles fell, of any number of axes in front."""
    following, _, fallen = POLE.step(states.reshape(-1, 4), actions.reshape(-1))
    return following.reshape(states.shape), fallen.reshape(actions.shape)


def balanced(networks: Networks, runs: int, num_poles: int, longest: int, rng: np.random.Generator) -> np.ndarray:
    """Mean steps that each run's poles stand, shape (runs,)."""
    states = POLE.starts(rng, runs * num_poles).reshape(runs, num_poles, 4)
    standing, steps = np.ones((runs, num_poles), bool), np.zeros((runs, num_poles))
    for _ in range(longest):
        states, fallen = pushed(states, networks.values(states).argmax(axis=-1))
        steps += standing
        standing &= ~fallen
        if not standing.any():
            break
    return steps.mean(axis=1)


def learn(
    networks: Networks, adam: Adam, states: np.ndarray, actions: np.ndarray, following: np.ndarray, fell: np.ndarray
) -> None:
    """One step on the lab's `td_loss` of a batch for each run; states (runs, batch, 4), the others (runs, batch)."""
    targets = np.where(fell, -1.0, 0.95 * networks.values(following).max(axis=-1))
    layers = networks.layers(states)
    taken = actions[..., None]
    errors = np.take_along_axis(layers[-1], taken, axis=2) - targets[..., None]
    slope = np.zeros_like(layers[-1])
    np.put_along_axis(slope, taken, (2 / actions.shape[1] * errors).astype("float32"), axis=2)
    adam.step(networks.gradients(layers, slope))


ENOUGH = 195.0  # mean steps of a rehearsal, of 200, that end the training


def learn_poles(
    setting: Setting, runs: int, rng: np.random.Generator, num_steps: int = 4000
) -> tuple[np.ndarray, np.ndarray]:
    """`learn_pole` of the lab and what its check measures: mean steps of 32 new attempts of at most 200 each.

    Returns:
        The mean steps, shape (runs,), and after how many steps each training ended.
    """
    networks = Networks(runs, setting, rng)
    adam = Adam(networks.weights, setting.learning_rate)
    seen, followed = (np.zeros((runs, num_steps, 4), "float32") for _ in range(2))
    done, fell = np.zeros((runs, num_steps), int), np.zeros((runs, num_steps), bool)
    best, record = [weight.copy() for weight in networks.weights], np.zeros(runs)
    each, age, ended = np.arange(runs), np.zeros(runs, int), np.full(runs, num_steps)
    states = POLE.starts(rng, runs, spread=0.2)
    for step in range(num_steps):
        explore = rng.random(runs) < max(0.05, 1 - step / 1500)
        actions = np.where(explore, rng.integers(2, size=runs), networks.values(states[:, None])[:, 0].argmax(axis=-1))
        following, fallen = pushed(states, actions)
        seen[:, step], followed[:, step], done[:, step], fell[:, step] = states, following, actions, fallen
        age += 1
        over = fallen | (age == 500)
        states = np.where(over[:, None], POLE.starts(rng, runs, spread=0.2), following)
        age[over] = 0
        if step >= 200:
            row, drawn = each[:, None], rng.integers(step + 1, size=(runs, 64))
            learn(networks, adam, seen[row, drawn], done[row, drawn], followed[row, drawn], fell[row, drawn])
        if step >= 700 and (step + 1) % 250 == 0:
            learning = record < ENOUGH  # those that have ended go on beside the others, and keep what they had
            shown = balanced(networks, runs, 8, 200, rng)
            better = learning & (shown > record)
            record[better] = shown[better]
            for kept, weight in zip(best, networks.weights, strict=True):
                kept[better] = weight[better]
            ended[learning & (record >= ENOUGH)] = step + 1
            if (record >= ENOUGH).all():
                break
    networks.weights = best
    return balanced(networks, runs, 32, 200, rng), ended


def calibrate_poles(num_runs: int) -> None:
    """Print how long poles stand after training, by network."""
    print(f"{'network':<22}{'runs':>6}  lowest  1 in 1,000  1 in 100  median   below 80  mean training")
    for number, (name, setting) in enumerate(POLE_SETTINGS.items()):
        rng = np.random.default_rng(number)
        found = [learn_poles(setting, SIDE_BY_SIDE, rng) for _ in range(-(-num_runs // SIDE_BY_SIDE))]
        steps, training = (np.concatenate(one) for one in zip(*found, strict=True))
        low = np.quantile(steps, [0.001, 0.01, 0.5], method="lower")
        print(
            f"{name:<22}{len(steps):>6}{steps.min():>8.0f}{low[0]:>12.0f}{low[1]:>10.0f}{low[2]:>8.0f}"
            f"{int((steps < 80).sum()):>11}{training.mean():>15.0f}",
            flush=True,
        )


RATE_SETTINGS = {
    **POLE_SETTINGS,
    **{f"64, 64, rate {rate:g}": Setting(learning_rate=rate) for rate in (0.01, 0.0003, 1e-4, 1e-5, 1e-7, 1.0)},
}


def calibrate_rates(num_runs: int) -> None:
    """Print what share of simple values networks explain after 500 steps."""
    print(f"{'network':<22}{'runs':>6}  lowest  highest")
    for number, (name, setting) in enumerate(RATE_SETTINGS.items()):
        rng = np.random.default_rng(number)
        networks = Networks(num_runs, setting, rng)
        adam = Adam(networks.weights, setting.learning_rate)
        drawn = [CHECKS.simple_values(rng) for _ in range(num_runs)]
        states, values = (np.stack(one) for one in zip(*drawn, strict=True))
        for _ in range(500):
            layers = networks.layers(states)
            slope = (2 / values[0].size * (layers[-1] - values)).astype("float32")
            adam.step(networks.gradients(layers, slope))
        explained = 1 - ((networks.values(states) - values) ** 2).mean(axis=(1, 2)) / values.var(axis=(1, 2))
        print(f"{name:<22}{num_runs:>6}{explained.min():>8.2f}{explained.max():>9.2f}", flush=True)


def calibrate_lakes(num_runs: int) -> None:
    """Print the figures that the checks of part 3 compare with, over many drawn lakes."""
    lab, checks = import_file(HERE / "lab.py", "q_learning_lab"), CHECKS

    def learned(
        student: SimpleNamespace, plan: tuple[str, ...], rate: float, episodes: int, **world: float
    ) -> np.ndarray:
        seed = int(student.rng.integers(2**31))
        discount = world.pop("discount", 0.95)
        made = lab.World(list(plan), seed=seed, **world)
        return lab.learn_table(made, episodes, rate, 1.0, discount, np.random.default_rng(seed + 1))

    def furthest(student: SimpleNamespace, episodes: int, discount: float, max_steps: int) -> float:
        plan = checks.drawn_plan(student, 0.0)
        table = learned(student, plan, 0.5, episodes, discount=discount, max_steps=max_steps)
        return float(
            np.abs(table - checks.optimal_values(checks.world_of(plan, 0.0), discount))[checks.places(plan)].max()
        )

    def share(student: SimpleNamespace) -> float:
        found = []
        for _ in range(3):
            plan = checks.drawn_plan(student, 0.2)
            table = learned(student, plan, 0.05, 2000, slip=0.2)
            found.append(checks.earned_and_possible(checks.world_of(plan, 0.2), checks.places(plan), table))
        earned, could = np.sum(found, axis=0)
        return float(earned / could)

    quantities = {
        "largest difference, gamma 0.95": lambda student: furthest(student, 1000, 0.95, 100),
        "largest difference, gamma 0.8": lambda student: furthest(student, 1000, 0.8, 100),
        "largest difference, 4 steps": lambda student: furthest(student, 6000, 0.95, 4),
        "share of the reward": share,
    }
    print(f"{'quantity':<34}{'runs':>6}   lowest   median  highest")
    for number, (name, measure) in enumerate(quantities.items()):
        found = [measure(SimpleNamespace(rng=np.random.default_rng((number, run)))) for run in range(num_runs)]
        print(f"{name:<34}{num_runs:>6}{min(found):>9.4f}{np.median(found):>9.4f}{max(found):>9.4f}", flush=True)


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["poles" | "rates" | "lakes" as what, *runs] if len(runs) <= 1 and all(map(str.isdecimal, runs)):
            commands = {"poles": calibrate_poles, "rates": calibrate_rates, "lakes": calibrate_lakes}
            commands[what](int(runs[0]) if runs else 3000)
        case _:
            print(
                f"expected poles, rates or lakes, and a number of runs, received {arguments}\n\n{__doc__}",
                file=sys.stderr,
            )
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
