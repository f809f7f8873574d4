"""`autograder export moodle`, run for real from sample gradebooks, and read back as Moodle reads it."""

from __future__ import annotations

import csv
from pathlib import Path

from autograder.course import Course
from tests.exports.conftest import SAMPLES
from tests.exports.platforms import Account, import_into_moodle
from tests.marks.classroom import AFTER
from tests.test_cli import Command

ITEMS = {
    "Assignment: Layers (Real)": "layers",
    "Quiz: Images (Real)": "images",
    "Assignment: Words (Real)": "words",
    "Assignment: Final (Real)": "final",
}


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


def test_moodle_has_our_marks_after_the_import_and_keeps_its_own_where_there_is_none(
    run: Command, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER)
    code, out, err = run("export", "moodle", str(path), "--from", str(SAMPLES / "moodle.csv"), *words)
    assert (code, err) == (0, "")
    assert "There map from 'Email address' to 'useremail'" in out
    moodle = [
        Account(1, "ada", "Ada@example.org", "Ada Lovelace"),
        Account(2, "", "bela@example.org", "Béla Bartók", {"layers": "36.00", "final": "30.00"}),
        Account(3, "chen", "chen@example.org", "Chen Jingrun", {"layers": "20.00"}),
    ]
    import_into_moodle(path.read_text(encoding="utf-8"), moodle, "Email address", "useremail", ITEMS)
    assert [one.marks for one in moodle] == [
        {"layers": "30", "images": "40", "words": "14", "final": "33"},
        {"layers": "36", "words": "0", "final": "30.00"},  # images is excused, the exam waits
        {"layers": "28", "images": "12", "words": "40", "final": "19"},
    ]


def test_only_one_column_says_who_is_who_and_everybody_has_something_there(
    run: Command, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER)
    run("export", "moodle", str(path), "--from", str(SAMPLES / "moodle.csv"), *words)
    header, *people = rows(path)
    # bela has no ID number, and Moodle would give that row's marks to ada.
    assert header[:5] == ["First name", "Last name", "Institution", "Department", "Email address"]
    assert header[-1] == "Last downloaded from this course"
    assert [row[4] for row in people] == ["Ada@example.org", "bela@example.org", "chen@example.org"]
    assert {row[-1] for row in people} == {"1804982400"}
    assert not any("Feedback" in one or "Percentage" in one or "total" in one for one in header)


def test_a_moodle_in_another_language_is_read_by_what_its_columns_hold(
    run: Command, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER, "--percent")
    code, out, _ = run("export", "moodle", str(path), "--from", str(SAMPLES / "moodle-german.csv"), *words)
    assert code == 1  # Words and Final have no column, and chen no row
    header, *people = rows(path)
    assert header[3:] == [
        *("E-Mail-Adresse", "Aufgabe: Layers (Punkte)", "Test: Images (Punkte)"),
        "Zuletzt aus diesem Kurs geladen",
    ]
    assert [row[3:6] for row in people] == [["ada@example.org", "75", "100"], ["bela@example.org", "90", ""]]
    assert "In Moodle's file, and left alone: Kurs gesamt (Punkte)." in out


def test_any_column_can_be_said_to_tell_who_is_who(run: Command, course: Course, tmp_path: Path) -> None:
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER, "--match", "Matrikelnummer", "--assignment", "layers")
    _, out, _ = run("export", "moodle", str(path), "--from", str(SAMPLES / "moodle-german.csv"), *words)
    assert [row[2:4] for row in rows(path)] == [
        ["Matrikelnummer", "Aufgabe: Layers (Punkte)"],
        ["ada", "30"],
        ["bela", "36"],
    ]
    assert "There map from 'Matrikelnummer' to the field that it holds" in out


def test_without_moodles_own_file_students_go_by_the_courses_ids(run: Command, course: Course, tmp_path: Path) -> None:
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER, "--assignment", "layers", "--assignment", "words")
    code, out, _ = run("export", "moodle", str(path), *words)
    assert code == 0
    assert rows(path) == [
        ["ID number", "Layers", "Words"],
        ["ada", "30", "14"],
        ["bela", "36", "0"],
        ["chen", "28", "40"],
    ]
    assert "There map from 'ID number' to 'useridnumber'" in out


def test_marks_above_full_marks_are_named_because_moodle_cuts_them_off(
    run: Command, course: Course, tmp_path: Path
) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_grade("first-tests", "notebook", "images", "ada").extra_credit = 3
        gradebook.db.commit()
    words = ("--course", str(course.root), "--at", AFTER, "--assignment", "images")
    _, out, _ = run("export", "moodle", str(tmp_path / "import.csv"), *words)
    assert "Above full marks, which Moodle cuts off" in out
    assert "images of ada (42 of 40)." in out
