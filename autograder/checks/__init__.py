"""The language checks are written in; a lab's `checks.py` imports everything from here."""

from autograder.checks.accuracy import (
    accuracy,
    confusion_figure,
    confusion_matrix,
    cross_entropy,
    expect_share,
    mark_curve,
    predicted_classes,
)
from autograder.checks.declare import Check, check, load_checks
from autograder.checks.gradients import expect_gradients_reach_every_weight
from autograder.checks.handles import Handle, Model, Weight
from autograder.checks.hidden import HiddenData, Measured, hidden_data
from autograder.checks.notes import note_measured
from autograder.checks.shapes import (
    expect_model,
    expect_num_params_at_most,
    expect_output_shape,
    expect_probabilities,
    expect_shape,
)
from autograder.checks.source import expect_no_use_of
from autograder.checks.student import Student
from autograder.checks.training import expect_history, expect_overfits, expect_weights_moved, learning_curve
from autograder.checks.values import (
    expect_close,
    expect_finite,
    expect_number,
    expect_numbers,
    expect_whole_number,
    received,
)
from autograder.errors import Failure

__all__ = [
    "Check",
    "Failure",
    "Handle",
    "HiddenData",
    "Measured",
    "Model",
    "Student",
    "Weight",
    "accuracy",
    "check",
    "confusion_figure",
    "confusion_matrix",
    "cross_entropy",
    "expect_close",
    "expect_finite",
    "expect_gradients_reach_every_weight",
    "expect_history",
    "expect_model",
    "expect_no_use_of",
    "expect_num_params_at_most",
    "expect_number",
    "expect_numbers",
    "expect_output_shape",
    "expect_overfits",
    "expect_probabilities",
    "expect_shape",
    "expect_share",
    "expect_weights_moved",
    "expect_whole_number",
    "hidden_data",
    "learning_curve",
    "load_checks",
    "mark_curve",
    "note_measured",
    "predicted_classes",
    "received",
]
