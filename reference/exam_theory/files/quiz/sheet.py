"""One student's quiz in their notebook: their questions, and how each of their answers is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .drawing import draw, entry, open_root, ticket
from .spelling import NotUnderstood, Unanswered, read

QUESTIONS, STUDENTS = "questions.json", "students.json"

HOW_TO = {
    "number": "a number",
    "shape": "a shape, as in `(None, 10)`",
    "choice": 'the letter of one option, as in `"a"`',
    "choices": 'the letters of all that are right, as in `"a, c"`',
    "order": 'all letters in their order, as in `"b, a, c"`',
    "text": "a word or two between quotes",
    "output": 'what is printed, between quotes (several lines between `"""`)',
}


class Sheet:
    """The questions of one student. Use `Sheet.open`.

    Attributes:
        questions: The student's question for each place.
        problem: Why there is none; "" where there is.
    """

    def __init__(self, questions: list[dict[str, Any]], points: list[float], who: str, problem: str = "") -> None:
        self.questions, self.problem = questions, problem
        self._points, self._who = points, who

    @classmethod
    def open(cls, student: object, folder: Path | None = None) -> Sheet:
        """The quiz of the student with this id; says so itself where the id is not there yet."""
        if not isinstance(student, str) or not ticket(student):
            return cls([], [], "", "Write your student id above, between quotes, and run the notebook from the top.")
        folder = folder or Path(__file__).resolve().parent.parent
        quiz = json.loads((folder / QUESTIONS).read_text(encoding="utf-8"))
        keys = drawn(folder, quiz, student)
        return cls([quiz["texts"][key] for key in keys], quiz["points"], student.strip())

    def show(self, number: int) -> None:
        """Show a question."""
        if self.problem:
            _say(self.problem)
            return
        question = self.questions[number - 1]
        points = self._points[number - 1]
        worth = f"{points:g} point{'' if points == 1 else 's'}"
        _say(f"**Question {number}** ({worth})\n\n{question['text']}\n\n*Answer: {how_to(question['form'])}.*")

    def check(self, number: int, answer: object) -> None:
        """Say how an answer is read; never whether it is right."""
        if self.problem:
            print(self.problem)  # noqa: T201 - students read it
            return
        try:
            reading = read(self.questions[number - 1]["form"], answer)
        except Unanswered:
            said = "no answer yet"
        except NotUnderstood as problem:
            said = f"not understood: {problem}"
        else:
            said = f"read as {reading.says}" + (f" ({reading.word})" if reading.word else "")
        print(f"Question {number}: {said}.")  # noqa: T201 - students read it

    def _repr_markdown_(self) -> str:
        if self.problem:
            return self.problem
        total = sum(self._points)
        return f"{len(self.questions)} questions for **{self._who}**, {total:g} points."

    def __repr__(self) -> str:
        return self._repr_markdown_().replace("**", "")


def how_to(form: dict[str, Any]) -> str:
    """How an answer of that form is written, for students."""
    if form.get("whole"):
        return "a whole number"
    unit = form["units"][0] if form.get("units") else ""
    return HOW_TO[form["kind"]] + (f", in {'per cent' if unit == '%' else unit}" if unit else "")


def drawn(folder: Path, quiz: dict[str, Any], student: str) -> list[str]:
    """The keys of a student's questions: as the release lists them, else as everybody can compute them."""
    path = folder / STUDENTS
    if path.is_file():
        table = json.loads(path.read_text(encoding="utf-8"))
        listed = table["students"].get(entry(table["salt"], student))
        if listed is not None:
            return [str(key) for key in listed]
    return draw(open_root(quiz["quiz"], student), quiz["slots"])


def _say(text: str) -> None:
    try:
        from IPython.display import Markdown, display
    except ImportError:
        print(text)  # noqa: T201 - where there is no notebook
    else:
        display(Markdown(text))
