"""The lab that a quiz becomes: the text of its `lab.py` and `checks.py`."""

from __future__ import annotations

from autograder.quizzes.assembly import Quiz
from autograder.quizzes.given.drawing import draw, open_root
from autograder.quizzes.key import KEY_FILE, AnswerKey, Entry

SAMPLE = "instructor"
"""The id that the instructor's own notebook is filled in for: nobody is listed under it."""

HOW_TO = """\
1. Write your student id in the next cell, and run the notebook from the top (*Run*, *Run All Cells*): your questions
   appear. They are drawn for you; others have other numbers.
2. Write each answer in place of the dots, as the line below its question says, and run the notebook again. The last
   cell of each question tells how your answer is read. Whether it is right stays open until the quiz is over.
3. Look out for *not understood*: such an answer earns nothing as it stands."""


def lab_source(quiz: Quiz, key: AnswerKey) -> str:
    """The text of `lab.py`: the notebook with the right answers to the sample's questions."""
    sample = draw(open_root(quiz.name, SAMPLE), quiz.slots)
    introduction = f"{quiz.file.introduction.strip()}\n\n" if quiz.file.introduction.strip() else ""
    cells = [
        f'"""Generated from course/quizzes/{quiz.name}.toml by `autograder build`: change that, not this file."""',
        _markdown(f"# {quiz.file.title}\n\n{introduction}{HOW_TO}", 'text="title"'),
        _code(
            'student_id = ...  # your student id between quotes, as in "ada"\n'
            f"# BEGIN SOLUTION\nstudent_id = {SAMPLE!r}\n# END SOLUTION".replace("'", '"'),
            'solution="student-id"',
        ),
        _code("from quiz import Sheet\n\nsheet = Sheet.open(student_id)\nsheet", 'text="sheet"'),
    ]
    for number, (drawn, points) in enumerate(zip(sample, quiz.points, strict=True), start=1):
        answer = python_literal(key.entries[drawn])
        cells += [
            _code(f"sheet.show({number})", f'text="show-{number}"'),
            _code(
                f"answer_{number} = ...\n# BEGIN SOLUTION\nanswer_{number} = {answer}\n# END SOLUTION",
                f'solution="answer-{number}"',
            ),
            _code(f"sheet.check({number}, answer_{number})", f'tests="question-{number}" points={points:g}'),
        ]
    return "\n\n".join(cells) + "\n"


def checks_source(quiz: Quiz) -> str:
    """The text of `checks.py`: one check for each question, which knows the key."""
    checks = "\n".join(f"question_{number} = KEY.check({number})" for number in range(1, len(quiz.points) + 1))
    return f'''\
"""Generated from course/quizzes/{quiz.name}.toml by `autograder build`: change that, not this file."""

from pathlib import Path

from autograder.quizzes import QuizChecks

KEY = QuizChecks.read(Path(__file__).parent / "data" / "{KEY_FILE}")
{checks}
'''


def python_literal(entry: Entry) -> str:
    """A right answer as a student would write it."""
    match entry.kind:
        case "single" | "multiple" | "order":
            value: object = ", ".join(entry.right)
        case "shape":
            value = tuple(entry.right)
        case "text":
            value = entry.right[0]
        case _:
            value = entry.right
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in text:
        text = f'"{text[1:-1]}"'
    return text


def _code(source: str, header: str) -> str:
    return f"# %% {header}\n{source}"


def _markdown(source: str, header: str) -> str:
    return "\n".join([f"# %% [markdown] {header}", *(f"# {line}".rstrip() for line in source.split("\n"))])
