"""docs/quizzes.md says what is so: its example is a quiz, and its table of answers is what is read."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from autograder.quizzes import KINDS
from autograder.quizzes.arithmetic import FUNCTIONS
from autograder.quizzes.given import NotUnderstood, read
from tests.quizzes.quizzes import COMPUTED, quiz_of

PAGE = (Path(__file__).parents[2] / "docs" / "quizzes.md").read_text(encoding="utf-8")
OPTIONS = {"a": "same", "b": "valid", "c": "full"}
FORMS: dict[str, dict[str, Any]] = {
    "a number": {"kind": "number"},
    "a number in %": {"kind": "number", "units": ["%"]},
    "a number in pixels": {"kind": "number", "units": ["pixels"]},
    "a whole number": {"kind": "number", "whole": True},
    "a shape": {"kind": "shape"},
    "one option": {"kind": "choice", "options": OPTIONS},
    "several options": {"kind": "choices", "options": OPTIONS},
    "an order": {"kind": "order", "options": OPTIONS},
    "an output": {"kind": "output"},
}
ROWS = [
    row
    for row in re.findall(r"^\| ([a-z% ]+) \| `(.+)` \| (`.+`|not understood) \|$", PAGE, flags=re.MULTILINE)
    if row[0] in FORMS
]


def test_the_example_is_a_quiz(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    quiz = quiz_of(tmp_path, example)
    assert quiz.points == (3.0, 2.0, 2.0)
    assert quiz.answer_key(dict.fromkeys(quiz.jobs, COMPUTED)).entries


@pytest.mark.parametrize(("form", "answer", "value"), ROWS)
def test_answers_are_read_as_the_table_says(form: str, answer: str, value: str) -> None:
    given = float("nan") if answer == 'float("nan")' else ast.literal_eval(answer)
    if value == "not understood":
        with pytest.raises(NotUnderstood):
            read(FORMS[form], given)
    else:
        assert read(FORMS[form], given).value == ast.literal_eval(value.strip("`"))


def test_the_table_has_every_form_and_the_page_every_kind_and_function() -> None:
    assert {row[0] for row in ROWS} == set(FORMS)
    assert len(ROWS) > 35
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) >= set(KINDS)
    assert " ".join(sorted(FUNCTIONS)) in PAGE
