"""Which weights changed, which stayed, and whether a step is the one of the formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    Weight,
    expect_only_changed,
    expect_step_equals,
    expect_unchanged,
    expect_weights_moved,
)
from autograder.errors import CheckError, Failure

PATHS = ("base/conv/kernel", "base/norm/moving_mean", "head/dense/kernel", "head/dense/bias")


def weights(**values: float) -> list[Weight]:
    """Four weights, two of a base and two of a head; "head/dense" stands for both, others by the last part."""
    found = []
    for number, path in enumerate(PATHS):
        shift = sum(value for part, value in values.items() if part in path.split("/"))
        found.append(Weight(path, "moving" not in path, np.full((2, 3), number + shift, dtype="float32")))
    return found


def in_head(weight: Weight) -> bool:
    return weight.path.startswith("head")


def test_weights_that_stayed_are_named() -> None:
    before = [Weight("a/kernel", True, np.zeros(2)), Weight("b/kernel", True, np.zeros(2))]
    after = [Weight("a/kernel", True, np.ones(2)), Weight("b/kernel", True, np.zeros(2))]
    with pytest.raises(Failure, match="received 1 unchanged: b/kernel"):
        expect_weights_moved(before, after)


def test_what_is_not_trainable_may_stay() -> None:
    frozen = [Weight("norm/moving_mean", False, np.zeros(2))]
    expect_weights_moved(frozen, frozen)


def test_another_model_is_not_the_same_model_trained() -> None:
    for expect in (expect_weights_moved, expect_unchanged, lambda a, b: expect_only_changed(a, b, ["a"])):
        with pytest.raises(Failure, match="a model of another shape"):
            expect([Weight("a", True, np.zeros(2))], [Weight("a", True, np.zeros(3))])


def test_weights_that_did_not_change_in_a_single_bit_pass() -> None:
    expect_unchanged(weights(), weights())
    nan = [Weight("a", True, np.array([np.nan]))]
    expect_unchanged(nan, nan)


@given(st.integers(0, 3), st.integers(0, 5))
def test_a_change_of_a_single_bit_is_named(which: int, entry: int) -> None:
    after = weights()
    flat = after[which].value.reshape(-1)
    flat[entry] = np.nextafter(flat[entry], np.float32(9))
    with pytest.raises(Failure, match=f"a step to leave 4 weights .* received 1 of them changed: {PATHS[which]}"):
        expect_unchanged(weights(), after, "a step")


def test_the_head_may_be_trained_alone() -> None:
    expect_only_changed(weights(), weights(head=0.1), in_head)
    expect_only_changed(weights(), weights(head=0.1), {"head/dense/kernel", "head/dense/bias"})


def test_a_base_that_was_trained_too_is_named() -> None:
    with pytest.raises(Failure, match=r"leave 2 weights .* received 1 of them changed: base/conv/kernel") as failure:
        expect_only_changed(weights(), weights(head=0.1, conv=1e-7), in_head)
    assert "frozen" in failure.value.hint


def test_moving_averages_that_moved_are_named_unless_they_are_free() -> None:
    after = weights(head=0.1, norm=0.1)
    with pytest.raises(Failure, match="base/norm/moving_mean"):
        expect_only_changed(weights(), after, in_head)
    expect_only_changed(weights(), after, in_head, free=["base/norm/moving_mean"])
    expect_only_changed(weights(), after, in_head, free=lambda weight: "moving" in weight.path)
    expect_only_changed(weights(), weights(head=0.1), in_head, free=lambda weight: "moving" in weight.path)


def test_a_head_that_stayed_is_named() -> None:
    after = weights()
    after[2].value[0, 0] = 7.0
    with pytest.raises(Failure, match=r"to change 2 weights .* received 1 of them unchanged: head/dense/bias"):
        expect_only_changed(weights(), after, in_head)


def test_a_head_that_became_nan_is_no_training() -> None:
    with pytest.raises(Failure, match="expected finite numbers in head/dense/kernel after training"):
        expect_only_changed(weights(), weights(head=np.nan), in_head)


def test_a_model_without_the_weights_that_must_change_fails() -> None:
    with pytest.raises(Failure, match="expected a model with the weights top/kernel, received one without"):
        expect_only_changed(weights(), weights(head=1), ["head/dense/kernel", "top/kernel"])
    with pytest.raises(Failure, match="a model that has none of them"):
        expect_only_changed(weights(), weights(head=1), lambda weight: weight.path.startswith("top"))


RNG = np.random.default_rng(0)
START = [
    Weight("kernel", True, RNG.normal(size=(4, 3)).astype("float32")),
    Weight("bias", True, np.zeros(3, "float32")),
]
GRADIENTS = {"kernel": RNG.normal(size=(4, 3)), "bias": RNG.normal(size=3)}


def stepped(rate: float, dtype: Any = np.float32, times: float = 1.0) -> list[Weight]:
    return [
        Weight(w.path, True, (w.value - dtype(times * rate) * GRADIENTS[w.path].astype(dtype)).astype(w.value.dtype))
        for w in START
    ]


def right(rate: float) -> dict[str, np.ndarray]:
    return {w.path: w.value - rate * GRADIENTS[w.path] for w in START}


@given(st.floats(1e-4, 10.0))
def test_the_step_of_the_formula_passes_at_any_rate(rate: float) -> None:
    expect_step_equals(START, stepped(rate), right(rate))


@pytest.mark.parametrize("times", [-1.0, 0.01, 100.0, 32.0, 1.01])
def test_a_step_of_another_length_is_said_to_be_so(times: float) -> None:
    """Whatever the values: against weights of size 1 none of these steps would show at a tolerance for values."""
    with pytest.raises(Failure, match=rf"to move kernel by up to 0\.00\d+ in each number, received {times:.3g} times"):
        expect_step_equals(START, stepped(1e-3, times=times), right(1e-3))


def test_no_step_and_a_step_elsewhere_are_told_apart() -> None:
    with pytest.raises(Failure, match="received no step at all"):
        expect_step_equals(START, START, right(0.1))
    after = stepped(0.1)
    after[0].value[:] = START[0].value - 0.1 * GRADIENTS["kernel"][::-1]
    with pytest.raises(Failure, match="in another direction"):
        expect_step_equals(START, after, right(0.1))


def test_a_weight_that_should_stay_may_not_move() -> None:
    expected = {**right(0.1), "bias": np.zeros(3)}
    expect_step_equals(START, [stepped(0.1)[0], START[1]], expected)
    with pytest.raises(Failure, match="move bias by up to 0 in each number"):
        expect_step_equals(START, stepped(0.1), expected)


def test_weights_that_are_not_named_are_not_looked_at() -> None:
    expect_step_equals(START, [stepped(0.1)[0], START[1]], {"kernel": right(0.1)["kernel"]})


def test_a_step_that_diverged_is_a_failure() -> None:
    for before, after in ((START, stepped(np.nan)), (stepped(np.nan), START)):
        with pytest.raises(Failure, match="expected finite numbers in kernel before and after one step"):
            expect_step_equals(before, after, right(0.1))


def test_a_step_lost_in_rounding_or_of_another_weight_is_a_mistake_of_the_check() -> None:
    with pytest.raises(CheckError, match="larger than rounding"):
        expect_step_equals(START, START, {"kernel": START[0].value - 1e-7 * GRADIENTS["kernel"]})
    with pytest.raises(CheckError, match="expected a weight 'gamma'"):
        expect_step_equals(START, START, {"gamma": np.zeros(3)})
    with pytest.raises(CheckError, match=r"of shape \(2,\)"):
        expect_step_equals(START, START, {"bias": np.zeros(2)})


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_two_steps_of_keras_are_those_of_the_formula(momentum: float) -> None:
    keras = pytest.importorskip("keras")
    x, y = RNG.normal(size=(16, 3)).astype("float32"), RNG.normal(size=(16, 1)).astype("float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.05, momentum=momentum), "mse")

    def now() -> list[Weight]:
        return [Weight(one.path, True, np.asarray(one)) for one in model.weights]

    speed = {weight.path: 0.0 for weight in now()}
    for _ in range(2):
        before = now()
        kernel, bias = (weight.value.astype("float64") for weight in before)
        errors = 2 * (x @ kernel + bias - y) / len(x)
        gradients = dict(zip(speed, (x.T @ errors, errors.sum(axis=0)), strict=True))
        speed = {path: momentum * speed[path] - 0.05 * gradients[path] for path in speed}
        model.train_on_batch(x, y)
        expected = {weight.path: weight.value + speed[weight.path] for weight in before}
        expect_step_equals(before, now(), expected)
        with pytest.raises(Failure, match="times that step"):
            expect_step_equals(before, now(), {weight.path: weight.value + 2 * speed[weight.path] for weight in before})
