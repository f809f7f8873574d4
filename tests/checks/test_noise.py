"""Noise schedules and the forward process of diffusion, against their definitions step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import cosine_schedule, forward_noise, linear_schedule, signal_left
from autograder.errors import CheckError


def test_the_linear_schedule_is_that_of_ho_et_al() -> None:
    betas = linear_schedule(1000)
    assert (betas[0], betas[-1], len(betas)) == (1e-4, 0.02, 1000)
    np.testing.assert_allclose(np.diff(betas), (0.02 - 1e-4) / 999)
    assert signal_left(betas)[-1] == pytest.approx(4.036e-5, rel=1e-3)  # sqrt: 0.0064 of the image is left


def test_the_cosine_schedule_leaves_a_squared_cosine_of_signal() -> None:
    num_steps = 50
    left = signal_left(cosine_schedule(num_steps))
    for step in (1, 10, 25, 49):  # the last is clipped
        angle = (step / num_steps + 0.008) / 1.008 * math.pi / 2
        expected = math.cos(angle) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
        assert left[step - 1] == pytest.approx(expected)
    assert cosine_schedule(num_steps)[-1] == 0.999


@given(st.integers(1, 200), st.sampled_from([linear_schedule, cosine_schedule]))
def test_every_schedule_adds_noise_at_every_step_and_more_and_more(num_steps: int, schedule) -> None:
    betas = schedule(num_steps)
    assert betas.shape == (num_steps,)
    assert ((betas > 0) & (betas < 1)).all()
    assert (np.diff(betas) > 0).all()
    assert (np.diff(signal_left(betas)) < 0).all()


def test_the_closed_form_has_the_mean_and_the_variance_of_the_steps_one_by_one() -> None:
    betas = linear_schedule(20, 0.01, 0.3)
    mean, variance = 1.0, 0.0
    for step, beta in enumerate(betas):
        mean, variance = math.sqrt(1 - beta) * mean, (1 - beta) * variance + beta
        assert forward_noise(np.ones(1), np.zeros(1), step, betas)[0] == pytest.approx(mean)
        assert forward_noise(np.zeros(1), np.ones(1), step, betas)[0] ** 2 == pytest.approx(variance)


def test_each_example_has_a_step_of_its_own() -> None:
    betas = np.array([0.0, 0.75, 1.0])
    noisy = forward_noise(np.full((3, 2, 1), 2.0), np.full((3, 2, 1), 10.0), np.array([0, 1, 2]), betas)
    assert noisy[:, 0, 0] == pytest.approx([2.0, 0.5 * 2 + math.sqrt(0.75) * 10, 10.0])


@pytest.mark.parametrize(
    "ask",
    [
        lambda: linear_schedule(0),
        lambda: cosine_schedule(0),
        lambda: signal_left([0.5, 1.5]),
        lambda: signal_left([]),
        lambda: signal_left([math.nan]),
        lambda: forward_noise(np.ones((2, 3)), np.ones((2, 1)), np.array([0, 0]), [0.1]),
        lambda: forward_noise(np.ones((2, 3)), np.ones((2, 3)), np.array([0, 0, 0]), [0.1]),
        lambda: forward_noise(np.ones((2, 3)), np.ones((2, 3)), np.array([0, 1]), [0.1]),
        lambda: forward_noise(np.ones((2, 3)), np.ones((2, 3)), -1, [0.1]),
        lambda: forward_noise(np.ones((2, 3)), np.ones((2, 3)), 0.5, [0.1]),
    ],
)
def test_what_does_not_fit_is_a_mistake_of_the_check(ask) -> None:
    with pytest.raises(CheckError, match="expected"):
        ask()
