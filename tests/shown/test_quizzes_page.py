"""docs/quizzes.md: the three commands, on the quiz that the page has below them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from autograder.course import open_course
from autograder.quizzes import Drawing
from autograder.quizzes.lab_source import python_literal
from tests.pages import DOCS
from tests.shown.page import typed

(WHOLE,) = re.findall(r"```toml\n(.*?)```", (DOCS / "quizzes.md").read_text(encoding="utf-8"), flags=re.DOTALL)
# The question that Keras computes is left out; test_first_course_page.py builds a quiz with one.
QUIZ = re.sub(r'\[\[questions\]\]\nid = "output-size".*?(?=\[\[questions\]\])', "", WHOLE, flags=re.DOTALL)


def answer(course: Path, student: str) -> None:
    """Hand in the quiz with the student's own questions answered right."""
    drawing = Drawing(open_course(course), course / "reference" / "quiz_1")
    entries = [drawing.key.entries[key] for key in drawing(student)]
    cells = {f"answer-{n}": f"answer_{n} = {python_literal(entry)}" for n, entry in enumerate(entries, start=1)}
    cells["student-id"] = f"student_id = {student!r}"
    notebook = json.loads((course / "release" / "quiz_1" / "quiz_1.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = cells.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""), cell["source"])
    folder = course / "submitted" / student / "quiz_1"
    folder.mkdir(parents=True)
    for file in (course / "release" / "quiz_1").rglob("*"):
        if file.is_file():
            (folder / file.relative_to(course / "release" / "quiz_1")).parent.mkdir(parents=True, exist_ok=True)
            (folder / file.relative_to(course / "release" / "quiz_1")).write_bytes(file.read_bytes())
    (folder / "quiz_1.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def test_the_page_about_quizzes_leads_from_the_file_to_a_mark(tmp_path: Path, home: Path) -> None:
    course = tmp_path / "course"
    (course / "course" / "quizzes").mkdir(parents=True)
    (course / "course" / "quizzes" / "quiz_1.toml").write_text(QUIZ, encoding="utf-8")
    (course / "course" / "course.toml").write_text('id = "deep-learning"\n[sandbox]\npreload = ["numpy"]\n')
    (course / "course" / "roster.csv").write_text("id\nada\n", encoding="utf-8")
    with typed("docs/quizzes.md", home) as page:
        page.type(course, "autograder build quiz_1")
        assert (course / "reference" / "quiz_1" / "lab.py").is_file()
        page.type(course, "autograder release quiz_1")
        assert (course / "release" / "quiz_1" / "quiz_1.ipynb").is_file()
        answer(course, "ada")
        page.type(course, "autograder grade quiz_1")
    result = json.loads((course / "results" / "ada" / "quiz_1.json").read_text(encoding="utf-8"))
    assert (result["score"], result["max_score"]) == (4.0, 4.0)
