"""Group G to the end: real pages in a real browser, tables as a spreadsheet reads them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.adversarial.case import new_cell, write_file
from tests.adversarial.cases_pages import CASES, PAYLOADS, TRACKER
from tests.adversarial.catalogue import student_of
from tests.adversarial.classroom import Classroom, classroom
from tests.adversarial.conftest import EVERYTHING, ONLY
from tests.reports.markup import assert_inert
from tests.reports.test_browser import BROWSER

OPENED = [case for case in CASES if (case.number in ONLY if ONLY else EVERYTHING or case.number in (63, 64, 66))]
SECONDS = 30.0
# Ids as a roster could hold them, where whoever hands in may choose one: markup, formulas, terminal escapes.
IDS = ["<img src=x onerror=alert(1)>", "=1+1", "@SUM(A1)", "-1", "+1;=1+1", "'quoted\"", "tab\u202eleft", "ada"]


@contextmanager
def proxy() -> Iterator[tuple[int, list[str]]]:
    """A server that a browser asks for everything that is no file, and the list of what was asked."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_CONNECT = do_HEAD = do_GET  # noqa: N815 - the server's own spelling

        def log_message(self, *arguments: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def open_page(page: Path, port: int, profile: Path) -> tuple[str, str, float]:
    """Open a page, and return what the browser made of it, its log and the seconds it took."""
    assert BROWSER is not None
    switches = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}"),
        *(f"--proxy-server=127.0.0.1:{port}", "--proxy-bypass-list=<-loopback>"),
        *("--virtual-time-budget=2000", "--enable-logging=stderr", "--dump-dom"),
    )
    began = time.monotonic()
    done = subprocess.run([BROWSER, *switches, page.as_uri()], capture_output=True, timeout=3 * SECONDS, check=True)
    taken = time.monotonic() - began
    return done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace"), taken


needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium, which is not installed")


@needs_browser
@pytest.mark.parametrize("case", [pytest.param(case, id=student_of(case)) for case in OPENED])
def test_a_browser_opens_the_page_runs_nothing_and_asks_for_nothing(
    case: object, numpy_class: Classroom, tmp_path: Path
) -> None:
    student = student_of(case)  # type: ignore[arg-type]
    course, lab = numpy_class.arena.course, numpy_class.arena.lab
    page = course.root / "reports" / lab / student / f"{lab}.html"
    page.read_text(encoding="utf-8", errors="strict")
    with proxy() as (port, asked):
        document, log, seconds = open_page(page, port, tmp_path / "profile")
    assert not [address for address in asked if "tracker" in address or "127.0.0.1" in address], asked
    assert "Content Security Policy" not in log
    assert "alert" not in log.lower()
    assert seconds < SECONDS
    assert_inert(document)
    assert "<title>owned" not in document


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
