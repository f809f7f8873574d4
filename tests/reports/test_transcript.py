"""The transcript of one student."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from autograder.course import Exceptions, Excuse
from autograder.marks import Score, compute_marks
from autograder.marks.record import marks_report
from autograder.reports import render_transcript
from autograder.reports.bands import Band
from autograder.reports.losses import Loss, losses_of

from .class_of_thirty import AFTER, facts, record, report, score, settings
from .markup import Page, assert_inert

DASH = "\N{EN DASH}"
BEFORE = datetime.fromisoformat("2027-02-03T00:00:00+00:00")


def transcript(
    scores: Sequence[Score],
    losses: dict[str, tuple[Loss, ...]] | None = None,
    band: Band | None = None,
    links: dict[str, str] | None = None,
    at: datetime = AFTER,
) -> Page:
    others = [score("other", one, 40) for one in ("layers", "images", "words", "final")]
    found = report([*scores, *others], ("ada", "other"), at=at)
    return assert_inert(render_transcript(facts(), found.students[0], losses or {}, band, links))


WHOLE = [score("ada", "layers", 30), score("ada", "images", 40), score("ada", "words", 14), score("ada", "final", 33)]


def test_parts_and_sum_can_be_checked_by_hand() -> None:
    text = transcript(WHOLE).text
    assert "Course mark: 85.5 % · B" in text
    assert "Layers ✓ Graded 30 of 40 75 % 50 % 22.5" in text
    assert f"Words {DASH} Dropped 14 of 40 35 % does not count" in text
    assert "Labs 87.5 % 60 % 52.5 Exam 82.5 % 40 % 33 Course mark 85.5" in text
    assert "Final: nothing is open any more" in text


def test_headings_are_in_order_and_every_table_has_a_caption_and_headers() -> None:
    page = transcript(WHOLE, {"layers": losses_of(record(0, "layers"))})
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) == len(page.all("thead"))
    assert all("scope" in header for header in page.all("th"))


def test_each_lost_mark_is_told_with_its_reason() -> None:
    page = transcript(WHOLE, {"layers": losses_of(record(1, "layers"))})
    assert "First tests 12 points of 16 lost" in page.text
    assert "Not passed: step goes downhill. expected a smaller loss, received a larger one" in page.text
    assert "Images" not in [text for level, text in page.headings if level == 3]


def test_points_that_no_record_explains_are_said_to_be_so() -> None:
    assert "10 points not earned; what for is in no record here." in transcript(WHOLE).text


def test_lateness_is_a_reason_of_its_own() -> None:
    late = score("ada", "images", 40, handed_in=datetime.fromisoformat("2027-02-16T13:00:00+00:00"))
    text = transcript([WHOLE[0], late, *WHOLE[2:]]).text
    assert "3 days late, 1 of them from the budget: 8 points taken off" in text
    assert "Images 32 of 40 points" in text


def test_missing_work_counts_zero_and_is_told() -> None:
    text = transcript(WHOLE[:2]).text
    assert "Final ✗ Missing 0 % 100 % 0" in text
    assert "Nothing was handed in by 1 March 2027, 12:00 UTC." in text
    assert "Words ✗ Missing 0 % does not count" in text
    assert "It is among the lowest of its component, and does not count." in text


def test_what_waits_for_a_person_names_the_questions_and_not_what_staff_is_to_do() -> None:
    waiting = score("ada", "final", 20, open_points=10, waiting=("graded? (`autograder grade final`)",))
    losses = {"final": losses_of(record(1, "final"))}
    text = transcript([*WHOLE[:3], waiting], losses).text
    assert "Final · Waiting for a person A person decides about: Why, Drawing." in text
    assert "At least 72.5 %, with nothing for what is open At most 82.5 %, with full marks for it" in text
    assert "autograder grade" not in text
    assert "87.5 % · B so far" in text
    assert "Components without a mark, open or excused, have lent their weight to the others." in text
    assert "Exam open 40 %" in text
    assert "It is not graded yet, or a person looks again." in transcript([*WHOLE[:3], waiting]).text


def test_before_anything_is_due_all_is_open_and_there_is_no_mark() -> None:
    page = transcript([], at=BEFORE)
    assert "no mark yet" in page.text
    assert "Layers · Still to come Due 7 February 2027, 12:00 UTC." in page.text
    assert "At least 0 %, with nothing for what is open At most 100 %, with full marks for it" in page.text
    assert "Where marks were lost Nowhere so far." in page.text
    assert "nan" not in page.text.lower().split()


def test_the_place_in_the_class_is_a_quarter_and_no_rank() -> None:
    text = transcript(WHOLE, band=Band(1, 30)).text
    assert "This mark is in the second quarter of the 30 students who have one." in text
    assert "Place in the class" not in transcript(WHOLE).text


def test_links_lead_to_the_feedback_pages_there_are() -> None:
    page = transcript(WHOLE, links={"layers": "./../layers/ada/layers.html"})
    assert {link["href"] for link in page.all("a")} == {"#content", "./../layers/ada/layers.html"}


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "{{ 7 * 7 }}", "a\u202eb"])
def test_what_others_wrote_stays_text(evil: str) -> None:
    loss = losses_of(record(1, "layers"))[0]
    told = losses_of(
        record(1, "layers").model_copy(
            update={
                "notebooks": tuple(
                    notebook.model_copy(
                        update={"cells": tuple(one.model_copy(update={"message": evil}) for one in notebook.cells)}
                    )
                    for notebook in record(1, "layers").notebooks
                )
            }
        )
    )
    found = report(WHOLE, ("ada",)).students[0].model_copy(update={"name": evil})
    page = assert_inert(render_transcript(facts(), found, {"layers": (loss, *told)}))
    assert evil.replace("\u202e", "⟨U+202E⟩") in page.text


def test_an_excuse_is_said_without_its_reason() -> None:
    excuse = Excuse(student="ada", assignment="words", reason="ill, certificate")
    marks = compute_marks(settings(), Exceptions(excuses=(excuse,)), WHOLE, ("ada",), AFTER + timedelta(days=1))
    student = marks_report("networks", settings(), marks, {}, (), AFTER).students[0]
    text = assert_inert(render_transcript(facts(), student, {})).text
    assert f"Words {DASH} Excused 14 of 40" in text
    assert "certificate" not in text


def test_a_component_that_is_excused_as_a_whole_is_not_called_open() -> None:
    excuse = Excuse(student="ada", assignment="final", reason="ill")
    marks = compute_marks(settings(), Exceptions(excuses=(excuse,)), WHOLE[:3], ("ada",), AFTER + timedelta(days=1))
    student = marks_report("networks", settings(), marks, {}, (), AFTER).students[0]
    text = assert_inert(render_transcript(facts(), student, {})).text
    assert "Exam excused 40 %" in text
    assert "Final: nothing is open any more" in text
