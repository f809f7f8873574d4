"""The lab q_learning: its worlds and formulas against oracles, and its checks against right and wrong solutions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.authoring import read_lab
from autograder.checks.declare import import_file
from autograder.errors import Failure
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "q_learning"
LAB = read_lab(FOLDER)


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "q_learning_checks_under_test")


@pytest.fixture(scope="module")
def lab() -> ModuleType:
    pytest.importorskip("keras")
    pytest.importorskip("gymnasium")
    return import_file(FOLDER / "lab.py", "q_learning_lab_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


PLAN = ["..#.", "H..G", "...."]


def test_our_tables_lead_where_the_notebooks_dry_world_leads(lab: ModuleType, checks: ModuleType) -> None:
    world, tables = lab.World(PLAN), checks.world_of(PLAN, 0.0)
    for state in checks.places(PLAN):
        for action in range(4):
            world.reset()
            world.state = int(state)
            next_state, reward, terminated, truncated, _ = world.step(action)
            assert tables.transitions[state, action, next_state] == 1.0
            assert (tables.rewards[state, action], tables.terminal[next_state]) == (reward, terminated)
            assert not truncated
    assert world.starts == checks.places(PLAN).tolist()


def test_our_tables_lead_as_often_where_the_notebooks_slippery_world_leads(lab: ModuleType, checks: ModuleType) -> None:
    world, tables = lab.World(PLAN, slip=0.4, seed=0), checks.world_of(PLAN, 0.4)
    for state, action in ((0, 2), (5, 0), (6, 1), (9, 3)):
        counts = np.zeros(12)
        for _ in range(4000):
            world.reset()
            world.state = state
            counts[world.step(action)[0]] += 1
        np.testing.assert_allclose(counts / 4000, tables.transitions[state, action], atol=0.03)


def test_the_lake_and_its_best_returns_are_those_students_read(lab: ModuleType, checks: ModuleType) -> None:
    assert list(checks.LAKE) == lab.LAKE
    best = [
        checks.optimal_values(checks.world_of(checks.LAKE, slip), 0.95).max(axis=1)[checks.places(checks.LAKE)].mean()
        for slip in (0.0, 0.2)
    ]
    assert [f"{value:.3f}" for value in best] == ["0.773", "0.618"]
    tests = next(cell for cell in LAB.cells if cell.grade_id == "policy-tests")
    assert '("dry", dry_table, 0.773), ("slippery", slippery_table, 0.618)' in tests.source


def test_the_value_of_a_policy_is_what_it_earns(lab: ModuleType, checks: ModuleType) -> None:
    world = checks.world_of(PLAN, 0.2)
    table = checks.optimal_values(world, 0.9)
    earned = checks.policy_values(world, table.argmax(axis=1), 0.9)[checks.places(PLAN)].mean()
    np.testing.assert_allclose(earned, table.max(axis=1)[checks.places(PLAN)].mean())  # the best policy earns the most
    played = lab.mean_return(lab.World(PLAN, slip=0.2, seed=1), table, 4000, 0.9)
    np.testing.assert_allclose(played, earned, atol=0.03)


def steps_of(checks: ModuleType) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A table and a batch of four steps, one of which ends its episode."""
    rng = np.random.default_rng(0)
    batch = {
        "states": rng.normal(size=(4, 3)).astype("float32"),
        "actions": np.array([0, 1, 1, 0], dtype="int32"),
        "rewards": rng.normal(size=4).astype("float32"),
        "next_states": rng.normal(size=(4, 3)).astype("float32"),
        "terminated": np.array([0, 0, 1, 0], dtype="float32"),
    }
    return rng.normal(size=(3, 2)), batch


def slope(loss: object, table: np.ndarray) -> np.ndarray:
    """The gradient of a function of a table, by central differences."""
    found = np.zeros_like(table)
    for place in np.ndindex(table.shape):
        moved = np.zeros_like(table)
        moved[place] = 1e-5
        found[place] = (loss(table + moved) - loss(table - moved)) / 2e-5  # type: ignore[operator]
    return found


def test_a_step_with_the_target_held_still_is_told_from_one_through_the_target(checks: ModuleType) -> None:
    table, batch = steps_of(checks)
    rows, each = batch["states"].astype(float), np.arange(4)
    targets = (rows @ table)[each, batch["actions"]] - checks.errors_of(table, batch, 0.9)
    still = slope(lambda t: float((((rows @ t)[each, batch["actions"]] - targets) ** 2).mean()), table)
    through = slope(lambda t: float((checks.errors_of(t, batch, 0.9) ** 2).mean()), table)
    checks.expect_semi_gradient(table - checks.RATE * still, table, batch, 0.9)
    with pytest.raises(Failure, match="moves the values of the next states, too"):
        checks.expect_semi_gradient(table - checks.RATE * through, table, batch, 0.9)
    with pytest.raises(Failure, match="received no change"):
        checks.expect_semi_gradient(table, table, batch, 0.9)
    with pytest.raises(Failure, match="differs from it by up to 100% of its size"):
        checks.expect_semi_gradient(table - 2 * checks.RATE * still, table, batch, 0.9)


def test_a_step_of_keras_on_the_reference_loss_is_the_step_we_expect(lab: ModuleType, checks: ModuleType) -> None:
    table, batch = steps_of(checks)
    network = lab.table_network(table)
    loss = lab.learn_once(network, batch, checks.RATE, 0.9)
    np.testing.assert_allclose(loss, (checks.errors_of(table, batch, 0.9) ** 2).mean(), rtol=1e-5)
    checks.expect_semi_gradient(network.get_weights()[0], table, batch, 0.9)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_calibration_learns_as_keras_does(lab: ModuleType, checks: ModuleType, activation: str) -> None:
    keras = pytest.importorskip("keras")
    calibrate = import_file(FOLDER / "calibrate.py", "q_learning_calibrate_under_test")
    setting = calibrate.Setting((5, 6), activation, 0.01)
    ours = calibrate.Networks(2, setting, np.random.default_rng(0))
    adam = calibrate.Adam(ours.weights, setting.learning_rate)
    theirs = keras.Sequential([keras.Input((4,)), *(keras.layers.Dense(n, activation) for n in (5, 6))])
    theirs.add(keras.layers.Dense(2))
    theirs.set_weights([weight[1].reshape(was.shape) for weight, was in zip(ours.weights, theirs.weights, strict=True)])
    learner = lab.Learner(theirs, 0.95)
    learner.compile(keras.optimizers.Adam(0.01))
    rng = np.random.default_rng(1)
    for _ in range(3):
        seen, followed = rng.normal(size=(2, 2, 8, 4)).astype("float32")
        done, fell = rng.integers(2, size=(2, 8)), rng.random((2, 8)) < 0.3
        calibrate.learn(ours, adam, seen, done, followed, fell)
        batch = (seen[1], done[1].astype("int32"), -fell[1].astype("float32"), followed[1], fell[1].astype("float32"))
        learner.train_on_batch(dict(zip(lab.BATCH, batch, strict=True)))
    for our, their in zip(ours.weights, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(our[1].reshape(their.shape), their, atol=1e-4)


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []
