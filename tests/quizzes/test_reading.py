"""A quiz that cannot be meant is refused: file, line, question, what was expected and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import AuthoringError
from autograder.quizzes import assemble, read_quiz
from tests.quizzes.quizzes import EVERY_KIND, write_quiz

HEAD = 'title = "T"\nseed = 1\n'


def refused(tmp_path: Path, text: str) -> str:
    path = write_quiz(tmp_path, text)
    with pytest.raises(AuthoringError) as caught:
        assemble(path)
    return str(caught.value).replace(f"{path}", "FILE")


def question(kind: str, *lines: str) -> str:
    start = (f'kind = "{kind}"', 'id = "q"', 'text = "T"', 'explanation = "E"')
    return HEAD + "\n[[questions]]\n" + "\n".join([*start, *lines]) + "\n"


def test_one_of_every_kind_is_read(tmp_path: Path) -> None:
    quiz = read_quiz(write_quiz(tmp_path, EVERY_KIND))
    assert [one.kind for one in quiz.questions] == ["single", "multiple", "numeric", "order", "text", "shape", "text"]


def test_no_toml_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "title = ").startswith("expected TOML in FILE, received something else")


def test_a_name_that_no_lab_may_have_is_refused(tmp_path: Path) -> None:
    path = write_quiz(tmp_path, EVERY_KIND, "Quiz 1")
    with pytest.raises(AuthoringError, match=r"expected a name of small letters.*found Quiz 1\.toml; rename the file"):
        read_quiz(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD, "FILE: questions: expected this key, found none; add it"),
        (HEAD + "questions = []\n", "FILE, line 1: expected questions, found none; add a [[questions]] table"),
        (
            question("guess"),
            "FILE, line 5: question 'q': expected one of the kinds single, multiple, numeric, shape, parameters, "
            "order, text, output, found 'guess'; correct it",
        ),
        (
            question("text", 'accepted = ["a"]', "tolerance = 1"),
            "FILE, line 10: question 'q': expected one of the keys id, points, pool, text, explanation, parameters, "
            "where, variants, wrong, kind, accepted, received the unknown key 'tolerance'; correct it",
        ),
        (question("text"), "FILE, line 4: question 'q': accepted: expected this key, found none; add it"),
        (
            question("single", 'options = [{ text = "x" }, { text = "y" }]'),
            "FILE, line 9: question 'q': expected exactly one option with right = true, found 0; correct it, or make "
            "the kind `multiple`",
        ),
        (
            question("single", 'options = [{ text = "x", right = true }, { text = "y", right = true }]'),
            "FILE, line 9: question 'q': expected exactly one option with right = true, found 2; correct it, or make "
            "the kind `multiple`",
        ),
        (
            question("multiple", 'options = [{ text = "x", right = true }, { text = "y", right = true }]'),
            "FILE, line 9: question 'q': expected some options with right = true and some without, found all of them; "
            "correct it",
        ),
        (
            question("single", 'options = [{ text = "x", right = true }, { text = "X!" }]'),
            "FILE, line 9: question 'q': expected options that differ, found 'x' twice; correct one",
        ),
        (
            question("shape"),
            "FILE, line 5: question 'q': expected `layers` (with `input`) or `answer`, found neither; leave one, and "
            "only one",
        ),
        (
            question("shape", "layers = [{ Flatten = {} }]"),
            "FILE, line 9: question 'q': expected `input`, the shape that goes into the layers, found none; add it",
        ),
        (
            question("text", 'accepted = ["?!"]'),
            "FILE, line 9: question 'q': expected letters or digits in every accepted answer, found '?!'; correct it",
        ),
        (
            question("text", 'accepted = ["a"]', 'pool = "p"'),
            "FILE, line 10: question 'q': expected a pool of [[pools]] (there is none), found 'p'; correct it or add "
            "the pool",
        ),
        (
            question("text", 'accepted = ["a"]').replace(HEAD, HEAD + '[[pools]]\nid = "p"\ndraw = 2\n')
            + 'pool = "p"\n',
            "FILE, line 5: pool 'p': expected at least as many questions as are drawn from it (2), found 1; add "
            "questions with this `pool`, or draw fewer",
        ),
        (
            question("text", 'accepted = ["a"]').replace(HEAD, HEAD + '[[pools]]\nid = "p"\ndraw = 1\n')
            + 'pool = "p"\npoints = 2\n',
            "FILE, line 14: question 'q': expected no points beside `pool`, whose questions are worth the same; set "
            "them in [[pools]]",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    assert refused(tmp_path, text) == sentence


def test_two_questions_of_one_name_are_refused(tmp_path: Path) -> None:
    one = question("text", 'accepted = ["a"]')
    message = refused(tmp_path, one + one.removeprefix(HEAD))
    assert message == (
        "FILE, line 13: question 'q': expected an id of its own, found one that an earlier question has; rename it"
    )


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            ("answer = 1", "parameters = { n = [1, 2] }"),
            "expected the parameter 'n' in what students see, as {{ n }}, found it nowhere; use it or remove it",
        ),
        (('answer = "m"', "parameters = { n = [1, 2] }"), "expected a parameter (n), found 'm'"),
        (('answer = "n +"', "parameters = { n = [1, 2] }"), "expected an arithmetic expression, found 'n +'"),
        (
            ("answer = 1", "parameters = { n = [1, 2] }", 'where = "n > 5"'),
            "expected values of the parameters that meet 'n > 5', found none; correct it",
        ),
    ],
)
def test_parameters_that_lead_nowhere_are_refused(tmp_path: Path, lines: tuple[str, ...], sentence: str) -> None:
    text = question("numeric", *lines)
    if "nowhere" not in sentence:
        text = text.replace('text = "T"', 'text = "{{ n }}?"')
    path = write_quiz(tmp_path, text)
    with pytest.raises(AuthoringError) as caught:
        assemble(path).answer_key({})
    assert str(caught.value).replace(str(path), "FILE") == f"FILE: question 'q': {sentence}"


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        ("{ dense = { units = 1 } }", "expected a Keras layer's class and a table of arguments, found 'dense'"),
        ("{ Dense = 3 }", "expected a Keras layer's class and a table of arguments, found 'Dense' = 3"),
        ("{ Dense = {}, Flatten = {} }", "expected one layer with its arguments"),
    ],
)
def test_a_layer_is_a_class_with_arguments(tmp_path: Path, layer: str, found: str) -> None:
    assert found in refused(tmp_path, question("parameters", "input = [3]", f"layers = [{layer}]"))
