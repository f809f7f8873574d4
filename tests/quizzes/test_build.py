"""What a quiz makes of itself: nothing of the key in what students get, and drift is found without a sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.authoring import build, build_quizzes, read_lab
from autograder.authoring.leaks import scan_release
from autograder.checks import load_checks
from autograder.course import open_course
from autograder.errors import AuthoringError
from autograder.quizzes import is_quiz, quizzes_of
from autograder.quizzes.layers import model_source
from tests.quizzes.quizzes import EVERY_KIND, WITH_KERAS, course_with, lab_of, quiz_of, write_quiz


def test_students_get_texts_and_forms_and_nothing_else(tmp_path: Path) -> None:
    quiz = quiz_of(tmp_path, EVERY_KIND)
    questions = quiz.questions()
    assert set(questions) == {"quiz", "points", "slots", "texts"}
    assert all(set(one) == {"text", "form"} for one in questions["texts"].values())
    assert all(set(one["form"]) <= {"kind", "units", "whole", "options"} for one in questions["texts"].values())
    text = json.dumps(questions, ensure_ascii=False)
    for entry in quiz.answer_key({}).entries.values():
        assert entry.explanation not in text
    assert "light blue" not in text
    assert "tolerance" not in text


def test_a_quiz_becomes_a_lab_with_a_check_for_each_question(tmp_path: Path) -> None:
    course = course_with(tmp_path, EVERY_KIND)
    folder = lab_of(course).folder
    lab = read_lab(folder)
    assert is_quiz(folder)
    assert (lab.title, lab.max_points) == ("One of every kind", 17)
    assert [check.cell for check in load_checks(folder / "checks.py")] == [f"question-{n}" for n in range(1, 7)]
    assert all(check.personal and check.evidence == "measured" for check in load_checks(folder / "checks.py"))


def test_what_students_get_passes_the_leak_scan_and_a_key_among_it_does_not(tmp_path: Path) -> None:
    course = course_with(tmp_path, EVERY_KIND)
    folder = lab_of(course).folder
    lab = read_lab(folder)
    assert scan_release(folder / "files", lab) == []
    (folder / "files" / "notes.txt").write_text((folder / "data" / "quiz-key.json").read_text()[100:])
    assert scan_release(folder / "files", read_lab(folder))


def test_building_twice_changes_nothing_and_drift_is_found(tmp_path: Path) -> None:
    course = course_with(tmp_path, EVERY_KIND)  # nothing for Keras to compute
    (built,) = build_quizzes(course)
    assert {change.what for change in built.changes} == {"missing"}
    assert [one.changes for one in build_quizzes(course)] == [()]
    (notebook,) = build(["small"], tmp_path / "reference", tmp_path / "source")
    assert {change.what for change in notebook.changes} == {"missing"}
    lab = tmp_path / "reference" / "small" / "lab.py"
    lab.write_text(lab.read_text() + "\n# by hand\n")
    (checked,) = build_quizzes(course, check=True)
    assert [(change.path.name, change.what) for change in checked.changes] == [("lab.py", "different")]
    assert "by hand" in checked.changes[0].diff


def test_layers_that_nobody_has_computed_yet_are_drift_and_need_no_sandbox_to_see(tmp_path: Path) -> None:
    course = course_with(tmp_path, WITH_KERAS)
    (checked,) = build_quizzes(course, check=True)
    assert [(change.path.name, change.what) for change in checked.changes] == [("computed.json", "missing")]
    lab_of(course)
    assert build_quizzes(course, check=True)[0].changes == ()
    write_quiz(tmp_path, WITH_KERAS.replace("units = [3, 5]", "units = [3, 7]"))
    (checked,) = build_quizzes(course, check=True)
    assert [(change.path.name, change.what) for change in checked.changes] == [("computed.json", "different")]


def test_a_lab_whose_quiz_is_gone_is_stray(tmp_path: Path) -> None:
    course = course_with(tmp_path, EVERY_KIND)
    lab_of(course)
    (tmp_path / "course" / "quizzes" / "small.toml").unlink()
    (found,) = build_quizzes(open_course(tmp_path), check=True)
    assert [(change.path.name, change.what) for change in found.changes] == [("lab.py", "stray")]


def test_only_the_quizzes_that_are_named_are_built(tmp_path: Path) -> None:
    course = course_with(tmp_path, EVERY_KIND)
    write_quiz(tmp_path, EVERY_KIND, "other")
    assert [quiz.name for quiz in quizzes_of(course)] == ["other", "small"]
    assert [quiz.name for quiz in quizzes_of(course, ["small", "some_lab"])] == ["small"]


def test_a_quiz_does_not_take_the_place_of_a_lab(tmp_path: Path) -> None:
    (tmp_path / "reference" / "small").mkdir(parents=True)
    (tmp_path / "reference" / "small" / "lab.py").write_text("")
    with pytest.raises(AuthoringError, match=r"expected a name of its own, found the lab .*small; rename the quiz"):
        quizzes_of(course_with(tmp_path, EVERY_KIND))


def test_a_wrong_answer_that_would_earn_something_stops_the_build(tmp_path: Path) -> None:
    course = course_with(tmp_path, EVERY_KIND.replace('wrong = ["{{ part / 8 }}"', 'wrong = ["{{ 100 * part / 8 }}"'))
    with pytest.raises(AuthoringError) as caught:
        build_quizzes(course)
    assert "question 'share' (part = " in str(caught.value)
    assert "to earn nothing, it earns 100%; correct it" in str(caught.value)
    assert not (tmp_path / "reference").exists()


def test_layers_are_shown_as_keras_code() -> None:
    layers = [
        {"Conv2D": {"filters": 8, "kernel_size": [3, 1], "padding": "same", "use_bias": False}},
        {"Flatten": {}},
    ]
    assert model_source([28, 28, 1], layers) == (
        "model = keras.Sequential([\n"
        "    keras.Input((28, 28, 1)),\n"
        '    layers.Conv2D(filters=8, kernel_size=(3, 1), padding="same", use_bias=False),\n'
        "    layers.Flatten(),\n"
        "])"
    )
    assert model_source([5], [{"Bidirectional": {"layer": {"LSTM": {"units": 3}}}}]).splitlines()[2] == (
        "    layers.Bidirectional(layers.LSTM(units=3)),"
    )
    assert model_source([5, 4], [{"MultiHeadAttention": {"num_heads": 2, "key_dim": 2}}]).splitlines()[1] == (
        "x = layers.MultiHeadAttention(num_heads=2, key_dim=2)(x, x)"
    )
