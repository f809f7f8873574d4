"""Gradients that are right, arrive, must not arrive, were clipped, and match differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checks import (
    Gradients,
    expect_gradient_norm_at_most,
    expect_gradients_close,
    expect_gradients_match_differences,
    expect_gradients_reach,
    expect_no_gradient,
)
from autograder.checks.handles import Weight
from autograder.errors import CheckError, Failure

from .models import GARBAGE, Affine

X = np.random.default_rng(0).normal(size=(4, 3))
ONES = np.ones((4, 2))
NO_GRADIENTS = [name for name in GARBAGE if not isinstance(GARBAGE[name], (list, dict, int))]


def built(**settings: Any) -> Affine:
    layer = Affine(**settings)
    layer(X)
    return layer


@pytest.mark.parametrize("name", NO_GRADIENTS)
@pytest.mark.parametrize(
    "expect",
    [
        expect_gradients_reach,
        expect_no_gradient,
        lambda value: expect_gradients_close(value, X),
        lambda value: expect_gradient_norm_at_most(value, 1.0),
        lambda value: expect_gradients_match_differences(lambda _: value, X, gradients=lambda *_: [X]),
        lambda value: expect_gradients_match_differences(np.tanh, X, gradients=lambda *_: value),
    ],
)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str, expect: Callable[[Any], Any]) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect(GARBAGE[name])


@pytest.mark.parametrize("garbage", ["a", None, np.array(["a"]), [[1, 2], [3]], {}])
def test_garbage_in_a_dict_of_gradients_is_a_failure(garbage: Any) -> None:
    for expect in (
        lambda: expect_gradients_reach({"kernel": garbage}),
        lambda: expect_gradients_close({"kernel": garbage}, {"kernel": X}),
        lambda: expect_gradient_norm_at_most({"kernel": garbage}, 1.0),
    ):
        with pytest.raises(Failure, match=r"^expected .*, received "):
            expect()


# arriving -----------------------------------------------------------------------------------------------------------


def test_gradients_everywhere_reach() -> None:
    expect_gradients_reach(built().gradients_of(X, ONES))
    expect_gradients_reach(built().gradients_of(X, ONES), ["kernel", "input 0"])
    expect_gradients_reach({"generator/dense/kernel": X, "other/kernel": None}, ["generator"])


def test_a_gradient_that_does_not_arrive_is_named() -> None:
    for missing in (None, np.zeros((3, 2))):
        with pytest.raises(
            Failure, match=r"expected the loss to have a gradient .* for 1 of 2: dense/kernel"
        ) as failure:
            expect_gradients_reach({"dense/kernel": missing, "dense/bias": X}, what="the loss")
        assert "stop_gradient" in failure.value.hint
    with pytest.raises(Failure, match="expected finite numbers in the gradient of dense/kernel"):
        expect_gradients_reach({"dense/kernel": np.full((3, 2), np.nan)})


def test_a_weight_that_is_not_among_the_gradients_is_no_weight_that_learns() -> None:
    with pytest.raises(Failure, match="expected a gradient for bass, received none of that name"):
        expect_gradients_reach(built().gradients_of(X, ONES), ["bass"])
    with pytest.raises(Failure, match="to have gradients, received none at all"):
        expect_gradients_reach({})


def test_what_may_be_zero_for_good_reason_is_excused() -> None:
    gradients = {"key/kernel": X, "key/bias": np.zeros(3), "query/bias": np.zeros(3)}
    expect_gradients_reach(gradients, but_for=["bias"])
    with pytest.raises(Failure, match="for 1 of 2: query/bias"):
        expect_gradients_reach(gradients, but_for=["key/bias"])


def test_no_gradient_is_none_or_zeros() -> None:
    expect_no_gradient({"frozen/kernel": None, "frozen/bias": np.zeros(2)})
    expect_no_gradient([None])
    expect_no_gradient({"base/kernel": None, "head/kernel": X}, ["base"], "the loss")
    with pytest.raises(
        Failure, match="expected no gradient of the loss at base/kernel, received one for 1: base/kernel"
    ):
        expect_no_gradient({"base/kernel": 1e-9 * X, "head/kernel": X}, ["base"], "the loss")
    with pytest.raises(Failure, match="received one for 1: input 1"):
        expect_no_gradient(Gradients([None, X], {}))


# right ones ---------------------------------------------------------------------------------------------------------


def test_right_gradients_pass_in_every_form() -> None:
    layer = built(factor=3.0)
    found = layer.gradients_of(X, ONES)
    right = {"kernel": 3 * X.T @ ONES, "bias": np.full(2, 12.0)}
    expect_gradients_close(found.weights, right)
    expect_gradients_close(found, {**right, "input 0": 3 * ONES @ layer.kernel.T})
    expect_gradients_close(found.inputs, [3 * ONES @ layer.kernel.T])
    expect_gradients_close(found.inputs[0], 3 * ONES @ layer.kernel.T)
    expect_gradients_close([X, None], [X, None])
    expect_gradients_close(Gradients([X], {"a/b": X}), Gradients([X], {"a/b": X}))


def test_a_wrong_gradient_is_named() -> None:
    layer = built()
    layer.slip = 1.01
    with pytest.raises(Failure, match=r"the gradient of kernel is not what it should be \(6 of 6 numbers differ\)"):
        expect_gradients_close(layer.gradients_of(X, ONES).weights, {"kernel": X.T @ ONES})
    with pytest.raises(
        Failure, match=r"expected the gradient of kernel to have shape \(2, 3\), received shape \(3, 2\)"
    ):
        expect_gradients_close(layer.gradients_of(X, ONES).weights, {"kernel": (X.T @ ONES).T})


def test_a_missing_gradient_and_one_too_many_are_named() -> None:
    with pytest.raises(
        Failure, match=r"gradient of input 1 to be an array of shape \(4, 3\), received none"
    ) as failure:
        expect_gradients_close([X, None], [X, X])
    assert "stop_gradient" in failure.value.hint
    with pytest.raises(Failure, match="of input 1 to be an array"):
        expect_gradients_close([X], [X, X])
    with pytest.raises(Failure, match="expected no gradient of the gradient at input 1, received one"):
        expect_gradients_close([X, X], [X, None])


def test_a_name_that_fits_two_gradients_is_a_mistake_of_the_check() -> None:
    with pytest.raises(CheckError, match="expected one gradient for 'kernel', found 2"):
        expect_gradients_close({"a/kernel": X, "b/kernel": X}, {"kernel": X})
    with pytest.raises(CheckError, match="the check's own answer"):
        expect_gradients_close({"a/kernel": X}, "kernel")


# clipped ones -------------------------------------------------------------------------------------------------------


def test_a_norm_is_of_all_gradients_together_or_of_each() -> None:
    gradients = {"a": np.array([3.0, 0.0]), "b": np.array([0.0, 4.0])}
    expect_gradient_norm_at_most(gradients, 5.0)
    expect_gradient_norm_at_most(gradients, 4.0, each=True)
    with pytest.raises(
        Failure, match=r"expected the gradients \(all together\) to have a norm of at most 4, received 5"
    ):
        expect_gradient_norm_at_most(gradients, 4.0)
    with pytest.raises(Failure, match=r"expected the gradients \(b\) to have a norm of at most 3, received 4"):
        expect_gradient_norm_at_most(gradients, 3.0, each=True)


def test_rounding_in_float32_is_no_larger_norm() -> None:
    gradient = np.random.default_rng(0).normal(size=10_000).astype("float32")
    expect_gradient_norm_at_most([gradient / np.sqrt((gradient**2).sum(dtype="float32"))], 1.0)


# differences --------------------------------------------------------------------------------------------------------


def gradient_of(derivative: Callable[[np.ndarray], np.ndarray]) -> Callable[[Any, Any], Any]:
    return lambda x, cotangent: [cotangent * derivative(x)]


@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
        (lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(x.dtype)),
        (lambda x: x**3 * 1e6, lambda x: 3e6 * x**2),
        (lambda x: np.exp(-x) + 1e4, lambda x: -np.exp(-x)),
        (lambda x: x * 0 + 2.5, lambda x: x * 0),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_right_derivative_matches(f: Any, derivative: Any, dtype: str) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(6, 5)).astype(dtype)
        expect_gradients_match_differences(f, x, gradients=gradient_of(derivative), rng=rng)


@pytest.mark.parametrize(("dtype", "slip"), [("float64", 1 + 1e-4), ("float32", 1.1)])
def test_a_wrong_derivative_shows(dtype: str, slip: float) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(6, 5)).astype(dtype)
        with pytest.raises(
            Failure, match=r"gradient of input 0 to match central differences: .* along a random direction"
        ):
            expect_gradients_match_differences(
                np.tanh, x, gradients=gradient_of(lambda x: slip * (1 - np.tanh(x) ** 2)), rng=rng
            )


def test_one_wrong_entry_of_thirty_shows() -> None:
    def derivative(x: np.ndarray) -> np.ndarray:
        found = 1 - np.tanh(x) ** 2
        found[2, 3] += 0.01
        return found

    with pytest.raises(Failure, match="match central differences"):
        expect_gradients_match_differences(np.tanh, np.ones((6, 5)) / 3, gradients=gradient_of(derivative))


def test_a_gradient_that_is_missing_where_the_output_changes_shows() -> None:
    with pytest.raises(Failure, match="received no gradient") as failure:
        expect_gradients_match_differences(np.tanh, X, gradients=lambda *_: [None])
    assert "stop_gradient" in failure.value.hint


def test_a_layer_is_held_against_itself_weight_by_weight_and_left_as_it_was() -> None:
    layer = built(factor=3.0)
    layer.bias = np.array([0.5, -0.5])
    kernel = layer.kernel.copy()
    expect_gradients_match_differences(layer, X)
    assert np.array_equal(layer.kernel, kernel)
    layer.slip = 1.001
    with pytest.raises(Failure, match="gradient of input 0 to match"):
        expect_gradients_match_differences(layer, X)
    assert np.array_equal(layer.kernel, kernel)


def test_a_weight_whose_gradient_is_wrong_is_named() -> None:
    class Slips(Affine):
        def gradients_of(self, x: np.ndarray, cotangent: np.ndarray, training: bool = False) -> Gradients:
            found = super().gradients_of(x, cotangent)
            return Gradients(found.inputs, {**found.weights, "affine/bias": cotangent.mean(axis=0)})

    layer = Slips()
    layer(X)
    with pytest.raises(Failure, match="gradient of affine/bias to match"):
        expect_gradients_match_differences(layer, X)


def test_several_arguments_are_moved_one_by_one() -> None:
    def product(a: np.ndarray, times: int, b: np.ndarray) -> np.ndarray:
        return times * a * b

    def gradients(inputs: Any, cotangent: Any) -> Any:
        a, times, b = inputs
        return [times * b * cotangent, None, times * a * cotangent]

    expect_gradients_match_differences(product, (X, 3, 2 * X), gradients=gradients)
    with pytest.raises(Failure, match="gradient of input 2 to match"):
        expect_gradients_match_differences(
            product, (X, 3, 2 * X), gradients=lambda inputs, c: [gradients(inputs, c)[0], None, inputs[0] * c]
        )


def test_several_outputs_have_a_cotangent_each() -> None:
    def both(x: np.ndarray) -> list[np.ndarray]:
        return [np.sin(x), x**2]

    expect_gradients_match_differences(both, X, gradients=lambda x, c: [np.cos(x) * c[0] + 2 * x * c[1]])
    with pytest.raises(Failure, match="match central differences"):
        expect_gradients_match_differences(both, X, gradients=lambda x, c: [np.cos(x) * c[0]])


def test_what_was_computed_in_float32_is_not_judged_as_if_it_were_float64() -> None:
    def rounded(x: np.ndarray) -> np.ndarray:
        return np.tanh(x.astype("float32")).astype("float64")

    expect_gradients_match_differences(rounded, X, gradients=gradient_of(lambda x: 1 - np.tanh(x) ** 2))


def test_an_output_that_differs_from_call_to_call_or_jumps_says_nothing() -> None:
    draw = np.random.default_rng(0)
    with pytest.raises(Failure, match="expected the same outputs for the same inputs, received others"):
        expect_gradients_match_differences(lambda x: x + draw.normal(), X, gradients=lambda *_: [X])
    with pytest.raises(Failure, match=r"changes smoothly, .* received one that jumps"):
        expect_gradients_match_differences(
            lambda x: np.floor(x * 1e6) / 1e6 + 1e-4 * np.sin(x), X, gradients=lambda x, c: [c]
        )


def test_a_gradient_of_another_shape_is_said_to_be_one() -> None:
    with pytest.raises(Failure, match=r"gradient of input 0 to have shape \(4, 3\), received shape \(3, 4\)"):
        expect_gradients_match_differences(np.tanh, X, gradients=lambda x, c: [c.T])


def test_a_check_without_anything_to_move_is_a_mistake_of_the_check() -> None:
    with pytest.raises(CheckError, match="expected an array of floats among the inputs"):
        expect_gradients_match_differences(lambda x: x / 2, np.arange(3), gradients=lambda *_: [None])


def test_a_weight_without_entries_is_passed_over() -> None:
    layer = built()
    layer.gradients_of = lambda x, cotangent, training: Gradients([cotangent @ layer.kernel.T], {})  # type: ignore[method-assign]
    layer.weights = lambda: [Weight("affine/empty", True, np.zeros((0, 2)))]  # type: ignore[method-assign]
    layer.set_weights = lambda weights: None  # type: ignore[method-assign]
    expect_gradients_match_differences(layer, X)
