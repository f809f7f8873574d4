"""The checks of a quiz: one for each question, of the answer and of whose quiz it is."""

from __future__ import annotations

from pathlib import Path

from autograder.checks import Student, check
from autograder.errors import CheckError, Failure, NotThere
from autograder.quizzes.given.drawing import ticket
from autograder.quizzes.judging import Judgement, judge
from autograder.quizzes.key import AnswerKey, Entry, read_key


class QuizChecks:
    """What a quiz's `checks.py` makes its checks of.

    Args:
        key: The quiz's key.
    """

    def __init__(self, key: AnswerKey) -> None:
        self.key = key

    @classmethod
    def read(cls, path: Path) -> QuizChecks:
        """The checks of the quiz whose key lies at `path`.

        Raises:
            CheckError: The key cannot be read.
        """
        return cls(read_key(path))

    def check(self, number: int) -> object:
        """The check of one question, by its number from 1."""

        def question(student: Student) -> float | None:
            entry = self._entry(student, number)
            student.explain(f"Right: {entry.shown}\n\n{entry.explanation}")
            judgement = judge(entry, _answer(student, f"answer_{number}"))
            stranger = _stranger(student, first=number == 1, lost=judgement.fraction < 1.0)
            return _told(judgement, stranger, student)

        question.__name__ = f"question_{number}"
        question.__doc__ = f"The answer to question {number} is right."
        return check(cell=f"question-{number}", personal=True)(question)

    def _entry(self, student: Student, number: int) -> Entry:
        drawn = student.owner.drawn
        if len(drawn) != len(self.key.points) or drawn[number - 1] not in self.key.entries:
            raise CheckError(
                f"expected the {len(self.key.points)} questions drawn for {student.owner.student!r}, received "
                f"{', '.join(drawn) or 'none'}; a quiz is graded with `autograder grade`, after its release"
            )
        return self.key.entries[drawn[number - 1]]


def _answer(student: Student, name: str) -> object:
    """The answer as plain data; none where the notebook has none of that name."""
    try:
        return student.value(name)
    except NotThere:
        return None


def _stranger(student: Student, *, first: bool, lost: bool) -> str:
    """A sentence where the notebook was filled in for somebody else than who handed it in; "" otherwise.

    It is said at the first question, and wherever it may be why marks were lost; the submission is flagged once.
    """
    found = _answer(student, "student_id")
    owner = student.owner.student
    if not isinstance(found, str) or not ticket(found):
        return f"no student id was written into the notebook; it is judged by the questions of {owner!r}" * first
    if ticket(found) == ticket(owner):
        return ""
    if first:
        student.flags.append(
            f"expected the quiz of {owner!r}, found the id {found[:60]!r} in the notebook: it is judged by the "
            f"questions of {owner!r}; ask whose work it is"
        )
    sentence = (
        f"the notebook was filled in for the student id {found[:60]!r}, and is judged by the questions of {owner!r}, "
        "who handed it in"
    )
    return sentence if first or lost else ""


def _told(judgement: Judgement, stranger: str, student: Student) -> float | None:
    """The fraction, everything there is to say being said."""
    words = "; ".join(part for part in (judgement.message, stranger) if part)
    if judgement.fraction == 1.0:
        student.remark(words)
        return 1.0
    raise Failure(words, fraction=judgement.fraction)
