"""A real browser that opens a page behind a proxy which takes down what it asks for."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.reports.test_browser import BROWSER

SECONDS = 30.0
needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium, which is not installed")


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
