"""The feedback page of one submission."""

from __future__ import annotations

import base64
import hashlib
from itertools import pairwise

import pytest

from autograder.reports import render_feedback
from autograder.results import SubmissionResult

from . import samples
from .markup import Page, assert_inert


def page_of(result: SubmissionResult) -> Page:
    return assert_inert(render_feedback(result, {samples.LAB: samples.notebook()}, samples.TITLES))


@pytest.mark.parametrize("result", samples.every(), ids=lambda result: result.student)
def test_every_page_is_inert_and_its_headings_are_in_order(result: SubmissionResult) -> None:
    page = page_of(result)
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_policy_is_the_first_thing_in_the_head_and_names_the_style_by_its_hash() -> None:
    html = render_feedback(samples.full(), {})
    page = Page(html)
    names = [name for name, _ in page.elements]
    assert names[names.index("head") + 1] == "meta"
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert page.all("meta")[0] == {
        "http-equiv": "Content-Security-Policy",
        "content": f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; font-src data:; "
        "base-uri 'none'; form-action 'none'",
    }
    assert {"name": "referrer", "content": "no-referrer"} in page.all("meta")


def test_a_screen_reader_finds_landmarks_and_every_reference_has_its_target() -> None:
    page = page_of(samples.failing())
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len(page.all("main")) == 1
    assert len(page.all("table")) == len(page.all("caption")) + 1  # the student's own table has none
    assert all("scope" in header for header in page.all("th")[:10])
    references = {link["href"][1:] for link in page.all("a") if link["href"].startswith("#")}
    labels = {name for _, found in page.elements for name in found.get("aria-labelledby", "").split()}
    assert references | labels <= set(ids)
    assert page.all("a")[0]["href"] == "#content"


def test_a_full_mark_reads_as_one() -> None:
    text = page_of(samples.full()).text
    assert "Convolutional networks on handwritten digits" in text
    assert "Feedback for amara.okafor" in text
    assert "20 of 20 points" in text
    assert "100 %" in text
    assert "so far" not in text
    assert "Not passed" not in text


def test_a_failed_check_says_what_was_expected_and_what_to_try() -> None:
    text = page_of(samples.failing()).text
    assert "8.29 of 20 points so far" in text
    assert "Expected an array of shape (1, 3, 3, 4)" in text
    assert "Try: with same , the output is" in text
    assert "Partly passed, 62 % · 2.79 of 4.5 points" in text
    assert "Skipped, because" in text
    assert "It came in 2 hours 5 minutes after the deadline." in text
    assert "2 points are still to be given: a person reads these answers." in text


def test_the_meaning_of_a_verdict_and_of_evidence_is_explained_once_and_only_where_it_occurs() -> None:
    text = page_of(samples.failing()).text
    assert text.count("Your program said so about itself") == 1
    assert "The grader itself had a problem" not in text
    assert "Your program said so" not in page_of(samples.unsandboxed()).text


def test_what_could_not_be_judged_is_nobodys_fault_and_costs_nothing() -> None:
    text = page_of(samples.unjudged()).text
    assert "This is not your fault and costs you nothing: a person decides about 6 points." in text
    assert "Something went wrong on the grader's side while it looked at: Training it." in text


def test_a_grader_fault_is_for_teaching_staff_only() -> None:
    result, notebooks = samples.unjudged(), {samples.LAB: samples.notebook()}
    student = render_feedback(result, notebooks, samples.TITLES)
    staff = render_feedback(result, notebooks, samples.TITLES, audience="ta")
    for secret in ("FileNotFoundError", "hidden.npz", "learns_the_digits", "3f9c2a7d"):
        assert secret not in student
        assert secret in staff
    assert "For teaching staff." in assert_inert(staff).text


def test_a_limit_is_a_sentence() -> None:
    page = page_of(samples.limited())
    assert (2, "A limit was reached") in page.headings
    assert "The cell cnn-training ran longer than 20 seconds and was stopped." in page.text


def test_a_run_without_a_sandbox_says_so_at_the_top() -> None:
    page = page_of(samples.unsandboxed())
    assert page.headings[1] == (2, "Graded without a sandbox")
    assert "AssertionError: expected 0.75, received 0.5" in page.text
    assert "put back from the assignment" in page.text


def test_a_figure_has_a_description_and_a_table() -> None:
    page = page_of(samples.full())
    plots = [svg for svg in page.all("svg") if svg.get("role") == "img"]
    assert len(plots) == 2
    assert len(page.all("desc")) == 2
    assert "Loss while training on the hidden digits, as a table" in {d.get("aria-label") for d in page.all("div")}


def test_the_notebook_shows_marks_where_they_were_earned_and_no_hidden_test() -> None:
    html = render_feedback(samples.failing(), {samples.LAB: samples.notebook()}, samples.TITLES)
    assert "SECRET_KERNEL" not in html
    assert "42.5" not in html
    assert "AssertionError: raised in the part of the tests that is not shown" in html
    text = Page(html).text
    assert "Convolution by hand 2.5 of 5 points" in text
    assert "loss: 0.051" in text
    assert "loss: 2.300" not in text
    assert "$$y_{i,j} = " in text


def test_a_notebook_that_cannot_be_read_is_said_to_be_missing() -> None:
    assert (
        "The notebook cannot be shown: no readable file was found."
        in assert_inert(render_feedback(samples.full(), {})).text
    )


def test_two_notebooks_each_have_their_own_table() -> None:
    one = samples.full()
    result = one.model_copy(
        update={"notebooks": (*one.notebooks, one.notebooks[0].model_copy(update={"notebook": "part-two"}))}
    )
    page = assert_inert(render_feedback(result, {"part-two": samples.notebook()}, samples.TITLES))
    assert len([table for table in page.all("table") if table.get("class") == "marks"]) == 2
    assert (2, "Your notebook: Part two") in page.headings
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_an_empty_submission_is_a_page_too() -> None:
    result = samples.full().model_copy(update={"notebooks": (), "score": 0.0, "max_score": 0.0, "versions": {}})
    assert "not marked, of 0 points" in assert_inert(render_feedback(result, {})).text


def test_the_same_record_gives_the_same_bytes() -> None:
    first, second = (render_feedback(samples.failing(), {samples.LAB: samples.notebook()}) for _ in range(2))
    assert first == second


def explained(text: str) -> SubmissionResult:
    result = samples.failing()
    notebook = result.notebooks[0]
    cell = next(one for one in notebook.cells if one.checks)
    check = cell.checks[0].model_copy(update={"explanation": text})
    changed = cell.model_copy(update={"checks": (check, *cell.checks[1:])})
    cells = tuple(changed if one is cell else one for one in notebook.cells)
    return result.model_copy(update={"notebooks": (notebook.model_copy(update={"cells": cells}),)})


def test_what_is_right_is_told_to_students_once_it_may_be_and_to_teaching_staff_always() -> None:
    result = explained("Right: 12\n\nTwice *six*.")
    assert "Twice" not in render_feedback(result, {})
    assert "<p>Twice <em>six</em>.</p>" in render_feedback(result, {}, explained=True)
    assert "<p>Twice <em>six</em>.</p>" in render_feedback(result, {}, audience="ta")


def test_an_explanation_is_no_way_into_the_page() -> None:
    page = assert_inert(
        render_feedback(explained("<script>alert(1)</script> `x` [a](javascript:b)"), {}, explained=True)
    )
    assert "alert(1)" in page.text
