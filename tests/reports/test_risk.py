"""Students at risk: the rule, and its reasons."""

from __future__ import annotations

from datetime import datetime

from autograder.reports.risk import at_risk, passing_mark
from tests.marks.classroom import COURSE

from .class_of_thirty import report, score, settings

WITHOUT_LETTERS = COURSE[: COURSE.index("[[policies.letters]]")]
ONE_LETTER = WITHOUT_LETTERS + '[[policies.letters]]\nletter = "taken part"\nat_least = 0\n'
WORK = ("layers", "images", "words", "final")


def test_the_lowest_passing_letter_is_the_last_but_one() -> None:
    assert passing_mark(settings()) == 70
    assert passing_mark(settings(WITHOUT_LETTERS)) == 50
    assert passing_mark(settings(ONE_LETTER)) is None


def test_a_mark_below_the_lowest_passing_letter_is_listed_the_lowest_first() -> None:
    scores = [score("ada", name, 40) for name in WORK]
    scores += [score("bela", name, 20) for name in WORK] + [score("chen", name, 10) for name in WORK]
    scores += [score("dora", name, 28) for name in WORK]  # 70 % exactly
    found = at_risk(report(scores, ("ada", "bela", "chen", "dora")), settings())
    assert [(one.record.student, one.reasons) for one in found] == [
        ("chen", ("The mark is below the 70 % that are needed to pass.",)),
        ("bela", ("The mark is below the 70 % that are needed to pass.",)),
    ]


def test_who_cannot_pass_any_more_is_told_apart_from_who_is_below_so_far() -> None:
    before_the_exam = datetime.fromisoformat("2027-02-25T00:00:00+00:00")
    scores = [score("ada", name, 0) for name in WORK[:3]] + [score("bela", name, 24) for name in WORK[:3]]
    found = at_risk(report(scores, ("ada", "bela"), at=before_the_exam), settings())
    assert [one.reasons for one in found] == [
        ("Even with full marks for all that is open it can come to 40 % only, and 70 % are needed to pass.",),
        ("The mark so far is below the 70 % that are needed to pass.",),
    ]


def test_two_missing_assignments_are_a_risk_and_one_is_none() -> None:
    scores = [score("ada", name, 40) for name in WORK] + [score("bela", name, 40) for name in ("layers", "final")]
    scores += [score("chen", name, 40) for name in ("layers", "words", "final")]
    found = at_risk(report(scores, ("ada", "bela", "chen")), settings(ONE_LETTER))
    # One of the two is dropped as the lowest, and is missing all the same.
    assert [(one.record.student, one.reasons) for one in found] == [
        ("bela", ("2 assignments are missing: Images, Words.",))
    ]


def test_extra_credit_cannot_be_missing_and_nobody_is_at_risk_of_an_empty_class() -> None:
    extra = settings(ONE_LETTER.replace('id = "words"', 'id = "words"\nextra_credit = true'))
    scores = [score("ada", name, 40) for name in WORK] + [score("bela", name, 40) for name in ("layers", "final")]
    assert at_risk(report(scores, ("ada", "bela"), extra), extra) == []
    assert at_risk(report((), ()), settings()) == []
