"""The first page: the assignments, and how much of each waits for a person. And the files that pages load."""

from __future__ import annotations

from dataclasses import dataclass

from tornado import web

from autograder.reports.wording import title_of
from autograder.review.desk import Desk
from autograder.review.handler import NAMES_COOKIE, NotAnswered, ReviewHandler
from autograder.review.rendering import FILES, static_file
from autograder.review.standing import AssignmentCounts, all_assignments


@dataclass(frozen=True)
class Home:
    """What the first page shows."""

    course: str
    rows: tuple[tuple[str, AssignmentCounts], ...]


def look_at_home(desk: Desk) -> Home:
    """The assignments that somebody has handed in, each with its title."""
    with desk.gradebook() as gradebook:
        found = [one for one in all_assignments(gradebook) if one.submissions]
    rows = tuple((title_of(one.name, desk.questions.of(one.name).titles), one) for one in found)
    return Home(desk.course.title, rows)


class HomeHandler(ReviewHandler):
    """`autograder/review/`."""

    @web.authenticated
    async def get(self) -> None:
        """Show the assignments."""
        found = await self.answer(look_at_home)
        self.page("home.html.j2", home=found)


class StaticHandler(ReviewHandler):
    """`autograder/review/static/NAME`."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Send one of the few files that there are."""
        if name not in FILES:
            raise NotAnswered(404, f"Expected one of {', '.join(sorted(FILES))}, received {name!r}.")
        content, _ = static_file(name)
        self.set_header("Content-Type", f"{FILES[name]}; charset=utf-8")
        self.set_header("Cache-Control", "private, max-age=31536000, immutable")  # the address names the content
        self.finish(content)


class NamesHandler(ReviewHandler):
    """`autograder/review/names`: whether this person sees names or pseudonyms."""

    @web.authenticated
    async def post(self) -> None:
        """Take the wish down, and go back to where it was made."""
        from_here = self.address()
        back = self.get_body_argument("back", from_here)
        inside = back.startswith(from_here) and not any(sign in back for sign in "\\\r\n")
        wish = "hidden" if self.get_body_argument("names", "") == "hidden" else "shown"
        self.set_cookie(NAMES_COOKIE, wish, path=from_here, httponly=True, samesite="Strict")
        self.redirect(back if inside else from_here, status=303)
