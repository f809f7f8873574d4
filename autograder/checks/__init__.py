"""The language checks are written in; a lab's `checks.py` imports everything from here."""

from autograder.checks.accuracy import (
    ClassScores,
    accuracy,
    confusion_figure,
    confusion_matrix,
    cross_entropy,
    mean_absolute_error,
    per_class_accuracy,
    precision_recall_f1,
    predicted_classes,
    root_mean_squared_error,
)
from autograder.checks.attention import attention, attention_weights
from autograder.checks.chance import expect_frequencies
from autograder.checks.declare import Check, check, load_checks
from autograder.checks.differences import expect_gradients_match_differences
from autograder.checks.environments import CartPole, Environment, Rollout, TableWorld, rollout
from autograder.checks.generative import (
    Classifier,
    energy_distance,
    expect_modes_covered,
    fit_classifier,
    frechet_distance,
    mode_coverage,
)
from autograder.checks.gradients import (
    expect_gradient_norm_at_most,
    expect_gradients_close,
    expect_gradients_reach,
    expect_gradients_reach_every_weight,
    expect_no_gradient,
)
from autograder.checks.handles import Function, Gradients, Handle, Layer, Model, Weight
from autograder.checks.hidden import HiddenData, Measured, hidden_data
from autograder.checks.invariance import (
    expect_batch_independent,
    expect_permutation_equivariant,
    expect_permutation_invariant,
)
from autograder.checks.marks import expect_error_at_most, expect_share, mark_curve, mean_interval, share_interval
from autograder.checks.noise import cosine_schedule, forward_noise, linear_schedule, signal_left
from autograder.checks.notes import note_measured
from autograder.checks.padding import expect_padding_ignored
from autograder.checks.reference import expect_equals_reference
from autograder.checks.reinforcement import bellman_targets, discounted_return, expect_exploration_rate, value_iteration
from autograder.checks.sequences import (
    expect_causal,
    expect_looks_back,
    expect_positions_matter,
    expect_stateful,
    expect_stateless,
)
from autograder.checks.serialisation import expect_same_after_saving, expect_same_from_config
from autograder.checks.shapes import expect_model, expect_output_shape, expect_probabilities, expect_shape
from autograder.checks.source import Sources, expect_no_use_of
from autograder.checks.structure import (
    expect_dtype,
    expect_layer,
    expect_layers,
    expect_num_params,
    expect_num_params_at_most,
    expect_weight_shapes,
)
from autograder.checks.student import Owner, Student
from autograder.checks.training import (
    expect_history,
    expect_loss_falls,
    expect_overfits,
    expect_repeatable,
    expect_respects_training,
    learning_curve,
)
from autograder.checks.translation import expect_translation_equivariant, expect_translation_invariant
from autograder.checks.values import (
    expect_close,
    expect_finite,
    expect_in_range,
    expect_number,
    expect_numbers,
    expect_whole_number,
    received,
)
from autograder.checks.weights import expect_only_changed, expect_step_equals, expect_unchanged, expect_weights_moved
from autograder.errors import Failure

__all__ = [
    "CartPole",
    "Check",
    "ClassScores",
    "Classifier",
    "Environment",
    "Failure",
    "Function",
    "Gradients",
    "Handle",
    "HiddenData",
    "Layer",
    "Measured",
    "Model",
    "Owner",
    "Rollout",
    "Sources",
    "Student",
    "TableWorld",
    "Weight",
    "accuracy",
    "attention",
    "attention_weights",
    "bellman_targets",
    "check",
    "confusion_figure",
    "confusion_matrix",
    "cosine_schedule",
    "cross_entropy",
    "discounted_return",
    "energy_distance",
    "expect_batch_independent",
    "expect_causal",
    "expect_close",
    "expect_dtype",
    "expect_equals_reference",
    "expect_error_at_most",
    "expect_exploration_rate",
    "expect_finite",
    "expect_frequencies",
    "expect_gradient_norm_at_most",
    "expect_gradients_close",
    "expect_gradients_match_differences",
    "expect_gradients_reach",
    "expect_gradients_reach_every_weight",
    "expect_history",
    "expect_in_range",
    "expect_layer",
    "expect_layers",
    "expect_looks_back",
    "expect_loss_falls",
    "expect_model",
    "expect_modes_covered",
    "expect_no_gradient",
    "expect_no_use_of",
    "expect_num_params",
    "expect_num_params_at_most",
    "expect_number",
    "expect_numbers",
    "expect_only_changed",
    "expect_output_shape",
    "expect_overfits",
    "expect_padding_ignored",
    "expect_permutation_equivariant",
    "expect_permutation_invariant",
    "expect_positions_matter",
    "expect_probabilities",
    "expect_repeatable",
    "expect_respects_training",
    "expect_same_after_saving",
    "expect_same_from_config",
    "expect_shape",
    "expect_share",
    "expect_stateful",
    "expect_stateless",
    "expect_step_equals",
    "expect_translation_equivariant",
    "expect_translation_invariant",
    "expect_unchanged",
    "expect_weight_shapes",
    "expect_weights_moved",
    "expect_whole_number",
    "fit_classifier",
    "forward_noise",
    "frechet_distance",
    "hidden_data",
    "learning_curve",
    "linear_schedule",
    "load_checks",
    "mark_curve",
    "mean_absolute_error",
    "mean_interval",
    "mode_coverage",
    "note_measured",
    "per_class_accuracy",
    "precision_recall_f1",
    "predicted_classes",
    "received",
    "rollout",
    "root_mean_squared_error",
    "share_interval",
    "signal_left",
    "value_iteration",
]
