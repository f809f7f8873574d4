"""Variants follow from the seed, and whose they are from the id: the same every time, and fairly."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import open_course
from autograder.errors import UsageError
from autograder.quizzes import Drawing, write_table
from autograder.quizzes.given.drawing import draw, entry, open_root, ticket
from tests.quizzes.quizzes import EVERY_KIND, course_with, lab_of, quiz_of

SLOTS = [
    {"pool": None, "questions": [["1a", "1b", "1c", "1d"]]},
    *[{"pool": "pool 1", "questions": [["2a", "2b"], ["3a"], ["4a"]]}] * 2,
]


def test_the_same_file_draws_the_same_variants_and_another_seed_others(tmp_path: Path) -> None:
    first = quiz_of(tmp_path, EVERY_KIND)
    again = quiz_of(tmp_path, EVERY_KIND)
    other = quiz_of(tmp_path, EVERY_KIND.replace("seed = 1", "seed = 5"))
    assert first.questions() == again.questions()
    assert first.questions() != other.questions()


def test_no_two_variants_of_a_question_are_the_same(tmp_path: Path) -> None:
    for variants in quiz_of(tmp_path, EVERY_KIND).variants:
        texts = [variant.text for variant in variants]
        assert len(set(texts)) == len(texts)


def test_a_pool_gives_different_questions(tmp_path: Path) -> None:
    quiz = quiz_of(tmp_path, EVERY_KIND)
    assert quiz.points == (2.0, 4.0, 1.0, 4.0, 3.0, 3.0)
    for number in range(50):
        keys = draw(open_root("small", f"s{number}"), quiz.slots)
        assert len({key[:-1] for key in keys}) == len(keys) == 6


def test_draws_are_fair_and_for_ever() -> None:
    assert draw(open_root("quiz", "ada"), SLOTS) == draw(open_root("quiz", " Ada "), SLOTS)
    counts = Counter(key for number in range(4000) for key in draw(open_root("quiz", f"s{number}"), SLOTS))
    for key in ("1a", "1b", "1c", "1d"):
        assert 850 < counts[key] < 1150
    for question in "234":  # two of three
        assert 2450 < sum(count for key, count in counts.items() if key[0] == question) < 2880
    # what students have been shown must never change: these are facts now
    assert draw(open_root("quiz", "ada"), SLOTS) == ["1b", "4a", "2a"]
    assert entry("00ff", "ada") == "1bb63303ede120373d5305b600830ba0"


def test_an_id_counts_without_case_and_blanks() -> None:
    assert ticket("  Ada\tL ") == "ada l"


def released(tmp_path: Path) -> tuple[Path, Path]:
    course = course_with(tmp_path, EVERY_KIND)
    lab = lab_of(course).folder
    release = tmp_path / "release" / "small"
    release.mkdir(parents=True)
    write_table(open_course(tmp_path), lab, tmp_path / "nowhere", release)
    return lab, release


def test_who_is_on_the_roster_is_listed_and_nobody_is_named(tmp_path: Path) -> None:
    lab, release = released(tmp_path)
    text = (release / "students.json").read_text()
    table = json.loads(text)
    assert len(table["students"]) == 2
    assert '"ada"' not in text
    drawing = Drawing(open_course(tmp_path), lab)
    assert list(drawing("Ada ")) == table["students"][entry(table["salt"], "ada")]
    assert list(drawing("dora")) == draw(open_root("small", "dora"), drawing.key.slots)


def test_a_second_release_changes_nobodys_questions(tmp_path: Path) -> None:
    lab, release = released(tmp_path)
    course = open_course(tmp_path)
    before = {student: Drawing(course, lab)(student) for student in ("ada", "bela", "chen")}
    (tmp_path / "course" / "roster.csv").write_text("id,name\nada,Ada\nchen,Chen\n")
    write_table(course, lab, release, release)
    assert {student: Drawing(course, lab)(student) for student in before} == before


def test_what_is_listed_follows_from_the_courses_secret(tmp_path: Path) -> None:
    lab, release = released(tmp_path)
    first = (release / "students.json").read_text()
    write_table(open_course(tmp_path), lab, tmp_path / "nowhere", release)
    assert (release / "students.json").read_text() == first
    (tmp_path / ".autograder-secret").unlink()
    write_table(open_course(tmp_path), lab, tmp_path / "nowhere", release)
    assert (release / "students.json").read_text() != first


def test_without_a_release_nobody_knows_whose_questions_are_whose(tmp_path: Path) -> None:
    lab = lab_of(course_with(tmp_path, EVERY_KIND)).folder
    with pytest.raises(UsageError, match=r"expected the released quiz in .*release/small.*run `autograder release"):
        Drawing(open_course(tmp_path), lab)


def test_a_table_of_other_questions_is_refused(tmp_path: Path) -> None:
    lab, release = released(tmp_path)
    path = release / "students.json"
    path.write_text(path.read_text().replace('"fits": "', '"fits": "0'))
    with pytest.raises(UsageError, match=r"expected .*students\.json to fit the quiz small, found one of other"):
        Drawing(open_course(tmp_path), lab)
    path.write_text("{}")
    with pytest.raises(UsageError, match=r"expected the table of a quiz in .*release the quiz again"):
        Drawing(open_course(tmp_path), lab)


def test_the_notebook_finds_the_same_questions_as_the_grader(tmp_path: Path) -> None:
    lab, release = released(tmp_path)
    for path in (lab / "files").rglob("*"):
        if path.is_file():
            target = release / path.relative_to(lab / "files")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    drawing = Drawing(open_course(tmp_path), lab)
    texts = json.loads((release / "questions.json").read_text())["texts"]
    # where students work there is neither this package nor anything else but Python
    code = "from quiz import Sheet; print(json.dumps([one['text'] for one in Sheet.open(sys.argv[1]).questions]))"
    for student in ("ada", "bela", "dora", "EVE"):
        run = subprocess.run(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                f"import json, sys; sys.path.insert(0, {str(release)!r}); {code}",
                student,
            ],
            check=True,
            capture_output=True,
            text=True,
        )
        assert json.loads(run.stdout) == [texts[key]["text"] for key in drawing(student)]


def test_a_table_fits_the_quiz_as_long_as_its_keys_name_the_same_questions(tmp_path: Path) -> None:
    fits = quiz_of(tmp_path, EVERY_KIND).fits
    corrected = EVERY_KIND.replace("The colour of the sky?", "What colour has the sky?")
    assert quiz_of(tmp_path, corrected).fits == fits
    renamed = EVERY_KIND.replace('id = "one"', 'id = "other"')
    assert quiz_of(tmp_path, renamed).fits != fits
    assert quiz_of(tmp_path, EVERY_KIND.replace("part = [1, 2, 3]", "part = [1, 2, 5]")).fits != fits


def test_a_course_without_a_roster_lists_nobody(tmp_path: Path) -> None:
    course = replace(course_with(tmp_path, EVERY_KIND))
    (tmp_path / "course" / "roster.csv").unlink()
    lab = lab_of(course).folder
    write_table(course, lab, tmp_path / "nowhere", tmp_path)
    assert json.loads((tmp_path / "students.json").read_text())["students"] == {}
