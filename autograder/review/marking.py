"""Saving a mark and a comment, and taking it back: into nbgrader's gradebook as its formgrader does, and the log.

Nobody overwrites what they have not seen. A form carries a digest of what stood when it was made (`Standing.state`);
where something else stands now, nothing is saved and the caller is told what does. Between looking and writing, the row
is locked in the database, so that the formgrader cannot come in between either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from autograder.course.gradebook_trouble import gradebook_error
from autograder.errors import UsageError
from autograder.grading.change_log import Reason
from autograder.grading.gradebook_marks import EXTRA, MANUAL, Place, Value, read_marks
from autograder.grading.scribe import Scribe
from autograder.review.access import Person
from autograder.review.acts import Act, Decision, Question
from autograder.review.desk import Desk
from autograder.review.digests import result_path
from autograder.review.standing import Standing, comments_of, questions_of

COMMAND = "review"
_LOCK = text("UPDATE grade SET auto_score = auto_score WHERE id = :id")


@dataclass(frozen=True)
class Entry:
    """What somebody enters.

    Attributes:
        mark: Points; None to let the automatic mark stand.
        comment: What they write.
    """

    mark: float | None
    comment: str


@dataclass(frozen=True)
class Conflict:
    """Something else stands than what was seen.

    Attributes:
        standing: What stands.
        comment: The comment that stands.
        state: The digest to go on from.
        by: Who decided it last in the review; None where it was changed elsewhere, in the formgrader or by grading.
    """

    standing: Standing
    comment: str
    state: str
    by: Act | None


@dataclass(frozen=True)
class Seen:
    """A question as it stands, with its comment and the digest of both."""

    standing: Standing
    comment: str
    state: str

    @property
    def decision(self) -> Decision:
        """What a person has decided of it."""
        return self.standing.decision(self.comment)


def save(
    desk: Desk, person: Person, question: Question, answer: str, state: str, entry: Entry
) -> Act | Conflict | None:
    """Save a mark and a comment.

    Args:
        desk: The course.
        person: Who enters it.
        question: What it is about.
        answer: The cell whose comment it is, in nbgrader an answer or a task; "" where there is none.
        state: The digest of what stood when the form was made.
        entry: What is entered.

    Returns:
        What was done; None where that is what stands already; a conflict where nothing was done.

    Raises:
        UsageError: The gradebook has no such question.
        AutograderError: The gradebook or the log cannot be written.
    """
    return _change(desk, person, question, answer, state, entry, "given in the review")


def undo(desk: Desk, person: Person, act: Act, answer: str) -> Act | Conflict:
    """Put back what stood before an act.

    Returns:
        What was done; a conflict where somebody has changed it since, and nothing was done.

    Raises:
        UsageError: The act is not this person's last one.
        AutograderError: The gradebook or the log cannot be written.
    """
    last = desk.acts.last_of(person.name)
    if last is None or last.id != act.id:
        raise UsageError(
            "expected your own last change to be taken back, received another one; changes are taken back one by one, "
            "the last first"
        )
    entry = Entry(act.before.mark, act.before.comment)
    done = _change(desk, person, act.question, answer, None, entry, "undone in the review", undoes=act)
    assert done is not None  # an act is only written where something changes
    return done


def _change(
    desk: Desk,
    person: Person,
    question: Question,
    answer: str,
    state: str | None,
    entry: Entry,
    why: Reason,
    undoes: Act | None = None,
) -> Act | Conflict | None:
    try:
        with desk.writing, desk.log.alone():
            if not desk.log.path.exists():
                Scribe(desk.course, desk.store, desk.log, COMMAND).catch_up()
            with desk.gradebook() as gradebook:
                seen = _locked(desk, gradebook, question, answer)
                after = _after(seen.standing, entry, undoes)
                unseen = seen.state != state if undoes is None else seen.decision != undoes.after
                if after == seen.decision and undoes is None:
                    return None
                if unseen:
                    return _conflict(desk, seen, question)
                _log(desk, read_marks(gradebook, question.assignment, question.student), person, question, None)
                _write(gradebook, question, answer, after)
                gradebook.db.commit()
                act = desk.acts.add(
                    person.name, question, seen.decision, after, undoes="" if undoes is None else undoes.id
                )
                _log(desk, read_marks(gradebook, question.assignment, question.student), person, question, why)
                return act
    except SQLAlchemyError as error:
        doing = f"to save the mark of {question.student} for {question.assignment}"
        raise gradebook_error(desk.course.db_url, doing, error, "nothing was changed") from error


def look(desk: Desk, gradebook: Gradebook, question: Question, answer: str) -> Seen:
    """A question as it stands.

    Raises:
        UsageError: The gradebook has no such question.
    """
    name = (question.notebook, question.cell)
    found = questions_of(gradebook, question.assignment, question.student)
    standing = next((one for one in found if one.name == name), None)
    if standing is None:
        raise UsageError(
            f"expected a question of {question.assignment}, received {question.cell!r} of {question.notebook!r}; "
            "open the submission from the queue"
        )
    comments = comments_of(gradebook, question.assignment, question.student)
    comment = comments.get((question.notebook, answer), "")
    return Seen(standing, comment, standing.state(comment, work_of(desk, question.student, question.assignment)))


def work_of(desk: Desk, student: str, assignment: str) -> str:
    """The key of what was graded last; "" where nothing was."""
    path = result_path(desk.store, student, assignment)
    result = None if path is None else desk.store.read(path)
    return "" if result is None else result.key


def _locked(desk: Desk, gradebook: Gradebook, question: Question, answer: str) -> Seen:
    """The question as it stands, and until the transaction ends nobody else changes it."""
    student, assignment, notebook, cell = question
    try:
        grade = gradebook.find_grade(cell, notebook, assignment, student)
    except MissingEntry:
        grade = None
    if grade is not None:
        gradebook.db.execute(_LOCK, {"id": grade.id})
        gradebook.db.expire_all()
    return look(desk, gradebook, question, answer)


def _after(standing: Standing, entry: Entry, undoes: Act | None) -> Decision:
    """What will stand; it waits, as with the formgrader, only where there is no mark at all."""
    waits = entry.mark is None and standing.automatic is None
    if undoes is not None:
        waits = waits or undoes.before.waits
    return Decision(mark=entry.mark, comment=entry.comment, waits=waits)


def _write(gradebook: Gradebook, question: Question, answer: str, after: Decision) -> None:
    student, assignment, notebook, cell = question
    grade: Any = gradebook.find_grade(cell, notebook, assignment, student)
    grade.manual_score = after.mark
    grade.needs_manual_grade = after.waits
    if answer:
        comment: Any = gradebook.find_comment(answer, notebook, assignment, student)
        comment.manual_comment = after.comment or None


def _conflict(desk: Desk, seen: Seen, question: Question) -> Conflict:
    last = desk.acts.last_at(question)
    ours = last is not None and last.after == seen.decision
    return Conflict(seen.standing, seen.comment, seen.state, last if ours else None)


def _log(desk: Desk, found: Mapping[Place, Value], person: Person, question: Question, why: Reason | None) -> None:
    """Add to the log how a submission's marks by people differ from what it has: by this act, or (None) seen only.

    Automatic marks are left to the grader, which may have written some and not yet said so.
    """
    ours = Place(*question, MANUAL)

    def within(place: Place) -> bool:
        mine = (place.student, place.assignment) == (question.student, question.assignment)
        return mine and place.kind in (MANUAL, EXTRA)

    def act(place: Place) -> tuple[Reason, bool]:
        return ("seen in the gradebook", True) if why is None or place != ours else (why, False)

    desk.log.add(found, within, act, person.name, COMMAND)
