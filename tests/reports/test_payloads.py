"""Hostile text everywhere a string can be: the pages stay inert."""

from __future__ import annotations

import pytest

from autograder.reports import render_feedback, render_overview

from . import hostile
from .markup import assert_inert


@pytest.mark.parametrize("name", hostile.PAYLOADS)
@pytest.mark.parametrize("audience", ["student", "ta"])
def test_a_payload_in_every_place_leaves_the_feedback_inert(name: str, audience: str) -> None:
    text = hostile.payload(name)
    titles = {text: text}
    html = render_feedback(hostile.submission(text), {text: hostile.notebook(text)}, titles, audience=audience)  # type: ignore[arg-type]
    page = assert_inert(html)
    assert "Graded without a sandbox" in page.text


@pytest.mark.parametrize("name", hostile.PAYLOADS)
def test_a_payload_in_every_place_leaves_the_overview_inert(name: str) -> None:
    text = hostile.payload(name)
    page = assert_inert(render_overview([hostile.submission(text)], text, text, {text: text}))
    assert (2, "Students") in page.headings


def test_a_lone_surrogate_leaves_a_valid_file() -> None:
    html = render_feedback(hostile.submission("x"), {"x": hostile.notebook("half \ud83d of a pair")})
    assert "half \ufffd of a pair" in assert_inert(html).text


def test_a_payload_is_still_there_to_be_read() -> None:
    text = hostile.payload("script")
    page = assert_inert(render_feedback(hostile.submission(text), {text: hostile.notebook(text)}))
    assert "<script>document.title='owned'" in page.text


def test_templates_are_not_filled_from_what_a_student_wrote() -> None:
    text = hostile.payload("template")
    assert "{{ 7 * 7 }}" in render_feedback(hostile.submission(text), {text: hostile.notebook(text)})
