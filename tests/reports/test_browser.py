"""A real browser opens a page full of payloads: nothing runs, and nothing is asked for elsewhere."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from autograder.reports import render_feedback
from autograder.reports.page import content_security_policy

from . import hostile
from .markup import assert_inert

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium, which is not installed")


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """A loopback server, and the list of what was asked of it."""
    requests: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the server's own spelling

        def log_message(self, *arguments: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/heard", requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def opened(page: Path, profile: Path) -> tuple[str, str]:
    """The document as the browser has it after the page had time to act, and the browser's log."""
    switches = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}"),
        *("--virtual-time-budget=2000", "--enable-logging=stderr", "--dump-dom"),
    )
    assert BROWSER is not None
    run = subprocess.run([BROWSER, *switches, page.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    return run.stdout, run.stderr


def test_a_page_of_payloads_runs_nothing_and_asks_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with listener() as (address, requests):
        notebook = hostile.notebook("plain")
        for name in hostile.PAYLOADS:
            notebook.cells.extend(hostile.notebook(hostile.payload(name, address)).cells)
        everything = "".join(hostile.payload(name, address) for name in hostile.PAYLOADS)
        result = hostile.submission(everything)
        path.write_text(render_feedback(result, {everything: notebook}, {everything: "A title"}), encoding="utf-8")
        document, log = opened(path, tmp_path / "profile")
        assert requests == []
    assert "Content Security Policy" not in log  # the policy is the last wall: nothing came as far as that
    page = assert_inert(document)
    assert "<title>A title · " in document
    assert page.text.count("An output that a report cannot show safely") > len(hostile.PAYLOADS)


@pytest.mark.parametrize("guarded", [False, True])
def test_the_same_payloads_by_themselves_do_act_and_the_policy_alone_stops_them(guarded: bool, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    policy = f'<meta http-equiv="Content-Security-Policy" content="{content_security_policy("")}">' if guarded else ""
    with listener() as (address, requests):
        payloads = hostile.payload("script", address) + hostile.payload("image error", address)
        path.write_text(f"<!doctype html>{policy}<title>mine</title>{payloads}", encoding="utf-8")
        document, log = opened(path, tmp_path / "profile")
        assert bool(requests) != guarded
    assert ("<title>mine</title>" in document) == guarded
    assert ("Content Security Policy" in log) == guarded
