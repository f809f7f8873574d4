"""Scaled dot-product attention in NumPy: the reference that students' attention is compared with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.values import Numbers
from autograder.errors import CheckError


def attention_weights(queries: NDArray[Any], keys: NDArray[Any], mask: NDArray[Any] | None = None) -> Numbers:
    """Return softmax(Q K^T / sqrt(d)) over the keys; shape (..., num_queries, num_keys).

    Vaswani et al. (2017), "Attention is all you need", section 3.2.1.

    Example: `expect_close(student.call("attention_weights", q, k, mask), attention_weights(q, k, mask))`

    Args:
        queries: Shape (..., num_queries, d): batch, and heads if there are any, first.
        keys: Shape (..., num_keys, d).
        mask: True where a query may look at a key; its shape broadcasts to (..., num_queries, num_keys). Causal is
            `np.tri(num_steps, dtype=bool)`. Everything may be looked at when None.

    Raises:
        CheckError: Some query may look at nothing, or shapes do not fit: a mistake in the check.
    """
    q, k = np.asarray(queries, dtype=np.float64), np.asarray(keys, dtype=np.float64)
    if min(q.ndim, k.ndim) < 2 or q.shape[-1] != k.shape[-1]:
        raise CheckError(f"expected queries and keys of one length, received shapes {q.shape} and {k.shape}")
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    if mask is not None:
        seen = np.asarray(mask)
        if seen.dtype != np.bool_ or not np.broadcast_to(seen, scores.shape).any(axis=-1).all():
            raise CheckError("expected a mask of booleans in which every query may look at some key, received another")
        scores = np.where(seen, scores, -np.inf)
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def attention(
    queries: NDArray[Any], keys: NDArray[Any], values: NDArray[Any], mask: NDArray[Any] | None = None
) -> Numbers:
    """Return the values, averaged for each query by `attention_weights`; shape (..., num_queries, num_features).

    Example: `expect_close(student.call("attention", q, k, v, mask), attention(q, k, v, mask), "the attention")`

    Args:
        queries: Shape (..., num_queries, d).
        keys: Shape (..., num_keys, d).
        values: Shape (..., num_keys, num_features).
        mask: True where a query may look at a key, as for `attention_weights`.

    Raises:
        CheckError: As for `attention_weights`.
    """
    return np.asarray(attention_weights(queries, keys, mask) @ np.asarray(values, dtype=np.float64))
