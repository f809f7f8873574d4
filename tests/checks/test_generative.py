"""Distances between samples and real data, the grader's classifier, and samples of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    Classifier,
    energy_distance,
    expect_modes_covered,
    fit_classifier,
    frechet_distance,
    mode_coverage,
)
from autograder.checks.chance import binomial_tail
from autograder.checks.generative import MIN_PER_MODE
from autograder.errors import CheckError, Failure

from .models import GARBAGE

RNG = np.random.default_rng(0)
REAL = RNG.normal(size=(300, 4, 2))
CENTRES = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0], [8.0, 8.0]])
KINDS = np.arange(500) % 5
POINTS = CENTRES[KINDS] + RNG.normal(size=(500, 2)) * 0.7
CLASSIFIER = fit_classifier(POINTS, KINDS)


@given(st.integers(0, 1000))
def test_the_energy_distance_in_one_dimension_is_the_square_of_scipys(seed: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    generator = np.random.default_rng(seed)
    a, b = generator.normal(size=20), generator.normal(loc=generator.normal(), size=30)
    assert energy_distance(a[:, None], b[:, None]) == pytest.approx(stats.energy_distance(a, b) ** 2, abs=1e-9)


def test_the_energy_distance_of_two_points_is_twice_their_distance() -> None:
    assert energy_distance([[3.0, 4.0]], np.zeros((1, 2))) == pytest.approx(10.0)


def test_images_far_from_zero_lose_no_digits() -> None:
    assert energy_distance([[1e8 + 3.0, 4.0]], np.array([[1e8, 0.0]])) == pytest.approx(10.0)


def test_the_frechet_distance_of_one_dimension_is_its_closed_form() -> None:
    a, b = RNG.normal(1.0, 2.0, size=(50, 1)), RNG.normal(-1.0, 0.5, size=(40, 1))
    closed_form = (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2
    assert frechet_distance(a, b) == pytest.approx(closed_form)


def test_the_frechet_distance_is_that_with_scipys_root_of_a_matrix() -> None:
    linalg = pytest.importorskip("scipy.linalg")
    a, b = RNG.normal(size=(60, 3)) @ RNG.normal(size=(3, 3)), RNG.normal(size=(50, 3)) + 1
    first, second = np.cov(a.T), np.cov(b.T)
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(first + second - 2 * linalg.sqrtm(first @ second).real)
    assert frechet_distance(a, b) == pytest.approx(expected)


@pytest.mark.parametrize("distance", [energy_distance, frechet_distance])
def test_a_distance_is_0_of_the_same_rows_and_grows_as_they_move_away(distance) -> None:
    assert distance(REAL, REAL) == pytest.approx(0.0, abs=1e-9)
    found = [distance(REAL[:150] + shift, REAL[150:]) for shift in (0.0, 0.5, 1.0, 2.0)]
    assert found == sorted(found)
    assert found[0] < found[1] / 2


@pytest.mark.parametrize("distance", [energy_distance, frechet_distance])
def test_rows_that_have_collapsed_to_one_are_far_from_real_ones(distance) -> None:
    collapsed = np.repeat(REAL[:1], 150, axis=0)
    assert distance(collapsed, REAL[150:]) > 5 * distance(REAL[:150], REAL[150:])


@pytest.mark.parametrize("distance", [energy_distance, frechet_distance])
@pytest.mark.parametrize("samples", [np.zeros((5, 8)), np.zeros(()), np.zeros((0, 4, 2)), np.full((5, 4, 2), np.nan)])
def test_samples_of_another_shape_fail(distance, samples: np.ndarray) -> None:
    with pytest.raises(Failure, match=r"expected .*, received"):
        distance(samples, REAL)


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_failure_with_a_sentence_and_nothing_else(name: str) -> None:
    for ask in (energy_distance, frechet_distance, lambda value, _: CLASSIFIER.classify(value)):
        with pytest.raises(Failure, match=r"^expected .*, received "):
            ask(GARBAGE[name], REAL)


def test_the_classifier_tells_new_points_of_five_kinds_apart() -> None:
    kinds = np.arange(400) % 5
    found = CLASSIFIER.classify(CENTRES[kinds] + np.random.default_rng(5).normal(size=(400, 2)) * 0.7)
    assert np.mean(found == kinds) > 0.97


def test_the_classifier_is_that_of_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, y = RNG.normal(size=(200, 3)), RNG.integers(0, 3, size=200)
    x[:, 0] += y
    ours = fit_classifier(x, y, num_steps=2000, penalty=0.01)
    scaled = (x - x.mean(axis=0)) / x.std()
    inputs = np.concatenate([scaled, np.ones((200, 1))], axis=1)  # scikit-learn has no penalty on a bias of its own
    theirs = linear_model.LogisticRegression(C=1 / (0.01 * 200), fit_intercept=False, tol=1e-8, max_iter=5000)
    np.testing.assert_allclose(ours.probabilities(x), theirs.fit(inputs, y).predict_proba(inputs), atol=1e-5)


def test_the_same_data_always_gives_the_same_classifier() -> None:
    np.testing.assert_array_equal(fit_classifier(POINTS, KINDS).kernel, CLASSIFIER.kernel)
    assert isinstance(CLASSIFIER, Classifier)


def test_data_that_is_all_the_same_is_classified_without_a_warning() -> None:
    assert fit_classifier(np.zeros((4, 2)), np.array([1, 1, 1, 0])).classify(np.zeros((1, 2))).tolist() == [1]


def test_classes_that_do_not_pair_up_are_a_mistake_of_the_check() -> None:
    for classes in (np.zeros(3, dtype=int), np.zeros(500), np.full(500, -1)):
        with pytest.raises(CheckError, match="a class from 0 on for each of 500 rows"):
            fit_classifier(POINTS, classes)


def test_samples_of_another_size_cannot_be_classified() -> None:
    with pytest.raises(Failure, match="expected samples of 2 numbers each"):
        CLASSIFIER.classify(np.zeros((3, 5)))


def test_every_mode_with_a_fifth_of_an_even_share_is_covered() -> None:
    classes = np.repeat(np.arange(4), [45, 47, 4, 4])  # an even share is 25, a fifth of it 5
    assert mode_coverage(classes, 4) == 0.5
    assert mode_coverage(classes, 4, least=0.1) == 1.0


def test_a_generator_that_has_collapsed_onto_half_of_the_modes_is_caught() -> None:
    half = CENTRES[KINDS % 2] + RNG.normal(size=(500, 2)) * 0.7
    expect_modes_covered(CLASSIFIER.classify(POINTS), 5, at_least=5)
    with pytest.raises(Failure, match="expected the points to be of at least 4 of 5 kinds, received 2 kinds"):
        expect_modes_covered(CLASSIFIER.classify(half), 5, at_least=4, what="the points")


def test_samples_that_the_classifier_mistakes_cover_no_mode() -> None:
    mistaken = np.concatenate([np.arange(5).repeat(97), np.array([5, 6, 7, 8, 9] * 3)])  # 3 % go astray
    with pytest.raises(Failure, match="received 5 kinds"):
        expect_modes_covered(mistaken, 10, at_least=6)


def test_an_even_generator_misses_a_mode_less_than_once_in_20_000_times() -> None:
    fewest = int(np.ceil(0.2 * MIN_PER_MODE)) - 1
    assert 10 * binomial_tail(fewest, 10 * MIN_PER_MODE, 1 / 10) < 1 / 20_000


@pytest.mark.parametrize("classes", [np.zeros(99, dtype=int), np.zeros(200), np.full(200, 5), np.full(200, -1)])
def test_classes_too_few_or_of_another_kind_are_a_mistake_of_the_check(classes: np.ndarray) -> None:
    with pytest.raises(CheckError, match="expected"):
        mode_coverage(classes, 5)
