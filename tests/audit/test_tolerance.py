"""Bounds that right solutions keep."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.audit.tolerance import lower_bound, most_often, normal_factor, runs_needed


def test_it_takes_2995_runs_to_know_of_one_in_a_thousand() -> None:
    assert runs_needed() == 2995
    assert 0.999**2995 < 0.05 < 0.999**2994


def test_with_so_many_runs_the_lowest_is_the_bound() -> None:
    values = list(np.random.default_rng(0).uniform(3.0, 4.0, size=2995))
    assert lower_bound(values) == min(values)


@pytest.mark.parametrize("num_runs", [5, 10, 20, 100])
def test_natrellas_factor_is_near_the_exact_one(num_runs: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    root = np.sqrt(num_runs)
    exact = stats.nct.ppf(0.95, num_runs - 1, stats.norm.ppf(0.999) * root) / root
    assert normal_factor(num_runs) == pytest.approx(exact, rel=0.01)


def test_a_bound_lies_below_a_thousandth_of_all_values_nineteen_times_of_twenty() -> None:
    generator = np.random.default_rng(1)
    true = -3.0902  # the quantile of a standard normal at 1 / 1000
    bounds = [lower_bound(list(generator.normal(size=20) + 5.0)) for _ in range(2000)]
    held = np.mean([bound is not None and bound - 5.0 <= true for bound in bounds])
    assert 0.93 < held < 0.97


def test_shares_near_one_get_a_bound_that_is_a_share() -> None:
    bound = lower_bound([0.99, 1.0, 0.98, 1.0, 0.995, 1.0])
    assert bound is not None
    assert 0.8 < bound < 0.98
    assert lower_bound([1.0] * 6) == 1.0


def test_of_fewer_than_five_runs_nothing_is_said() -> None:
    assert lower_bound([0.5, 0.6, 0.7, 0.8]) is None


def test_none_lost_in_n_runs_still_leaves_three_in_n() -> None:
    assert most_often(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100))
    assert most_often(100, 100) == 1.0
    assert most_often(2, 50) == pytest.approx(0.1206, abs=1e-4)  # Clopper and Pearson, one-sided
