"""A real Jupyter server on loopback with the review, and people who ask it with a cookie as browsers do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
NBGRADERS = ("formgrader", "validate_assignment", "assignment_list", "course_list")
# Extensions that environments enable, and that take seconds to load.
OTHERS = (
    *("jupyterlab", "jupyterlab_jupytext", "jupyter_lsp", "jupyter_server_terminals", "notebook", "notebook_shim"),
    *(f"nbgrader.server_extensions.{one}" for one in NBGRADERS),
)
TOKENS = {"token-of-tina": "tina", "token-of-theo": "theo", "token-of-ada": "ada", "token-of-gwen": "gwen"}
NAMED: dict[str, Any] = {
    "ServerApp": {"identity_provider_class": "tests.review.identity.ByToken"},
    "ByToken": {"people": TOKENS, "groups": {"gwen": ["formgrade-vision"], "ada": ["nbgrader-vision"]}},
    "AutograderReview": {"graders": ["tina", "theo"]},
}
SHARED: dict[str, Any] = {"IdentityProvider": {"token": "token-of-all"}}


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    log: Path

    def address(self, path: str = "") -> str:
        """An address of the review."""
        return f"{self.url}autograder/review/{path}"

    def person(self, token: str = "") -> Person:
        """Somebody with a session of their own; logged in where they have a token."""
        session = requests.Session()
        if token:
            session.get(self.address(), params={"token": token}, timeout=30)
        return Person(self, session)


@dataclass(frozen=True)
class Person:
    """Somebody at a browser."""

    server: Server
    session: requests.Session

    def get(self, path: str = "", **options: Any) -> requests.Response:
        """Ask for a page."""
        return self.session.get(self.server.address(path), timeout=30, **options)

    def post(self, path: str, data: Mapping[str, str], *, xsrf: bool = True, **options: Any) -> requests.Response:
        """Send a form, with the value that guards against forged ones unless told otherwise."""
        guard = {"_xsrf": self.session.cookies.get("_xsrf") or ""} if xsrf else {}
        return self.session.post(self.server.address(path), data={**data, **guard}, timeout=30, **options)

    def fields(self, path: str, cell: str) -> dict[str, str]:
        """The hidden fields of a question's form, as the page has them."""
        page = self.get(path).text
        forms = [
            form for form in re.findall(r"<form class=\"entry\".*?</form>", page, re.S) if f'value="{cell}"' in form
        ]
        assert len(forms) == 1, page
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', forms[0]))

    def save(self, who: str, cell: str, assignment: str = "cnn_digits", **entered: str) -> requests.Response:
        """Open a submission, enter something for a question, save it."""
        fields = self.fields(f"submission/{assignment}/{who}", cell)
        return self.post(f"save/{assignment}/{who}", {**fields, **entered})


@contextmanager
def running(course: Path, folder: Path, settings: Mapping[str, Mapping[str, Any]]) -> Iterator[Server]:
    """Run a server in a course's folder.

    Args:
        course: The course's folder.
        folder: Where the server's own files go.
        settings: Its settings, by class.
    """
    folder.mkdir(parents=True)
    own = {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": 0,
            "open_browser": False,
            "allow_root": True,
            "root_dir": str(course),
            "jpserver_extensions": {"autograder.review": True, **dict.fromkeys(OTHERS, False)},
            "log_level": "WARN",
        }
    }
    merged = {name: {**own.get(name, {}), **settings.get(name, {})} for name in {*own, *settings}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(merged))
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_NO_CONFIG": "",
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("JUPYTER_TOKEN", None)
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server"], env=environment, cwd=course, stdout=output, stderr=output
        )
    try:
        yield Server(_url(process, folder / "runtime", log), log)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _url(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Where the server answers, once it does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                url = str(json.loads(path.read_text())["url"])
                requests.get(f"{url}api", timeout=5)
            except (ValueError, requests.RequestException):
                continue
            return url.replace("localhost", "127.0.0.1")
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))
