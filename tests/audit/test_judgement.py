"""What trials show of a variant, in sentences."""

from __future__ import annotations

import pytest

from autograder.audit import Trial
from autograder.audit.judgement import judge, problems_of

from .trials import Kind, trial, variant


@pytest.mark.parametrize(
    ("kind", "fractions"),
    [
        ("reference", {"a": 1.0, "b": 1.0}),
        ("right", {"a": 1.0, "b": 1.0}),
        ("untouched", {"a": 0.0, "b": 0.0}),
        ("wrong", {"a": 0.5, "b": 1.0}),
        ("wrong", {"a": 0.0, "b": 0.0}),
    ],
)
def test_what_is_as_it_should_be_has_no_problem(kind: Kind, fractions: dict[str, float]) -> None:
    assert list(problems_of(trial(variant("it", kind, ["a"] if kind == "wrong" else ()), fractions))) == []


def test_a_right_variant_that_loses_marks_is_told_with_the_check_and_its_message() -> None:
    (problem,) = problems_of(
        trial(variant("deeper", "right"), {"a": 1.0, "b": 0.75}, seed=3, messages={"b": "expected 1,\n received 2"})
    )
    assert problem == ("right deeper, seed 3: expected all marks in b, received 75%; b_check: expected 1, received 2")


def test_a_cell_that_raises_for_a_right_solution_is_told_although_it_costs_no_marks() -> None:
    raised = ("cell a raised AssertionError: expected 3",)
    (problem,) = problems_of(trial(variant("deeper", "right"), {"a": 1.0}, errors=raised))
    assert problem == "right deeper, seed 0: expected every cell to run, cell a raised AssertionError: expected 3"
    assert list(problems_of(trial(variant("flipped", "wrong", ["a"]), {"a": 0.0}, errors=raised))) == []
    assert list(problems_of(trial(variant("untouched", "untouched"), {"a": 0.0}, errors=raised))) == []


def test_the_reference_is_called_by_its_kind_alone() -> None:
    (problem,) = problems_of(trial(variant("reference", "reference"), {"a": 0.0}))
    assert problem.startswith("reference, seed 0: expected all marks in a")


def test_an_untouched_notebook_that_earns_something_is_told() -> None:
    (problem,) = problems_of(trial(variant("untouched", "untouched"), {"a": 0.25, "b": 0.0}))
    assert problem == "untouched, seed 0: expected no marks in a, received 25%"


def test_a_wrong_variant_that_loses_marks_elsewhere_only_is_a_problem_that_says_where() -> None:
    (problem,) = problems_of(trial(variant("flipped", "wrong", ["a"]), {"a": 1.0, "b": 0.0}))
    assert problem == ("wrong flipped, seed 0: expected it to lose marks in a, received all of them; it lost some in b")


def test_a_wrong_variant_has_to_lose_marks_in_every_cell_it_names() -> None:
    (problem,) = problems_of(trial(variant("flipped", "wrong", ["a", "b"]), {"a": 0.0, "b": 1.0}))
    assert "expected it to lose marks in b" in problem


def test_a_check_that_could_not_judge_is_a_problem_under_any_seed() -> None:
    tried = variant("flipped", "wrong", ["a"])
    audit = judge(tried, [trial(tried, {"a": 0.0, "b": 1.0}), trial(tried, {"a": 0.0, "b": None}, seed=1)])
    assert audit.problems == ("check b_check of b could not judge: ZeroDivisionError: no",)
    assert audit.fractions == {"a": 0.0, "b": 1.0}
    assert audit.seconds == 3.0


def test_a_problem_that_every_seed_shows_is_told_for_each() -> None:
    tried = variant("deeper", "right")
    trials: list[Trial] = [trial(tried, {"a": 0.5}, seed=seed) for seed in range(3)]
    assert len(judge(tried, trials).problems) == 3
