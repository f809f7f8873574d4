"""A real Jupyter server on loopback with the review, and people who ask it with a cookie as browsers do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests import jupyter_servers
from tests.jupyter_servers import OTHERS

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
    """Run a server with the review in a course's folder.

    Args:
        course: The course's folder.
        folder: Where the server's own files go.
        settings: Its settings, by class.
    """
    extensions = {"autograder.review": True, **dict.fromkeys(OTHERS, False)}
    with jupyter_servers.running(course, folder, settings, extensions=extensions) as (url, log):
        yield Server(url, log)
