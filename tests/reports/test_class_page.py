"""The page about a class over all assignments."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from autograder.marks import MarksReport
from autograder.reports import ClassLinks, render_class
from autograder.reports.items import AssignmentItems, analyse_items

from .class_of_thirty import STUDENTS, facts, record, report, score
from .markup import Page, assert_inert
from .samples import cell, check, submission

WORK = ("layers", "images", "words", "final")
BEFORE = datetime.fromisoformat("2027-02-03T00:00:00+00:00")


def page_of(found: MarksReport, analysed: tuple[AssignmentItems, ...] = (), links: ClassLinks | None = None) -> Page:
    return assert_inert(render_class(facts(), found, analysed, links))


def full() -> Page:
    """Thirty students with 11 to 40 points in everything, and the items of two labs."""
    scores = [score(student, name, 11 + number) for number, student in enumerate(STUDENTS) for name in WORK]
    analysed = tuple(
        analyse_items(name, [record(number, name) for number in range(30)]) for name in ("layers", "words")
    )
    links = ClassLinks({STUDENTS[0]: "./transcripts/s00.html"}, {"layers": "./layers/overview.html"})
    return page_of(report(scores, STUDENTS), analysed, links)


def test_headings_are_in_order_tables_have_headers_and_pictures_have_text() -> None:
    page = full()
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) == len(page.all("thead"))
    assert all("scope" in header for header in page.all("th"))
    plots = [one for one in page.all("svg") if one.get("class") == "plot"]
    assert len(plots) == 5  # the course mark, two components, boxes of assignments, boxes of weeks
    assert all(one["role"] == "img" and one["aria-labelledby"] for one in plots)
    assert len(page.all("desc")) == len(page.all("title")) - 1 == len(plots)
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    assert {name for one in plots for name in one["aria-labelledby"].split()} <= set(identifiers)


def test_what_is_to_be_done_comes_first() -> None:
    assert [text for level, text in full().headings if level == 2][:2] == [
        "Questions to look at first",
        "Students at risk",
    ]


def test_numbers_can_be_checked_by_hand() -> None:
    text = full().text
    # 11 to 40 of 40 points: from 27.5 to 100 %, in the middle 63.75, a quarter at 18.25 and 32.75 points.
    assert "Layers 30 27.5 45.6 63.8 81.9 100 63.8" in text
    assert "Exam 30 27.5 45.6 63.8 81.9 100 63.8" in text
    assert "Layers 1 30" in text
    assert "A 90 % 5" in text  # 36 to 40 points
    assert "B 70 % 8" in text  # 28 to 35
    assert "F 0 % 17" in text
    assert "Students at risk 17" in text


def test_the_item_analysis_is_a_table_with_reasons_where_there_is_no_figure() -> None:
    text = full().text
    # Nobody has marked the answers, which are in no total; the second question is right for the upper half.
    assert "Second tests 14 30 0.50 0.59 of 30 students" in text
    assert "Why 6 0 30 - - fewer than 10 students with every question decided" in text
    assert "First tests 16 30 0.00 - all have the same here" in text
    assert "Said most often (9): expected a smaller loss, received a larger one 67 % 0 % 33 % 0 % 0 %" in text


def test_reasons_and_rules_are_said() -> None:
    text = full().text
    assert "Words · First tests None of 30 students has earned anything" in text
    assert "a mark below 70 %, the lowest that passes" in text
    assert "The mark is below the 70 % that are needed to pass." in text


def test_links_lead_to_the_pages_there_are() -> None:
    assert {link["href"] for link in full().all("a")} == {
        "#content",
        "./transcripts/s00.html",
        "./layers/overview.html",
    }


@pytest.mark.parametrize("students", [(), ("ada",), ("ada", "bela")])
@pytest.mark.parametrize("at", [BEFORE, datetime.fromisoformat("2027-03-10T00:00:00+00:00")])
def test_before_anybody_has_handed_in_there_is_a_page_without_figures(students: tuple[str, ...], at: datetime) -> None:
    page = page_of(report((), students, at=at))
    assert "Nobody has a mark yet." in page.text
    assert "Nothing has been graded yet." in page.text
    assert not page.all("figure")
    assert "nan" not in page.text.lower().split()


def test_a_class_of_one_has_no_item_figures_and_says_why() -> None:
    analysed = analyse_items("layers", [record(29, "layers")])
    page = page_of(report([score("ada", name, 30) for name in WORK], ("ada",)), (analysed,))
    assert "fewer than 10 students" in page.text
    assert "Layers 1 75 75 75 75 75 75" in page.text


def test_problems_are_listed_and_many_are_counted() -> None:
    found = report((), ("ada",)).model_copy(
        update={"problems": tuple(f"problem {number} <b>" for number in range(120))}
    )
    text = page_of(found).text
    assert "To put right problem 0 <b> problem 1 <b>" in text
    assert "And 20 more, which autograder marks prints." in text


def test_what_students_and_checks_say_stays_text() -> None:
    evil = '"><img src=x onerror=alert({{ 7*7 }})>'
    wrong = check("a", evil, verdict="failed", fraction=0.0, message=evil)
    results = [submission(evil, (cell(evil, 4.0, (wrong,), 0.0),))] * 12
    found = report([score(evil, name, 3) for name in WORK], (evil,))
    found = found.model_copy(update={"problems": (evil,)})
    page = page_of(found, (analyse_items("layers", results),))
    assert page.text.count("{{ 7*7 }}") >= 6
    assert "alert(49)" not in page.html
