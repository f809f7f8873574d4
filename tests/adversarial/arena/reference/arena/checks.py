"""Hidden checks of the arena. CANARY(checks)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograder.checks import (
    Failure,
    Student,
    accuracy,
    check,
    expect_close,
    expect_share,
    expect_whole_number,
    hidden_data,
    predicted_classes,
)

SECRET = "CANARY(check-constant)"
HIDDEN = hidden_data(Path(__file__).parent / "data" / "hidden.npz", inputs="images", answers="labels")
ASKED = 90


@check(cell="scale-tests", weight=2)
def scales_numbers_to_reach_from_zero_to_one(student: Student) -> None:
    """`scale` is right for numbers of any size."""
    for length in (2, 5, 11):
        values = student.rng.normal(size=length) * 10
        right = (values - values.min()) / (values.max() - values.min())
        expect_close(student.call("scale", values), right, f"scale of {length} numbers")


@check(cell="scale-tests")
def gives_zeros_for_equal_numbers(student: Student) -> None:
    """`scale` gives zeros where all numbers are equal."""
    value = float(student.rng.normal())
    expect_close(student.call("scale", np.full(4, value)), np.zeros(4), "scale of four equal numbers")


@check(cell="classify-tests", hidden=True)
def recognises_images_it_has_never_seen(student: Student) -> None:
    """`classify` prefers the right class for new images."""
    measured = student.measure("classify", HIDDEN, rows=ASKED)
    classes = predicted_classes(measured.outputs, ASKED, 3, "the scores")
    expect_share(accuracy(measured.answers, classes), "an accuracy", zero_at=0.5, full_at=0.9)


@check(cell="report-tests", evidence="reported")
def counts_its_numbers(student: Student) -> None:
    """`describe` tells how many numbers the classifier keeps."""
    told = student.call("describe")
    if not isinstance(told, dict) or "numbers" not in told:
        raise Failure("expected a dict with the key numbers, received something else")
    expect_close(expect_whole_number(told["numbers"], "the number"), 108, "the number of numbers")
