"""The page about an assignment's class: how scores lie, how hard questions are, and which mistakes are common."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from markupsafe import Markup
from tornado import web

from autograder.grading.given import read_given, with_given
from autograder.reports.distribution import Summary, histogram, summarise
from autograder.reports.figures import Drawing, draw_share
from autograder.reports.items import QuestionItem, analyse_items
from autograder.reports.sanitise import with_inline_code
from autograder.reports.wording import title_of
from autograder.review.desk import Desk
from autograder.review.handler import ReviewHandler, Undo
from autograder.review.mistakes import Mistake, common_mistakes, reasons_by_check
from autograder.review.standing import all_assignments
from autograder.review.waiting import question_key

MOST_COMMON = 5
MOST_REASONS = 5
_ONE_AT_A_TIME = threading.Lock()  # a class of results in memory is enough


@dataclass(frozen=True)
class MistakeRow:
    """A mistake as the page shows it."""

    record: Mistake
    question: str
    key: str
    sentence: Markup
    message: Markup


@dataclass(frozen=True)
class QuestionRow:
    """A question: how much of it was earned, and what it waits for."""

    record: QuestionItem
    title: str
    key: str
    share: Markup


@dataclass(frozen=True)
class ClassView:
    """What the page shows; numbers and groups, no names."""

    title: str
    submissions: int
    undecided: int
    summary: Summary | None
    drawing: Drawing | None
    questions: tuple[QuestionRow, ...]
    common: tuple[MistakeRow, ...]
    by_check: tuple[tuple[MistakeRow, tuple[MistakeRow, ...], int], ...]


def look_at_class(desk: Desk, assignment: str) -> ClassView:
    """Gather what the page shows, from the results with what people gave."""
    with _ONE_AT_A_TIME:
        given = read_given(desk.course, assignment)
        results = [with_given(one, given.get(one.student)) for one in desk.store.all(assignment)]
        readable = [one for one in results if one.notebooks and one.max_score > 0]
        decided = [
            one for one in readable if all(cell.score is not None for book in one.notebooks for cell in book.cells)
        ]
        shares = [min(100.0, 100 * one.score / one.max_score) for one in decided]
        items = analyse_items(assignment, results)
        mistakes = common_mistakes(results)
    known = desk.questions.of(assignment)
    return ClassView(
        title_of(assignment, known.titles),
        len(results),
        len(results) - len(decided),
        summarise(shares),
        histogram(shares, "Submissions by share of the points", "scores") if shares else None,
        tuple(_question_row(one) for one in items.questions),
        tuple(_mistake_row(one) for one in mistakes[:MOST_COMMON]),
        tuple(
            (_mistake_row(first), tuple(map(_mistake_row, ones[:MOST_REASONS])), sum(one.students for one in ones))
            for first, ones in reasons_by_check(mistakes)
        ),
    )


def _question_row(item: QuestionItem) -> QuestionRow:
    share = draw_share(item.difficulty or 0.0, 0.0, 1.0)
    return QuestionRow(item, title_of(item.cell, {}), question_key((item.notebook, item.cell)), share)


def _mistake_row(mistake: Mistake) -> MistakeRow:
    return MistakeRow(
        mistake,
        title_of(mistake.name[1], {}),
        question_key(mistake.name),
        with_inline_code(mistake.sentence, 300),
        with_inline_code(mistake.message, 300),
    )


class ClassHandler(ReviewHandler):
    """`autograder/review/class/ASSIGNMENT`."""

    @web.authenticated
    async def get(self, assignment: str) -> None:
        """Show the class."""

        def work(desk: Desk) -> tuple[ClassView, Undo | None]:
            with desk.gradebook() as gradebook:
                self.known(assignment, [one.name for one in all_assignments(gradebook)])
            return look_at_class(desk, assignment), self.undoable(desk)

        found, undo = await self.answer(work)
        self.page("class.html.j2", found=found, assignment=assignment, undo=undo)
