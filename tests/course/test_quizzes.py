"""What holds for every quiz of the course, and what Keras says of their answers today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.authoring import build_quizzes, read_lab
from autograder.course import open_course
from autograder.errors import SandboxUnavailable
from autograder.quizzes import Quiz, assemble, judge, problems_of, quiz_files, read_key, right_answers, wrong_answers
from autograder.quizzes.build import known_results
from autograder.quizzes.compute import compute
from autograder.quizzes.given.drawing import draw, open_root
from autograder.quizzes.records import KINDS

ROOT = Path(__file__).parents[2]
QUIZZES = [assemble(path) for path in quiz_files(ROOT).values()]
WORDS_OF_AN_EXPLANATION = 25
EXAM = "exam_theory"

each_quiz = pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.name)


def folder(quiz: Quiz) -> Path:
    return ROOT / "reference" / quiz.name


def test_there_is_a_quiz_for_every_one_that_the_course_announces() -> None:
    settings = open_course(ROOT).settings
    announced = {one.id: one for one in settings.assignments if one.kind == "quiz" or one.id == EXAM}
    assert {quiz.name for quiz in QUIZZES} == set(announced)
    assert all(one.released is not None for one in announced.values())


@each_quiz
def test_each_student_gets_ten_questions_worth_twenty_points_and_twenty_worth_sixty_in_the_exam(quiz: Quiz) -> None:
    number, points = (20, 60) if quiz.name == EXAM else (10, 20)
    assert len(quiz.points) == number
    assert sum(quiz.points) == points
    assert read_lab(folder(quiz)).max_points == points


@each_quiz
def test_the_kinds_are_mixed(quiz: Quiz) -> None:
    kinds = [question.kind for question in quiz.file.questions]
    assert set(kinds) == set(KINDS)
    assert sum(bool(question.parameters) for question in quiz.file.questions) >= 3
    assert sum(kind in ("parameters", "shape") for kind in kinds) >= 2
    assert quiz.file.pools


@each_quiz
def test_every_explanation_teaches(quiz: Quiz) -> None:
    for question in quiz.file.questions:
        assert len(question.explanation.split()) >= WORDS_OF_AN_EXPLANATION, question.id


@each_quiz
def test_the_names_of_wrong_answers_are_many(quiz: Quiz) -> None:
    for question in quiz.file.questions:
        if question.kind in ("numeric", "shape", "parameters", "text", "output"):
            assert len(question.wrong) >= 2, question.id


@each_quiz
def test_of_every_variant_the_right_answer_earns_everything_and_wrong_and_empty_ones_nothing(quiz: Quiz) -> None:
    key = read_key(folder(quiz) / "data" / "quiz-key.json")
    assert set(key.entries) == set(quiz.keyed)
    for entry in key.entries.values():
        assert list(problems_of(entry)) == []
        assert {judge(entry, answer).fraction for answer in right_answers(entry)} == {1.0}
        assert {judge(entry, answer).fraction for answer in wrong_answers(entry)} == {0.0}


@each_quiz
def test_nothing_of_the_key_is_in_what_students_get(quiz: Quiz) -> None:
    text = (ROOT / "source_assignments" / quiz.name / "questions.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(quiz.questions()))
    key = read_key(folder(quiz) / "data" / "quiz-key.json")
    for entry in key.entries.values():
        for sentence in entry.explanation.replace("\n", " ").split(". "):
            assert len(sentence) < 20 or json.dumps(sentence, ensure_ascii=False)[1:-1] not in text


@each_quiz
def test_students_get_different_quizzes(quiz: Quiz) -> None:
    drawn = {tuple(draw(open_root(quiz.name, f"student-{number}"), quiz.slots)) for number in range(200)}
    assert len(drawn) >= 199


def test_the_labs_are_what_the_quizzes_make_of_themselves() -> None:
    assert {one.lab: one.changes for one in build_quizzes(open_course(ROOT), check=True)} == {
        quiz.name: () for quiz in QUIZZES
    }


def test_keras_computes_the_same_answers_today() -> None:
    jobs = {digest: job for quiz in QUIZZES for digest, job in quiz.jobs.items()}
    kept = {digest: one for quiz in QUIZZES for digest, one in known_results(folder(quiz)).items()}
    try:
        computed = compute(open_course(ROOT), jobs)
    except SandboxUnavailable as error:
        pytest.skip(f"no sandbox here: {error}")
    assert computed == kept
