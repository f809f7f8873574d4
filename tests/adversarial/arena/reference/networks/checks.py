"""Hidden checks of the networks. CANARY(network-checks)."""

from __future__ import annotations

from pathlib import Path

from autograder.checks import (
    Model,
    Student,
    accuracy,
    check,
    expect_model,
    expect_output_shape,
    expect_share,
    hidden_data,
    predicted_classes,
)

HIDDEN = hidden_data(Path(__file__).parent / "data" / "hidden.npz", inputs="images", answers="labels")
ASKED = 90


@check(cell="network-tests")
def builds_a_network(student: Student) -> None:
    """`build_network` maps images to three numbers."""
    expect_output_shape(expect_model(student.call("build_network")), (None, 3), input_shape=(None, 6, 6))


@check(cell="learn-tests", hidden=True)
def learns_to_recognise_new_images(student: Student) -> None:
    """`network` recognises images it has never seen."""
    expect_recognition(student, expect_model(student.value("network")))


@check(cell="saved-tests", hidden=True)
def saves_what_it_has_learned(student: Student) -> None:
    """`network.keras` recognises images it has never seen."""
    expect_recognition(student, student.load_model("network.keras"))


def expect_recognition(student: Student, model: Model) -> None:
    """Expect the right classes on a draw of the hidden images."""
    measured = student.measure(model, HIDDEN, rows=ASKED)
    classes = predicted_classes(measured.outputs, ASKED, 3)
    expect_share(accuracy(measured.answers, classes), "an accuracy", zero_at=0.5, full_at=0.9)
