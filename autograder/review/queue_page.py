"""The queue of an assignment: what waits for a person, narrowed as asked, fifty lines a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from tornado import web

from autograder.reports.sanitise import with_inline_code
from autograder.reports.wording import title_of
from autograder.review.desk import Desk
from autograder.review.handler import ReviewHandler, Undo
from autograder.review.names import Names
from autograder.review.standing import all_assignments, questions_of, students_of
from autograder.review.waiting import (
    KINDS,
    WHOLE,
    Item,
    Kind,
    Wanted,
    checks_in,
    counts_of,
    items,
    narrowed,
    question_key,
    questions_in,
)

LINES = 50


@dataclass(frozen=True)
class Line:
    """One line of the page."""

    item: Item
    who: str
    address: str
    question: str
    key: str
    why: Markup


@dataclass(frozen=True)
class Queue:
    """What the page shows.

    Attributes:
        title: The assignment's title.
        lines: The lines of this page of the queue.
        found: How many lines there are on all its pages.
        page: Which page this is, from 1.
        pages: How many there are.
        counts: How many items of each kind there are, whatever was asked for.
        questions: What one can ask for: keys and titles.
        checks: The same of checks: names and sentences.
    """

    title: str
    lines: tuple[Line, ...]
    found: int
    page: int
    pages: int
    counts: Mapping[Kind, int]
    questions: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str], ...]


def look_at_queue(desk: Desk, assignment: str, wanted: Wanted, page: int, names: Names) -> Queue:
    """Gather what one page of the queue shows."""
    with desk.gradebook() as gradebook:
        digests = desk.digests.of(assignment, students_of(gradebook, assignment))
        unreadable = any(digest.unreadable for digest in digests.values())
        standings = questions_of(gradebook, assignment, waiting=not (wanted.everything or unreadable))
    found = [item for item in items(standings, digests) if wanted.everything or item.kind != "settled"]
    known = desk.questions.of(assignment)
    chosen = narrowed(found, wanted, names, known.place)
    pages = max(1, -(-len(chosen) // LINES))
    page = min(max(1, page), pages)
    return Queue(
        title_of(assignment, known.titles),
        tuple(_line(item, names) for item in chosen[(page - 1) * LINES : page * LINES]),
        len(chosen),
        page,
        pages,
        counts_of(found),
        tuple((question_key(name), title_of(name[1], {})) for name in sorted(questions_in(found), key=known.place)),
        tuple(checks_in(found)),
    )


def _line(item: Item, names: Names) -> Line:
    title = "The whole submission" if item.name == WHOLE else title_of(item.name[1], {})
    why = item.why
    if not why and (failed := [check for check in item.checks if check.failed]):
        why = failed[0].message or failed[0].sentence
    return Line(
        item,
        names.shown(item.student),
        names.address(item.student),
        title,
        question_key(item.name),
        with_inline_code(names.untold(why, item.student), 240),
    )


class QueueHandler(ReviewHandler):
    """`autograder/review/queue/ASSIGNMENT`."""

    @web.authenticated
    async def get(self, assignment: str) -> None:
        """Show the queue."""
        asked = {name: self.get_query_argument(name, "") for name in ("kind", "question", "student", "check")}
        wanted = Wanted(**asked, everything=self.get_query_argument("show", "") == "all")
        number = self.get_query_argument("page", "1")
        page = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1

        def work(desk: Desk) -> tuple[Queue, list[tuple[str, str]], Undo | None]:
            with desk.gradebook() as gradebook:
                assignments = [one.name for one in all_assignments(gradebook) if one.submissions]
            self.known(assignment, assignments)
            titled = [(name, title_of(name, desk.questions.of(name).titles)) for name in assignments]
            queue = look_at_queue(desk, assignment, wanted, page, self.names(desk, assignment))
            return queue, titled, self.undoable(desk)

        queue, assignments, undo = await self.answer(work)
        self.page(
            "queue.html.j2",
            queue=queue,
            assignment=assignment,
            assignments=assignments,
            wanted=wanted,
            asked={**asked, "show": "all" if wanted.everything else ""},
            kinds=KINDS,
            undo=undo,
        )
