"""docs/quizzes.md: the three commands, on the quiz that the page has below them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.pages import DOCS
from tests.quizzes.quizzes import answer_right, write_quiz
from tests.shown.classroom import hand_in
from tests.shown.page import typed

(WHOLE,) = re.findall(r"```toml\n(.*?)```", (DOCS / "quizzes.md").read_text(encoding="utf-8"), flags=re.DOTALL)
# The question that Keras computes is left out; test_first_course_page.py builds a quiz with one.
QUIZ = re.sub(r'\[\[questions\]\]\nid = "output-size".*?(?=\[\[questions\]\])', "", WHOLE, flags=re.DOTALL)


def test_the_page_about_quizzes_leads_from_the_file_to_a_mark(tmp_path: Path, home: Path) -> None:
    course = tmp_path / "course"
    write_quiz(course, QUIZ, "quiz_1")
    (course / "course" / "course.toml").write_text('id = "deep-learning"\n[sandbox]\npreload = ["numpy"]\n')
    (course / "course" / "roster.csv").write_text("id\nada\n", encoding="utf-8")
    with typed("docs/quizzes.md", home) as page:
        page.type(course, "autograder build quiz_1")
        assert (course / "reference" / "quiz_1" / "lab.py").is_file()
        page.type(course, "autograder release quiz_1")
        assert (course / "release" / "quiz_1" / "quiz_1.ipynb").is_file()
        hand_in(course, "ada", "quiz_1", course / "release" / "quiz_1")
        answer_right(course, "quiz_1", "ada")
        page.type(course, "autograder grade quiz_1")
    result = json.loads((course / "results" / "ada" / "quiz_1.json").read_text(encoding="utf-8"))
    assert (result["score"], result["max_score"]) == (4.0, 4.0)
