"""What each lost mark was for."""

from __future__ import annotations

from autograder.grading.given import Given, with_given
from autograder.reports.losses import losses_of

from . import samples
from .class_of_thirty import record


def test_only_what_did_not_earn_all_is_listed_with_the_checks_that_were_not_passed() -> None:
    first, second, why, drawing = losses_of(record(1, "layers"))
    assert (first.question, first.earned, first.points) == ("First tests", 4.0, 16.0)
    assert [(str(one.sentence), one.mark.word, str(one.message)) for one in first.reasons] == [
        ("<code>step</code> goes downhill.", "Not passed", "expected a smaller loss, received a larger one"),
        ("The rate is halved.", "Partly passed", "halved too late"),
    ]
    assert second.earned == 0
    assert (why.earned, drawing.earned) == (None, None)
    assert losses_of(samples.full()) == ()


def test_what_a_person_gave_and_wrote_is_in_it() -> None:
    given = Given(marks={("notebook", "why"): 2.0}, comments={("notebook", "why"): "Which <layer>?"})
    result = with_given(record(29, "layers"), given)
    why = next(one for one in losses_of(result) if one.question == "Why")
    assert why.earned == 2
    assert "A person gave 2 of 6 points." in why.note
    assert "Which &lt;layer&gt;?" in why.note


def test_faults_of_the_graders_and_flags_are_not_a_students_to_read() -> None:
    result = record(20, "final")
    flagged = result.notebooks[0].cells[0].checks[0].model_copy(update={"flags": ("SECRET",), "verdict": "failed"})
    cell = result.notebooks[0].cells[0].model_copy(update={"checks": (flagged,), "score": 0.0})
    notebook = result.notebooks[0].model_copy(update={"cells": (cell, *result.notebooks[0].cells[1:])})
    text = str(losses_of(result.model_copy(update={"notebooks": (notebook,)})))
    assert "The grader had a problem here, not you. A person decides." in text
    assert "FileNotFoundError" not in text
    assert "SECRET" not in text


def test_thirds_that_add_up_to_all_points_are_no_loss() -> None:
    third = samples.cell("q", 1.0, (), 0.1 + 0.2 + 0.7 - 1e-12, kind="tests")
    assert losses_of(samples.submission("s", (third,))) == ()


def test_a_submission_that_could_not_be_judged_at_all_is_open_as_a_whole() -> None:
    (loss,) = losses_of(record(0, "final").model_copy(update={"notebooks": ()}))
    assert (loss.question, loss.earned, loss.points) == ("The whole submission", None, 40.0)
