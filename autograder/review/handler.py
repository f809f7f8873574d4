"""What every address of the review has in common: who is let in, what a reply may do, how an error is said.

Access is decided in `prepare`, before a method of a subclass runs, so that a new page cannot forget it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from markupsafe import Markup
from tornado import web

from autograder.errors import AutograderError, UsageError
from autograder.reports.wording import title_of
from autograder.review.access import Person, admit
from autograder.review.acts import Act
from autograder.review.desk import Desk
from autograder.review.names import Names
from autograder.review.rendering import render, static_file
from autograder.review.settings import AutograderReview
from autograder.review.standing import students_of

PREFIX = "autograder/review"
NAMES_COOKIE = "autograder-review-names"
AUTHORIZED_AS = "autograder-review"
"""What a site's own Authorizer is asked about."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Undo:
    """What a person can take back: their last act, and how its student and question are called."""

    act: Act
    who: str
    question: str


class NotAnswered(web.HTTPError):
    """An answer that is a sentence: what was expected, what was received, what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, "%s", sentence)
        self.sentence = sentence


class ReviewHandler(JupyterHandler):
    """A page of the review. Subclasses answer; they never decide who may ask."""

    review: AutograderReview
    person: Person | None = None

    def initialize(self, review: AutograderReview) -> None:
        """Take what the route carries."""
        self.review = review

    async def prepare(self) -> None:  # type: ignore[override]
        """Let in whoever grades; everybody else is sent to the login, or refused."""
        await super().prepare()
        if self._finished:
            return
        user = self.current_user
        if user is None:
            if self.request.method in ("GET", "HEAD"):
                self.redirect(f"{self.get_login_url()}?{urlencode({'next': self.request.uri or ''})}")
                return
            raise NotAnswered(403, "Expected somebody who is logged in, received nobody; log in and try again.")
        groups = await asyncio.to_thread(self._groups)
        admitted = admit(user, self.identity_provider, self.review.graders, groups)
        if not isinstance(admitted, Person):
            raise NotAnswered(403, admitted.sentence)
        action = "read" if self.request.method in ("GET", "HEAD") else "write"
        if not await ensure_async(self.authorizer.is_authorized(self, user, action, AUTHORIZED_AS)):
            raise NotAnswered(403, f"This server's authorizer does not let you {action} {AUTHORIZED_AS}.")
        self.person = admitted

    def _groups(self) -> list[str]:
        try:
            return self.review.groups()
        except AutograderError as error:  # why, is for those who are let in by name
            self.log.warning("review: %s", error)
            return []

    @property
    def grader(self) -> Person:
        """Who asks."""
        assert self.person is not None  # prepare has refused everybody else
        return self.person

    # ---------------------------------------------------------------- what a reply may do

    @property
    def nonce(self) -> str:
        """What marks the script and the style of this one reply as ours."""
        if not hasattr(self, "_nonce"):
            self._nonce = secrets.token_urlsafe(16)
        return self._nonce

    @property
    def content_security_policy(self) -> str:
        """Nothing but our own style and script, forms to this server and frames from it."""
        return (
            f"default-src 'none'; style-src 'nonce-{self.nonce}'; script-src 'nonce-{self.nonce}'; "
            "img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
        )

    def set_default_headers(self) -> None:
        """Add what holds for every reply: nothing is kept by anybody in between, or sent along to others."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")

    # ---------------------------------------------------------------- addresses and names

    def address(self, *parts: str, **query: str) -> str:
        """An address of the review; empty parts of the query are left out."""
        path = "/".join(quote(part, safe="") for part in parts)
        found = {name: value for name, value in query.items() if value}
        return f"{self.base_url}{PREFIX}/{path}" + (f"?{urlencode(found)}" if found else "")

    def static_address(self, name: str) -> str:
        """The address of a file that pages load: another one for another content."""
        return self.address("static", name, v=static_file(name)[1])

    @property
    def names_hidden(self) -> bool:
        """Whether this person wants to see pseudonyms."""
        return self.get_cookie(NAMES_COOKIE) == "hidden"

    def names(self, desk: Desk, assignment: str) -> Names:
        """How students are called, as this person wants it."""
        return desk.names(assignment, hidden=self.names_hidden)

    def known(self, assignment: str, known: list[str]) -> None:
        """Refuse an assignment that the gradebook does not know."""
        if assignment not in known:
            raise NotAnswered(
                404, f"Expected an assignment of the gradebook, received {assignment!r}; the first page lists them."
            )

    def student(self, desk: Desk, assignment: str, address: str) -> tuple[Names, str, list[str]]:
        """Whom an address means: the names in use, the student's id, and everybody with a submission.

        An address from before names were hidden, or shown, still finds its student.
        """
        names = self.names(desk, assignment)
        with desk.gradebook() as gradebook:
            students = students_of(gradebook, assignment)
        found = names.find(address, students)
        if found is None:
            other = desk.names(assignment, hidden=not names.hidden)
            found = other.find(address, students)
        if found is None:
            raise NotAnswered(
                404, f"Expected a submission of {assignment!r}, received {address!r}; open one from the queue."
            )
        return names, found, students

    def undoable(self, desk: Desk) -> Undo | None:
        """What this person can take back; None where there is nothing."""
        act = desk.acts.last_of(self.grader.name)
        if act is None:
            return None
        return Undo(act, self.names(desk, act.assignment).shown(act.student), title_of(act.cell, {}))

    # ---------------------------------------------------------------- answers

    async def answer(self, work: Callable[[Desk], Found]) -> Found:
        """Do what takes a while away from the server's loop; what goes wrong there becomes a page with a sentence."""
        return await self._off_the_loop(lambda: work(self.review.desk()))

    async def _off_the_loop(self, work: Callable[[], Found]) -> Found:
        try:
            return await asyncio.to_thread(work)
        except UsageError as error:
            raise NotAnswered(404, f"{error}") from error
        except AutograderError as error:
            self.log.warning("review: %s", error)
            raise NotAnswered(503, f"{error}") from error

    def page(self, template: str, **values: Any) -> None:
        """Answer with a page."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(render(template, **self._shell(), **values))

    def frame(self, html: str, policy: str) -> None:
        """Answer with a page that shows a student's work, under a policy of its own."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", policy)
        self.finish(html)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say in a sentence what is wrong; nothing of a traceback."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        sentence = getattr(error, "sentence", "") or web.HTTPError(status_code).reason or ""
        if status_code == 500:
            sentence = "Something went wrong on this page; whoever runs the server finds it in Jupyter's log."
        elif not sentence:
            sentence = {403: "This is not allowed: the form may be too old; go back and load the page again."}.get(
                status_code, "This cannot be answered; go back and try again."
            )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(render("error.html.j2", **self._shell(), status=status_code, sentence=sentence))

    def _shell(self) -> dict[str, Any]:
        """What the frame of every page needs."""
        inside = self.person is not None
        return {
            "nonce": self.nonce,
            "address": self.address,
            "static_address": self.static_address,
            "xsrf": Markup(self.xsrf_form_html()) if inside else Markup(""),  # noqa: S704 - Tornado's own
            "who": self.person.name if self.person else "",
            "names_hidden": self.names_hidden,
            "here": self.request.uri or "",
        }
