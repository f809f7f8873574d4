"""Small quizzes for tests: one of every kind, and courses that hold them."""

from __future__ import annotations

from pathlib import Path

import nbformat

from autograder.course import Course, open_course
from autograder.quizzes import Drawing, Quiz, QuizFiles, assemble, quiz_lab
from autograder.quizzes.lab_source import python_literal

COMPUTED = {"shape": [None, 14, 14, 8], "all": 80, "trainable": 80, "frozen": 0}

EVERY_KIND = """\
title = "One of every kind"
introduction = "Take your time."
seed = 1
variants = 3

[[pools]]
id = "words"
draw = 2
points = 3

[[questions]]
id = "one"
kind = "single"
points = 2
text = "Which one is right?"
options = [{ text = "the right one", right = true }, { text = "a wrong one" }, { text = "another wrong one" }]
explanation = "It says so itself."

[[questions]]
id = "some"
kind = "multiple"
points = 4
text = "Which are even?"
options = [{ text = "2", right = true }, { text = "4", right = true }, { text = "3" }, { text = "5" }]
explanation = "Twice something."

[[questions]]
id = "share"
kind = "numeric"
text = "How many per cent is {{ part }} of 8?"
parameters = { part = [1, 2, 3] }
answer = "100 * part / 8"
tolerance = 0.1
unit = "%"
wrong = ["{{ part / 8 }}", "{{ 100 * 8 / part }}"]
explanation = "{{ part }} / 8 is {{ answer }} per cent."

[[questions]]
id = "order"
kind = "order"
points = 4
text = "From small to large."
items = ["one", "two", "three", "four"]
explanation = "Count."

[[questions]]
id = "colour"
kind = "text"
pool = "words"
text = "The colour of the sky?"
accepted = ["blue", "light blue"]
wrong = ["green"]
explanation = "Air scatters blue light most."

[[questions]]
id = "size"
kind = "shape"
pool = "words"
text = "The shape of a batch of {{ width }} × {{ width }} pictures?"
parameters = { width = [4, 5] }
answer = ["None", "{{ width }}", "{{ width }}"]
explanation = "The batch comes first: {{ answer }}."

[[questions]]
id = "grass"
kind = "text"
pool = "words"
text = "The colour of grass?"
accepted = ["green"]
explanation = "Chlorophyll."
"""

WITH_KERAS = """\
title = "What Keras knows"
seed = 2
variants = 2

[[questions]]
id = "parameters"
kind = "parameters"
points = 2
text = "How many parameters?"
input = [8]
layers = [{ Dense = { units = "{{ units }}" } }, { BatchNormalization = {} }]
parameters = { units = [3, 5] }
explanation = "9 × {{ units }} + 4 × {{ units }} = {{ answer }}."

[[questions]]
id = "shape"
kind = "shape"
points = 2
text = "Which shape?"
input = [5, 4]
layers = [{ Bidirectional = { layer = { GRU = { units = 3, return_sequences = true } } } }]
explanation = "Both directions at every step: {{ answer }}."

[[questions]]
id = "output"
kind = "output"
points = 2
text = "What is printed?"
code = "print([n * n for n in range({{ end }})])"
parameters = { end = [3, 4] }
explanation = "Squares: {{ answer }}."

[[questions]]
id = "choice"
kind = "multiple"
points = 4
text = "Which are layers?"
options = [{ text = "Dense", right = true }, { text = "Dropout", right = true }, { text = "Adam" }, { text = "MNIST" }]
explanation = "Adam is an optimizer, MNIST is data."
"""


def write_quiz(root: Path, text: str, name: str = "small") -> Path:
    """Put a quiz into the course at `root`; the file."""
    path = root / "course" / "quizzes" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def course_with(root: Path, text: str, name: str = "small") -> Course:
    """A course at `root` with one quiz, and two students on its roster."""
    write_quiz(root, text, name)
    (root / "course" / "course.toml").write_text('id = "made-up"\n')
    (root / "course" / "roster.csv").write_text("id,name\nada,Ada\nbela,Bela\n")
    return open_course(root)


def quiz_of(root: Path, text: str) -> Quiz:
    """The quiz of that text."""
    return assemble(write_quiz(root, text))


def lab_of(course: Course, name: str = "small") -> QuizFiles:
    """What the quiz makes of itself, written into the course; as if Keras had computed the same for everything."""
    quiz = assemble(course.root / "course" / "quizzes" / f"{name}.toml")
    lab = quiz_lab(course, quiz, {digest: {**COMPUTED, "output": "1 2\n"} for digest in quiz.jobs})
    for path, content in lab.files.items():
        (lab.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (lab.folder / path).write_bytes(content)
    return lab


def answer_right(root: Path, name: str, student: str) -> None:
    """Answer the questions that a student draws, all of them right, in the quiz that they have handed in."""
    drawing = Drawing(open_course(root), root / "reference" / name)
    answers = [python_literal(drawing.key.entries[key]) for key in drawing(student)]
    cells = {f"answer-{n}": f"answer_{n} = {answer}" for n, answer in enumerate(answers, start=1)}
    cells["student-id"] = f"student_id = {student!r}"
    path = root / "submitted" / student / name / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.source)
    nbformat.write(notebook, path)
