"""Saving and loading, and configurations, with layers computed in NumPy; tests/sandbox has real files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checks import expect_same_after_saving, expect_same_from_config
from autograder.errors import Failure

from .models import GARBAGE, Affine, LinearModel

X = np.random.default_rng(0).normal(size=(4, 3))
IMAGES = np.random.default_rng(1).random((5, 4, 4, 1))


class Saved(LinearModel):
    """A model that comes back from a file as one of `loaded`, or as it was when there is none."""

    loaded: tuple[Any, ...] = ()

    def save_and_load(self) -> Any:
        return self.loaded[0] if self.loaded else self


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    loaded, output, made, attribute = Saved(), Saved(output=lambda _: GARBAGE[name]), Affine(), Affine()
    loaded.loaded = (GARBAGE[name],)
    made.from_config = lambda: GARBAGE[name]  # type: ignore[method-assign]
    attribute.get = lambda _: GARBAGE[name]  # type: ignore[method-assign]
    for expect in (
        lambda: expect_same_after_saving(GARBAGE[name], IMAGES),
        lambda: expect_same_from_config(GARBAGE[name], X),
        lambda: expect_same_after_saving(output, IMAGES),
        lambda: expect_same_after_saving(loaded, IMAGES),
        lambda: expect_same_from_config(made, X),
        lambda: expect_same_from_config(attribute, X, attributes=["factor"]),
    ):
        with pytest.raises(Failure, match=r"^expected .*, received "):
            expect()


def test_a_model_that_comes_back_as_it_was_passes() -> None:
    expect_same_after_saving(Saved(), IMAGES)


def test_a_model_that_comes_back_with_other_weights_fails() -> None:
    model = Saved()
    other = LinearModel()
    other.kernel += 0.1 * np.arange(48).reshape(16, 3)
    model.loaded = (other,)
    with pytest.raises(Failure, match="the output of my model after saving and loading is not what it") as failure:
        expect_same_after_saving(model, IMAGES, "my model")
    assert "get_config" in failure.value.hint


def test_a_model_of_several_outputs_is_compared_output_by_output() -> None:
    model = Saved(output=lambda probabilities: [probabilities, probabilities * 2])
    expect_same_after_saving(model, IMAGES)
    model.loaded = (LinearModel(output=lambda probabilities: [probabilities, probabilities * 3]),)
    with pytest.raises(Failure, match="after saving and loading, part 1 is not"):
        expect_same_after_saving(model, IMAGES)


def test_a_model_that_gives_nan_proves_nothing() -> None:
    with pytest.raises(
        Failure,
        match=r"finite numbers in the output of the model after saving and loading \(before that\), received 15",
    ):
        expect_same_after_saving(Saved(output=lambda probabilities: probabilities * np.nan), IMAGES)


def test_a_configuration_that_says_all_makes_the_same_layer() -> None:
    expect_same_from_config(Affine(2, factor=3.0), X, attributes=["factor", "units"])


def test_a_configuration_that_forgets_makes_another() -> None:
    layer = Affine(2, factor=3.0)
    layer.forgets = True
    with pytest.raises(
        Failure, match="output of MyDense made from its configuration is not what it should be"
    ) as failure:
        expect_same_from_config(layer, X, "MyDense")
    assert "get_config" in failure.value.hint


def test_a_configuration_that_forgets_the_width_makes_weights_of_another_shape() -> None:
    layer = Affine(2)
    layer.from_config = lambda: Affine(3)  # type: ignore[method-assign]
    with pytest.raises(Failure, match=r"of the shapes \[\(3, 2\), \(2,\)\], received \[\(3, 3\), \(3,\)\]"):
        expect_same_from_config(layer, X)


def test_a_setting_that_only_training_shows_is_compared_when_it_is_named() -> None:
    layer = Affine(2)
    layer.rate = 0.3  # type: ignore[attr-defined]
    other = layer.from_config()
    other.rate = 0.5  # type: ignore[attr-defined]
    layer.from_config = lambda: other  # type: ignore[method-assign]
    expect_same_from_config(layer, X)
    with pytest.raises(Failure, match=r"to have rate = 0\.3, received 0\.5"):
        expect_same_from_config(layer, X, attributes=["rate"])
