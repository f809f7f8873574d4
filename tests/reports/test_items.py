"""Item analysis against plain computations with NumPy, and figures one can check by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.items import analyse_items, discrimination
from autograder.results import SubmissionResult

from .class_of_thirty import record
from .samples import cell, check, submission

POINTS = (5.0, 3.0, 2.0)


def marked(scores: tuple[float | None, ...], student: str = "ada") -> SubmissionResult:
    cells = tuple(
        cell(f"q{place}", points, (), score, kind="tests", status="graded" if score is not None else "needs_review")
        for place, (points, score) in enumerate(zip(POINTS, scores, strict=True))
    )
    return submission(student, cells)


def test_difficulty_is_the_mean_fraction_of_the_points() -> None:
    found = analyse_items("lab", [marked((5, 0, 2)), marked((2.5, 0, 1)), marked((0, 3, None))])
    assert [one.difficulty for one in found.questions] == [0.5, pytest.approx(1 / 3), 0.75]
    assert [(one.decided, one.waiting, one.unjudged) for one in found.questions] == [(3, 0, 0), (3, 0, 0), (2, 1, 0)]


def test_extra_credit_counts_up_to_full_marks() -> None:
    assert analyse_items("lab", [marked((7, 0, 0)), marked((0, 0, 0))]).questions[0].difficulty == 0.5


@given(
    st.lists(st.tuples(*(st.sampled_from([0.0, points / 3, points]) for points in POINTS)), min_size=10, max_size=40)
)
def test_discrimination_equals_a_plain_computation(class_scores: list[tuple[float, float, float]]) -> None:
    found = analyse_items("lab", [marked(scores) for scores in class_scores])
    table = np.array(class_scores)
    for place, item in enumerate(found.questions):
        rest = np.delete(table, place, axis=1).sum(axis=1)
        np.testing.assert_allclose(item.difficulty, table[:, place].mean() / POINTS[place], atol=1e-12)
        value = item.discrimination.value
        if np.ptp(table[:, place]) < 1e-9 or np.ptp(rest) < 1e-9:
            assert value is None
            assert item.discrimination.why_not.startswith("all have the same")
        else:
            assert value == pytest.approx(np.corrcoef(table[:, place], rest)[0, 1], abs=1e-6)
            assert -1 <= value <= 1


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=10, max_size=30), st.randoms())
def test_the_order_of_students_makes_no_difference(pairs: list[tuple[float, float]], draw: object) -> None:
    shuffled = list(pairs)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (discrimination([x for x, _ in values], [y for _, y in values]) for values in (pairs, shuffled))
    assert one.why_not == other.why_not
    assert (one.value is None) == (other.value is None)
    if one.value is not None and other.value is not None:
        assert math.isfinite(one.value)
        assert one.value == pytest.approx(other.value, abs=1e-6)


def test_an_item_is_not_correlated_with_itself() -> None:
    # A question of 5 points beside one of 3 that is its opposite: with the item in the total it would look good.
    found = analyse_items("lab", [marked((5, 0, 0))] * 6 + [marked((0, 3, 0))] * 6)
    assert found.questions[0].discrimination.value == -1.0
    assert found.questions[0].discrimination.students == 12


@pytest.mark.parametrize(
    ("points", "others", "why"),
    [
        ([1.0] * 9, [2.0] * 9, "fewer than 10 students with every question decided"),
        ([], [], "fewer than 10 students with every question decided"),
        ([1.0] * 10, list(range(10)), "all have the same here"),
        ([0.1 + 0.2, 0.3] * 5, list(range(10)), "all have the same here"),
        (list(range(10)), [0.0] * 10, "all have the same in the other questions, or there are none"),
    ],
)
def test_where_there_is_no_discrimination_the_reason_is_said(
    points: list[float], others: list[float], why: str
) -> None:
    found = discrimination(points, others)
    assert (found.value, found.students, found.why_not) == (None, len(points), why)


def test_only_students_whose_every_question_is_decided_are_correlated() -> None:
    scores: list[tuple[float | None, ...]] = [(5, 3, 2), (0, 0, 0), (5, 3, 1)] * 4
    found = analyse_items("lab", [marked(one) for one in [*scores, (0, 3, None), (None, 0, 2)]])
    assert [one.discrimination.students for one in found.questions] == [12, 12, 12]


def test_a_question_that_nobody_has_marked_is_in_no_total() -> None:
    found = analyse_items("lab", [marked((5, 3, None)), marked((0, 0, None))] * 6)
    assert found.questions[0].discrimination.value == 1.0
    assert (found.questions[2].difficulty, found.questions[2].discrimination.students) == (None, 0)


@pytest.mark.parametrize("wrong", [math.inf, math.nan])
def test_a_number_that_is_none_is_a_mark_that_is_not_decided(wrong: float) -> None:
    right = marked((5, 3, 2))
    odd = right.notebooks[0].cells[0].model_copy(update={"score": wrong})
    notebook = right.notebooks[0].model_copy(update={"cells": (odd, *right.notebooks[0].cells[1:])})
    found = analyse_items("lab", [right, right.model_copy(update={"notebooks": (notebook,)})])
    assert (found.questions[0].difficulty, found.questions[0].decided, found.questions[0].waiting) == (1.0, 1, 1)


def test_checks_are_counted_by_verdict_with_what_they_said_most_often() -> None:
    found = analyse_items("layers", [record(number, "layers") for number in range(30)])
    steps, halves, parameters = found.checks
    assert (steps.passed, steps.partly, steps.failed, steps.unjudged, steps.skipped) == (20, 0, 10, 0, 0)
    assert (steps.message, steps.times) == ("expected a smaller loss, received a larger one", 9)
    assert (halves.passed, halves.partly, halves.failed, halves.message) == (15, 15, 0, "halved too late")
    assert halves.difficulty == 0.75
    assert parameters.difficulty == 0.5


def test_a_check_is_correlated_with_the_points_of_all_other_questions() -> None:
    found = analyse_items("layers", [record(number, "layers") for number in range(30)])
    fractions = [1.0 if number >= 10 else 0.0 for number in range(30)]
    others = [14.0 if number >= 15 else 0.0 for number in range(30)]
    assert found.checks[0].discrimination.value == pytest.approx(np.corrcoef(fractions, others)[0, 1])


def test_what_could_not_be_judged_is_neither_right_nor_wrong() -> None:
    found = analyse_items("final", [record(number, "final") for number in range(30)])
    question, asked = found.questions[1], found.checks[2]
    assert (question.decided, question.unjudged, question.submissions) == (27, 3, 30)
    assert question.difficulty == pytest.approx(12 / 27)  # 15 to 29 are right, but for 20, 21 and 22
    assert (asked.unjudged, asked.judged, asked.submissions) == (3, 27, 30)


def test_skipped_checks_are_in_no_difficulty() -> None:
    skipped = check("b", "B.", verdict="skipped", fraction=0.0)
    passed = check("b", "B.")
    results = [submission("s", (cell("q", 4.0, (one,), 4.0),)) for one in (skipped, passed)]
    found = analyse_items("lab", results).checks[0]
    assert (found.skipped, found.passed, found.difficulty) == (1, 1, 1.0)


def test_a_submission_that_could_not_be_judged_as_a_whole_is_counted() -> None:
    found = analyse_items("lab", [marked((5, 3, 2)), marked((5, 3, 2)).model_copy(update={"notebooks": ()})])
    assert (found.submissions, found.unreadable) == (2, 1)
    assert analyse_items("lab", []).questions == ()
