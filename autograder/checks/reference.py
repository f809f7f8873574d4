"""Functions of the student's beside a reference: the same arguments, the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.checks.values import MAX_SHOWN, expect_close, received, short
from autograder.errors import Failure


def expect_equals_reference(
    f: Callable[..., Any],
    reference: Callable[..., Any],
    cases: Iterable[Any],
    what: str = "the result",
    *,
    rtol: float | None = None,
    atol: float | None = None,
    show: bool = False,
    hint: str = "",
) -> None:
    """Expect a function of the student's to give what the reference gives, for every case.

    Example: `expect_equals_reference(student.function("relu"), lambda z: np.maximum(z, 0), [z], "relu")`

    Args:
        f: `student.function("name")`, or a layer or model.
        reference: The right answer in NumPy; its own arrays and f's have the same values.
        cases: Arguments: a tuple of them, or the one argument.
        what: What f gives, for the message.
        rtol: Relative tolerance; chosen by dtype when None.
        atol: Absolute tolerance; chosen by dtype and size when None.
        show: Print short arguments and both answers. Only for cases that may be shown: never hidden data.
        hint: What to try when the numbers differ.

    Raises:
        Failure: For some case they differ.
    """
    for number, case in enumerate(cases, start=1):
        given = case if isinstance(case, tuple) else (case,)
        label = f"{what} (case {number})"
        if show and sum(np.size(one) for one in given) <= MAX_SHOWN:
            label = f"{what} of {', '.join(short(np.asarray(one)) for one in given)}"
        right, actual = reference(*given), f(*given)
        if not isinstance(right, (list, tuple)):
            expect_close(actual, right, label, rtol=rtol, atol=atol, show=show, hint=hint)
            continue
        if not isinstance(actual, (list, tuple)) or len(actual) != len(right):
            raise Failure(f"expected {label} to have {len(right)} parts, received {received(actual)}", hint)
        for place, (one, answer) in enumerate(zip(actual, right, strict=True)):
            expect_close(one, answer, f"{label}, part {place}", rtol=rtol, atol=atol, show=show, hint=hint)
