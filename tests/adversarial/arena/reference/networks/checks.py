"""Hidden checks of the networks. CANARY(network-checks)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograder.checks import (
    Model,
    Student,
    accuracy,
    check,
    expect_model,
    expect_output_shape,
    expect_share,
    predicted_classes,
)

with np.load(Path(__file__).parent / "data" / "hidden.npz") as hidden:
    IMAGES, LABELS = hidden["images"], hidden["labels"]
ASKED = 90


@check(cell="network-tests")
def builds_a_network(student: Student) -> None:
    """`build_network` maps images to three numbers."""
    expect_output_shape(expect_model(student.call("build_network")), (None, 3), input_shape=(None, 6, 6))


@check(cell="learn-tests")
def learns_to_recognise_new_images(student: Student) -> None:
    """`network` recognises images it has never seen."""
    expect_recognition(student, expect_model(student.value("network")))


@check(cell="saved-tests")
def saves_what_it_has_learned(student: Student) -> None:
    """`network.keras` recognises images it has never seen."""
    expect_recognition(student, student.load_model("network.keras"))


def expect_recognition(student: Student, model: Model) -> None:
    """Expect the right classes on a draw of the hidden images."""
    chosen = student.rng.permutation(len(LABELS))[:ASKED]
    classes = predicted_classes(model.predict(IMAGES[chosen]), ASKED, 3)
    expect_share(accuracy(LABELS[chosen], classes), "an accuracy", zero_at=0.5, full_at=0.9)
