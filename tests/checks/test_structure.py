"""What layers and models are made of."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.checks import (
    expect_dtype,
    expect_layer,
    expect_layers,
    expect_num_params,
    expect_num_params_at_most,
    expect_weight_shapes,
)
from autograder.errors import CheckError, Failure

from .models import GARBAGE, Affine, LinearModel

X = np.random.default_rng(0).normal(size=(4, 3))


def built(**settings: object) -> Affine:
    layer = Affine(**settings)  # type: ignore[arg-type]
    layer(X)
    return layer


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize(
    "expect",
    [
        lambda value: expect_layer(value, "what `MyDense` makes"),
        lambda value: expect_weight_shapes(value, {"kernel": (3, 2)}),
        lambda value: expect_weight_shapes(value, [(3, 2)]),
        lambda value: expect_num_params(value, 8),
        lambda value: expect_num_params_at_most(value, 8),
        lambda value: expect_layers(value, present=["Dense"]),
        lambda value: expect_dtype(value, "float32"),
    ],
)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name, expect) -> None:
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect(GARBAGE[name])


def test_a_layer_is_given_back() -> None:
    layer = Affine()
    assert expect_layer(layer) is layer
    with pytest.raises(Failure, match="expected MyDense to be a Keras layer, received None") as failure:
        expect_layer(None, "MyDense")
    assert "keras.layers.Layer" in failure.value.hint


def test_weights_are_found_by_the_end_of_their_path() -> None:
    expect_weight_shapes(built(), {"kernel": (3, 2), "bias": (2,)})
    expect_weight_shapes(built(), {"affine/kernel": (None, 2), "bias": (None,)})


def test_weights_may_have_names_of_the_students_own() -> None:
    expect_weight_shapes(built(), [(2,), (3, 2)])
    expect_weight_shapes(built(), [(None,), (None, None)])


def test_the_pickier_shape_chooses_first() -> None:
    expect_weight_shapes(built(units=3), [(None,), (3, None)])
    square = built(units=3)
    square.bias = np.zeros((3, 2))
    expect_weight_shapes(square, [(3, None), (3, 3)])


def test_a_weight_of_another_shape_is_named_with_both_shapes() -> None:
    with pytest.raises(Failure, match=r"expected MyDense's weight kernel to have shape \(2, 3\), received \(3, 2\)"):
        expect_weight_shapes(built(), {"kernel": (2, 3), "bias": (2,)}, "MyDense")
    with pytest.raises(Failure, match=r"of the shapes \(2, 3\), \(2,\), received \(3, 2\), \(2,\)"):
        expect_weight_shapes(built(), [(2, 3), (2,)])


def test_a_missing_weight_and_one_too_many_are_named() -> None:
    with pytest.raises(Failure, match=r"one weight called scale, received 0 \(its weights: affine/kernel, affine/bias"):
        expect_weight_shapes(built(), {"kernel": (3, 2), "bias": (2,), "scale": (1,)})
    with pytest.raises(Failure, match="the weights kernel and no others, received one more: affine/bias"):
        expect_weight_shapes(built(), {"kernel": (3, 2)})
    with pytest.raises(Failure, match=r"of the shapes \(3, 2\), received \(3, 2\), \(2,\)"):
        expect_weight_shapes(built(), [(3, 2)])


def test_a_name_is_a_whole_part_of_the_path() -> None:
    layer = built()
    layer.path = "my_affine"
    with pytest.raises(Failure, match="received one more: my_affine/kernel"):
        expect_weight_shapes(layer, {"nel": (3, 2), "bias": (2,)})
    with pytest.raises(Failure, match="received one more"):
        expect_weight_shapes(layer, {"affine/kernel": (3, 2), "bias": (2,)})


def test_a_layer_that_is_not_built_is_told_how() -> None:
    with pytest.raises(Failure, match="to have 1 weights, received none") as failure:
        expect_weight_shapes(Affine(), {"kernel": (3, 2)})
    assert "first called" in failure.value.hint


def test_weights_can_be_looked_at_by_whether_training_changes_them() -> None:
    layer = built()
    layer.trainable = False
    expect_weight_shapes(layer, {}, trainable=True)
    expect_weight_shapes(layer, [(3, 2), (2,)], trainable=False)
    with pytest.raises(Failure, match="expected the frozen part to have no weights, received one more: affine/kernel"):
        expect_weight_shapes(built(), {}, "the frozen part", trainable=True)


def test_parameters_are_counted_exactly() -> None:
    expect_num_params(built(), 3 * 2 + 2)
    with pytest.raises(Failure, match=r"have 9 parameters, received 8 \(affine/kernel \(3, 2\), affine/bias \(2,\)\)"):
        expect_num_params(built(), 9)
    with pytest.raises(Failure, match="expected MyDense to have 7 trainable parameters, received 8"):
        expect_num_params(built(), 7, "MyDense", trainable=True)
    with pytest.raises(Failure, match="received 0") as failure:
        expect_num_params(Affine(), 8)
    assert "first called" in failure.value.hint


def test_weights_that_training_leaves_alone_are_counted_apart() -> None:
    model = LinearModel()
    expect_num_params(model, 16 * 3 + 3, trainable=True)
    expect_num_params(model, 2, trainable=False)
    expect_num_params(model, 53)


def test_layers_are_found_by_their_class_and_by_what_it_inherits_from() -> None:
    expect_layers(built(), present=["Conv2D", "Dense"], absent=["Flatten"])
    with pytest.raises(Failure, match="a layer of class LSTM, received one made of MyConv, Dense"):
        expect_layers(built(), present=["LSTM"])
    with pytest.raises(Failure, match="expected the network to do without Conv2D, received one made of MyConv, Dense"):
        expect_layers(built(), absent=["Conv2D"], what="the network")


def test_the_dtype_of_an_array_and_of_all_weights() -> None:
    expect_dtype(np.zeros(2, "float16"), "float16")
    expect_dtype(built(dtype="float32"), "float32")
    with pytest.raises(Failure, match="expected the output to have dtype float32, received float64"):
        expect_dtype(np.zeros(2), "float32", "the output")
    with pytest.raises(Failure, match="weight affine/kernel to have dtype float64, received float32"):
        expect_dtype(built(dtype="float32"), "float64")
    with pytest.raises(Failure, match="received no weights"):
        expect_dtype(Affine(), "float32")
    with pytest.raises(CheckError, match=r"expected one of the dtypes bool, float16, .*, received 'bfloat16'"):
        expect_dtype(np.zeros(2), "bfloat16")


@pytest.mark.parametrize("name", GARBAGE)
def test_a_model_may_say_anything_of_its_size(name: str) -> None:
    model = LinearModel()
    model.said = {"num_params": GARBAGE[name]}
    with pytest.raises(Failure, match=r"^expected .*, received "):
        expect_num_params_at_most(model, 10)


def test_a_model_within_its_budget_passes() -> None:
    expect_num_params_at_most(LinearModel(), 53)  # 16 x 3 weights, 3 biases, and 2 that the description leaves out


def test_weights_handed_over_count_whatever_the_model_says() -> None:
    model = LinearModel()
    model.said = {"num_params": 1}
    with pytest.raises(Failure, match="expected at most 50 weights, received 53"):
        expect_num_params_at_most(model, 50)


def test_a_model_over_its_budget_fails() -> None:
    with pytest.raises(Failure, match="expected at most 10 weights, received 51"):
        expect_num_params_at_most(LinearModel(), 10)
