"""The attention of ours, by hand and against Keras."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograder.checks import attention, attention_weights
from autograder.errors import CheckError

RNG = np.random.default_rng(0)


def test_weights_are_a_softmax_of_scaled_products_by_hand() -> None:
    weights = attention_weights(np.array([[2.0, 0.0, 0.0, 0.0]]), np.array([[3.0, 0, 0, 0], [1.0, 0, 0, 0]]))
    assert weights[0, 0] == pytest.approx(math.e**3 / (math.e**3 + math.e))
    assert weights.sum() == pytest.approx(1.0)


def test_a_masked_key_has_no_weight_and_the_others_share_it() -> None:
    q, k, v = (RNG.normal(size=(2, 4, 3)) for _ in range(3))
    mask = np.tri(4, dtype=bool)
    weights = attention_weights(q, k, mask)
    assert (weights[:, ~mask] == 0).all()
    np.testing.assert_allclose(weights[:, 2, :3], attention_weights(q[:, 2:3], k[:, :3])[:, 0])
    np.testing.assert_allclose(attention(q, k, v, mask)[:, 0], v[:, 0])


def test_large_scores_do_not_overflow() -> None:
    assert np.isfinite(attention(*(1e4 * RNG.normal(size=(3, 5, 2)) for _ in range(3)))).all()


@pytest.mark.parametrize("masked", [False, True])
def test_attention_of_several_heads_is_that_of_keras(masked: bool) -> None:
    keras = pytest.importorskip("keras")
    q, k, v = (RNG.normal(size=shape) for shape in ((2, 5, 3, 4), (2, 6, 3, 4), (2, 6, 3, 4)))  # heads third
    mask = RNG.random((2, 1, 5, 6)) < 0.7 if masked else None
    if mask is not None:
        mask[..., 0] = True
    theirs = keras.ops.dot_product_attention(q, k, v, mask=mask)
    ours = attention(*(np.swapaxes(array, 1, 2) for array in (q, k, v)), mask)
    np.testing.assert_allclose(np.swapaxes(ours, 1, 2), keras.ops.convert_to_numpy(theirs), rtol=1e-6)


@pytest.mark.parametrize(
    ("shape", "mask"),
    [((2, 3), None), ((2, 4), np.zeros((2, 2), dtype=bool)), ((2, 4), np.ones((2, 2))), ((4,), None)],
)
def test_what_does_not_fit_is_a_mistake_of_the_check(shape: tuple[int, ...], mask: np.ndarray | None) -> None:
    with pytest.raises(CheckError, match=r"expected .*, received"):
        attention_weights(np.zeros((2, 4)), np.zeros(shape), mask)
