"""Who is who: by ids and addresses that agree, and nobody is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.roster_file import Enrolled
from autograder.errors import UsageError
from autograder.exports.canvas import read_canvas
from autograder.exports.gradebook_file import GradebookFile
from autograder.exports.matching import chosen_column, match_people
from autograder.exports.moodle import read_moodle
from tests.exports.conftest import SAMPLES

ADA = Enrolled("ada", lms_id="101", email="ada@example.org")
BELA = Enrolled("bela", lms_id="102", email="bela@example.org")


def canvas(tmp_path: Path, *lines: str) -> GradebookFile:
    path = tmp_path / "canvas.csv"
    path.write_text("\n".join(["Student,ID,SIS User ID,SIS Login ID,Section,Layers (1)", *lines, ""]), encoding="utf-8")
    return read_canvas(path)


@pytest.mark.parametrize(
    "line",
    [
        "Ada,101,,,,",  # Canvas' number, as the roster has it
        "Ada,7,ada,,,",
        "Ada,7,ADA,,,",
        "Ada,7, ada ,,,",
        "Ada,7,\u200bada,,,",
        "Ada,7,,Ada@Example.org,,",
        "Ada,101,ada,ada@example.org,,",
    ],
)
def test_a_student_is_known_by_number_id_or_address(tmp_path: Path, line: str) -> None:
    found = match_people(canvas(tmp_path, line), [ADA])
    assert (list(found.people), found.problems) == (["ada"], ())


def test_ids_that_disagree_match_nobody(tmp_path: Path) -> None:
    found = match_people(canvas(tmp_path, "Ada,101,bela,,,"), [ADA, BELA])
    assert found.people == {}
    assert found.problems == (
        "canvas.csv, line 2: expected one student, found that 'Ada' fits ada and bela; not exported: correct id, "
        "lms_id or email in course/roster.csv.",
    )


def test_two_rows_of_one_student_are_neither_written(tmp_path: Path) -> None:
    found = match_people(canvas(tmp_path, "Ada,101,,,,", "Ada L.,7,ada,,,"), [ADA])
    assert found.people == {}
    assert found.problems == (
        "canvas.csv: expected one row for ada, found lines 2 and 3; not exported: correct id, lms_id or email in "
        "course/roster.csv.",
    )


def test_an_address_of_two_students_is_nobodys_and_one_that_an_id_settles_is(tmp_path: Path) -> None:
    twin = Enrolled("adam", email="ada@example.org")
    found = match_people(canvas(tmp_path, "A,7,,ada@example.org,,"), [ADA, twin])
    assert found.people == {}
    assert "'A' fits ada and adam" in found.problems[0]
    assert list(match_people(canvas(tmp_path, "A,7,adam,ada@example.org,,"), [ADA, twin]).people) == ["adam"]


def test_ids_that_differ_in_capital_letters_only_are_two_students(tmp_path: Path) -> None:
    two = [Enrolled("ada"), Enrolled("Ada")]
    assert list(match_people(canvas(tmp_path, "A,7,ada,,,"), two).people) == ["ada"]
    assert match_people(canvas(tmp_path, "A,7,ADA,,,"), two).people == {}


def test_a_number_of_canvas_own_is_no_student_number(tmp_path: Path) -> None:
    numbered = [Enrolled("101"), Enrolled("555")]
    found = match_people(canvas(tmp_path, "Ada,101,777,,,", "Béla,102,555,,,"), numbered)
    assert list(found.people) == ["555"]
    # Where nobody is known otherwise, submissions came from Canvas under its numbers, and these are the ids.
    found = match_people(canvas(tmp_path, "Ada,101,777,,,", "Béla,102,888,,,"), numbered)
    assert list(found.people) == ["101"]


def test_names_match_nobody() -> None:
    found = match_people(read_moodle(SAMPLES / "moodle.csv"), [Enrolled("x", name="Béla Bartók")])
    assert found.people == {}


@pytest.mark.parametrize(
    ("heading", "found"),
    [("Layers (1)", "Layers (1)"), ("layers", "Layers (1)"), ("LAYERS", "Layers (1)"), ("Layers  (1)", "Layers (1)")],
)
def test_a_column_can_be_chosen_as_people_write_it(tmp_path: Path, heading: str, found: str) -> None:
    assert chosen_column(canvas(tmp_path), "layers", heading).header == found


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        chosen_column(canvas(tmp_path), "images", "Pictures")
    assert str(caught.value) == (
        "expected one column 'Pictures' for images in canvas.csv, found only 'Layers (1)'; correct it"
    )
