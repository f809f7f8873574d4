"""Mistakes of a class, grouped and counted."""

from __future__ import annotations

from autograder.results import SubmissionResult
from autograder.review.mistakes import common_mistakes, reasons_by_check
from tests.reports.samples import cell, check, submission


def of(student: str, message: str, name: str = "has_ten_outputs") -> SubmissionResult:
    failed = check(name, f"`{name}` holds.", verdict="failed", fraction=0.0, message=message)
    return submission(student, (cell("shape", 4.0, (failed,), 0.0),))


def test_messages_that_differ_in_figures_alone_are_one_mistake():
    found = common_mistakes(
        [
            of("ada", "expected (None, 10), received (None, 1)"),
            of("bela", "expected (None, 10), received (None, 128)"),
            of("chen", "expected (None, 10), received (None, 1)"),
            of("dora", "expected a model, received None"),
        ]
    )
    assert [(one.students, one.alike, one.message) for one in found] == [
        (3, 2, "expected (None, 10), received (None, 1)"),
        (1, 1, "expected a model, received None"),
    ]


def test_figures_in_names_tell_mistakes_apart():
    found = common_mistakes([of("ada", "no gradient reaches conv2d_1"), of("bela", "no gradient reaches conv2d_2")])
    assert [one.students for one in found] == [1, 1]


def test_signs_decimals_and_powers_are_figures():
    messages = ("loss 2.31", "loss \u22120.5", "loss 1e-07", "loss 12,345.6", "loss 95%")
    (one,) = common_mistakes(of(f"s{number}", message) for number, message in enumerate(messages))
    assert one.students == 5


def test_what_passed_or_was_skipped_is_no_mistake():
    passed = submission("ada", (cell("shape", 4.0, (check("a", "A."), check("b", "B.", verdict="skipped")), 4.0),))
    assert common_mistakes([passed]) == []


def test_reasons_stand_together_by_check_the_most_failed_first():
    results = [of("ada", "one"), of("bela", "two"), of("chen", "one"), of("dora", "x", "other_check")]
    groups = reasons_by_check(common_mistakes(results))
    assert [(first.check, [one.message for one in ones]) for first, ones in groups] == [
        ("has_ten_outputs", ["one", "two"]),
        ("other_check", ["x"]),
    ]
