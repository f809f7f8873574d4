"""What the forms send: a mark and a comment to save, an act to take back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import quote

from tornado import web

from autograder.reports.wording import number, title_of
from autograder.review.acts import Act, Question
from autograder.review.desk import Desk
from autograder.review.handler import NotAnswered, ReviewHandler, Undo
from autograder.review.kept_comments import COMMENT_CHARACTERS, keep_comment
from autograder.review.marking import Conflict, Entry, look, save, undo
from autograder.review.standing import CellName, questions_of
from autograder.review.submission_page import answer_to, way_from
from autograder.review.waiting import question_key

OTHER = "other"
"""The value of a rubric's choice that stands for the points entered beside it."""


@dataclass(frozen=True)
class NotSaved:
    """Why nothing was saved, with what is needed to go on.

    Attributes:
        reason: What is wrong with the entry; "" where somebody else has changed the question.
        conflict: What stands instead.
        mark: What was entered, as it was entered.
        comment: The same.
        state: The digest to go on from.
        points: What the question is worth.
        who: How the student is called.
        address: The same in addresses.
        question: What people call the question.
        name: Notebook and cell.
    """

    reason: str
    conflict: Conflict | None
    mark: str
    comment: str
    state: str
    points: float
    who: str
    address: str
    question: str
    name: CellName


def entered_mark(text: str, points: float) -> float | None:
    """The mark somebody has entered; None where they entered none.

    Raises:
        ValueError: It is no number from 0 to the question's points; the message is a sentence.
    """
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        mark = float(text)
    except ValueError:
        mark = math.nan
    if not 0 <= mark <= points:
        raise ValueError(
            f"Expected a number from 0 to {number(points)}, or nothing to let the automatic mark stand, received "
            f"{text[:40]!r}; extra credit is given in nbgrader's formgrader."
        )
    return mark


class SaveHandler(ReviewHandler):
    """`autograder/review/save/ASSIGNMENT/STUDENT`."""

    @web.authenticated
    async def post(self, assignment: str, who: str) -> None:
        """Save a mark and a comment; where something else stands than was seen, show both."""
        sent = {
            name: self.get_body_argument(name, "", strip=False)
            for name in ("notebook", "cell", "state", "mark", "level", "comment", "insert", "keep", "then")
        }
        level = sent["level"]
        text = level if level and level != OTHER else sent["mark"]
        comment = "\n".join(filter(None, (sent["comment"].replace("\r\n", "\n").strip(), sent["insert"].strip())))
        name = (sent["notebook"], sent["cell"])

        def work(desk: Desk) -> NotSaved | str:
            names, student, students = self.student(desk, assignment, who)
            question = Question(student, assignment, *name)
            with desk.gradebook() as gradebook:
                answer = answer_to(desk, gradebook, student, assignment, name)
                seen = look(desk, gradebook, question, answer)
            address = names.address(student)

            def not_saved(reason: str, conflict: Conflict | None, state: str) -> NotSaved:
                points, title = seen.standing.points, title_of(name[1], {})
                shown = names.shown(student)
                return NotSaved(reason, conflict, text, comment, state, points, shown, address, title, name)

            try:
                mark = entered_mark(text, seen.standing.points)
            except ValueError as error:
                return not_saved(str(error), None, sent["state"])
            if len(comment) > COMMENT_CHARACTERS:
                reason = f"Expected a comment of at most {COMMENT_CHARACTERS:,} characters, received {len(comment):,}."
                return not_saved(reason, None, sent["state"])
            if comment and not answer:
                reason = "nbgrader keeps no comment of this question: there is no answer cell before it. Remove it."
                return not_saved(reason, None, sent["state"])
            done = save(desk, self.grader, question, answer, sent["state"], Entry(mark, comment))
            if isinstance(done, Conflict):
                return not_saved("", done, done.state)
            if sent["keep"]:
                keep_comment(desk.course, comment)
            did = "" if done is None else done.id
            key = question_key(name)
            if sent["then"] == "next":
                with desk.gradebook() as gradebook:
                    standings = questions_of(gradebook, assignment, waiting=True)
                waiting = {one.student for one in standings if one.name == name}
                if following := way_from(names, student, students, waiting).waiting:
                    return self.address("submission", assignment, following, question=key, did=did)
                return self.address("queue", assignment)
            asked = self.get_body_argument("question", "")
            return self.address("submission", assignment, address, question=asked, did=did) + f"#form-{quote(key)}"

        found = await self.answer(work)
        if isinstance(found, NotSaved):
            self.set_status(409 if found.conflict else 422)
            self.page("not_saved.html.j2", found=found, assignment=assignment)
        else:
            self.redirect(found, status=303)


class UndoHandler(ReviewHandler):
    """`autograder/review/undo`."""

    @web.authenticated
    async def post(self) -> None:
        """Take this person's last act back; refuse where somebody has changed the question since."""
        identifier = self.get_body_argument("act", "")

        def work(desk: Desk) -> tuple[Act, Act | Conflict, Undo, str]:
            act = desk.acts.find(identifier)
            if act is None or act.user != self.grader.name:
                raise NotAnswered(404, "Expected a change of yours, received none; load the page again.")
            names = self.names(desk, act.assignment)
            with desk.gradebook() as gradebook:
                name = (act.notebook, act.cell)
                answer = answer_to(desk, gradebook, act.student, act.assignment, name)
            shown = Undo(act, names.shown(act.student), title_of(act.cell, {}))
            return act, undo(desk, self.grader, act, answer), shown, names.address(act.student)

        act, done, shown, address = await self.answer(work)
        key = question_key((act.notebook, act.cell))
        if isinstance(done, Conflict):
            self.set_status(409)
            self.page("not_undone.html.j2", shown=shown, conflict=done, address_of=address, key=key)
        else:
            self.redirect(self.address("submission", act.assignment, address, question=key, did=done.id), status=303)
