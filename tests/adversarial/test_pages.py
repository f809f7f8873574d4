"""Group G to the end: payloads that a real browser would hear, tables as a spreadsheet reads them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adversarial.browser import needs_browser, open_page, proxy
from tests.adversarial.case import new_cell, write_file
from tests.adversarial.cases_pages import PAYLOADS, TRACKER
from tests.adversarial.classroom import Classroom, classroom
from tests.reports.markup import assert_inert

# Ids as a roster could hold them, where whoever hands in may choose one: markup, formulas, terminal escapes.
IDS = ["<img src=x onerror=alert(1)>", "=1+1", "@SUM(A1)", "-1", "+1;=1+1", "'quoted\"", "tab\u202eleft", "ada"]


@needs_browser
def test_the_same_payloads_by_themselves_are_heard(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>mine</title>{''.join(PAYLOADS[:5])}<img src='{TRACKER}'>", encoding="utf-8")
    with proxy() as (port, asked):
        document, _, _ = open_page(page, port, tmp_path / "profile")
    assert [address for address in asked if "tracker" in address]
    assert "<title>owned" in document


@pytest.fixture(scope="module")
def odd_class() -> Iterator[Classroom]:
    """A class of students whose ids mean harm, graded once."""
    with classroom([]) as room:
        for student in IDS:
            room.arena.hand_in(student, new_cell("print('\x1b[31mhello')", before=""))
        room.arena.hand_in("unread\x9b31m", write_file("arena.ipynb", "{}"))
        room.grade("--force")
        yield room


def table(room: Classroom) -> list[dict[str, str]]:
    path = room.arena.course.root / "reports" / room.arena.lab / "marks.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_ids_that_are_formulas_are_text_in_the_table_beside_the_overview(odd_class: Classroom) -> None:
    rows = {row["student"]: row for row in table(odd_class)}
    assert {"'=1+1", "'@SUM(A1)", "'-1", "'+1;'=1+1", "ada"} <= set(rows)
    assert rows["ada"]["scale-tests"] == "4.0"
    for row in rows.values():
        for cell in row.values():
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r"), cell


def test_ids_that_are_formulas_are_text_in_what_nbgrader_exports(odd_class: Classroom, tmp_path: Path) -> None:
    root = odd_class.arena.course.root
    with (root / "nbgrader_config.py").open("a") as config:
        config.write("\nfrom autograder.nbgrader_plugin import configure\nconfigure(c)\n")
    out = tmp_path / "grades.csv"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", f"--to={out}"],
        cwd=root,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with out.open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {"'=1+1", "'@SUM(A1)", "'-1", "'+1;'=1+1", "ada"} <= set(rows)
    assert float(rows["ada"]["score"]) == 14.0


@needs_browser
def test_ids_that_are_markup_are_text_on_the_overview(odd_class: Classroom, tmp_path: Path) -> None:
    page = odd_class.arena.course.root / "reports" / odd_class.arena.lab / "overview.html"
    with proxy() as (port, asked):
        document, log, _ = open_page(page, port, tmp_path / "profile")
    assert "&lt;img src=x onerror=alert(1)&gt;" in document
    assert_inert(document)
    assert not [address for address in asked if "tracker" in address]
    assert "Content Security Policy" not in log


def test_ids_that_are_terminal_escapes_are_shown_without_them(odd_class: Classroom) -> None:
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(odd_class.shown)
    assert "ada" in odd_class.shown
