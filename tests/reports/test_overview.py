"""The overview of a class."""

from __future__ import annotations

from autograder.reports import render_feedback, render_overview

from . import samples
from .markup import Page, assert_inert


def overview() -> Page:
    return assert_inert(render_overview(samples.class_of_many(), samples.COURSE, samples.LAB, samples.TITLES))


def test_what_could_not_be_judged_comes_first_and_says_why() -> None:
    page = overview()
    assert [text for level, text in page.headings if level == 2][:2] == [
        "Graded without a sandbox",
        "Could not be judged",
    ]
    assert "mei-ling.chen" in page.text
    assert "FileNotFoundError: reference/cnn_digits/data/hidden.npz" in page.text


def test_a_class_without_faults_has_no_list_of_them() -> None:
    page = assert_inert(render_overview([samples.full()], samples.COURSE, samples.LAB))
    assert "Could not be judged" not in [text for _, text in page.headings]
    assert "Where marks were lost" not in [text for _, text in page.headings]


def test_headings_are_in_order_and_every_table_has_a_caption() -> None:
    page = overview()
    assert [level for level, _ in page.headings] == [1] + [2] * (len(page.headings) - 1)
    assert len(page.all("table")) == len(page.all("caption"))


def test_the_numbers_of_the_class_can_be_checked_by_hand() -> None:
    two = [samples.full(), samples.limited()]  # 20 and 12 of 20 points
    text = assert_inert(render_overview(two, samples.COURSE, samples.LAB, samples.TITLES)).text
    assert "Mean 80 %" in text
    assert "Median 80 %" in text
    assert "Training it 6 50 % 50 %" in text  # points, mean, below full marks
    assert "After train , the network recognises hidden digits. Training it 1 of 2" in text


def test_every_student_is_listed_with_a_link_to_their_page() -> None:
    page = overview()
    links = {link["href"] for link in page.all("a")}
    assert {"./jonas.lindqvist/cnn_digits.html", "./mei-ling.chen/cnn_digits.html"} <= links
    assert "late by 2 hours 5 minutes" in page.text
    assert "limit: cell seconds" in page.text
    assert "no sandbox" in page.text


def test_a_strange_student_id_is_quoted_in_the_link() -> None:
    result = samples.full().model_copy(update={"student": 'javascript:alert(1)#?"<b>é'})
    page = assert_inert(render_overview([result], samples.COURSE, samples.LAB))
    assert "./javascript%3Aalert%281%29%23%3F%22%3Cb%3E%C3%A9/cnn_digits.html" in {a["href"] for a in page.all("a")}


def test_an_id_that_can_name_no_file_has_no_link() -> None:
    result = samples.full().model_copy(update={"student": "../../etc"})
    page = assert_inert(render_overview([result], samples.COURSE, samples.LAB))
    assert {link["href"] for link in page.all("a")} == {"#content", "./marks.csv"}
    assert "../../etc" in page.text


def test_a_submission_that_could_not_be_judged_at_all_gives_its_note() -> None:
    result = samples.full().model_copy(
        update={"status": "could_not_judge", "notebooks": (), "notes": ("The slot was lost twice.",)}
    )
    text = assert_inert(render_overview([result], samples.COURSE, samples.LAB)).text
    assert "The whole submission" in text
    assert "The slot was lost twice." in text


def test_an_empty_class_is_a_page_too() -> None:
    assert "No marks yet." in assert_inert(render_overview([], samples.COURSE, samples.LAB)).text


def test_flags_are_for_the_ta_and_not_for_the_student() -> None:
    result = samples.full()
    cell = result.notebooks[0].cells[0]
    check = cell.checks[0].model_copy(update={"flags": ("asked twice, it answered `differently`",)})
    notebook = result.notebooks[0].model_copy(
        update={
            "flags": ("reads `inspect.stack` <b>",),
            "cells": (cell.model_copy(update={"checks": (check,)}), *result.notebooks[0].cells[1:]),
        }
    )
    result = result.model_copy(update={"notebooks": (notebook,), "status": "needs_review"})
    page = assert_inert(render_overview([result], samples.COURSE, samples.LAB))
    assert "To look at" in page.text
    assert "reads inspect.stack <b>" in page.text
    assert "asked twice, it answered differently" in page.text
    for audience, shown in (("student", False), ("ta", True)):
        feedback = render_feedback(result, {}, audience=audience)
        assert ("asked twice" in feedback, "inspect.stack" in feedback) == (shown, shown)
    assert "To look at" not in assert_inert(render_overview([samples.full()], samples.COURSE, samples.LAB)).text


def test_marks_that_nbgraders_own_rules_would_not_give_are_counted() -> None:
    result = samples.full()
    notebook = result.notebooks[0]
    cells = (notebook.cells[0].model_copy(update={"nbgrader_score": 0.0}), *notebook.cells[1:])
    unlike = result.model_copy(update={"notebooks": (notebook.model_copy(update={"cells": cells}),)})
    assert "1 mark unlike nbgrader's" in assert_inert(render_overview([unlike], samples.COURSE, samples.LAB)).text
    assert "unlike nbgrader's" not in assert_inert(render_overview([result], samples.COURSE, samples.LAB)).text
