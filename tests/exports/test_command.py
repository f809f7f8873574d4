"""`autograder export`: exporting again, wrong usage, and files that cannot be what they should be."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.course import Course
from tests.exports.conftest import SAMPLES
from tests.marks.classroom import AFTER
from tests.test_cli import Command

CANVAS = str(SAMPLES / "canvas.csv")


def give(course: Course, student: str, assignment: str, points: float | None) -> None:
    """Give a student those points for the first cell of an assignment; None takes the mark back."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("first-tests", "notebook", assignment, student)
        grade.manual_score, grade.needs_manual_grade = points, points is None
        gradebook.db.commit()


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


@pytest.mark.parametrize(("platform", "sample"), [("canvas", "canvas.csv"), ("moodle", "moodle.csv")])
def test_exporting_again_gives_only_what_changed(
    run: Command, course: Course, tmp_path: Path, platform: str, sample: str
) -> None:
    words = ("--from", str(SAMPLES / sample), "--course", str(course.root), "--at", AFTER)
    first, second, third = tmp_path / "first.csv", tmp_path / "second.csv", tmp_path / "third.csv"
    run("export", platform, str(first), *words)
    give(course, "ada", "layers", 15)
    _, out, err = run("export", platform, str(second), *words, "--since", str(first))
    assert err == ""
    changed = next(line for line in out.splitlines() if line.startswith("│ ada"))
    assert changed.replace("│", " ").split() == ["ada", "layers", "30", "29"]
    assert "1 student changed, 2 did not." in out
    assert [row[-2 if platform == "moodle" else -1] for row in rows(second)][-1] == "29"
    assert len(rows(second)) == (3 if platform == "canvas" else 2)
    # The second file has one student; what it does not have is looked up in the first.
    give(course, "chen", "layers", 16)
    _, out, _ = run("export", platform, str(third), *words, "--since", str(first), "--since", str(second))
    assert "1 student changed, 2 did not." in out
    assert [row for row in rows(third) if "29" in row] == []


def test_where_nothing_changed_no_file_is_written(run: Command, course: Course, tmp_path: Path) -> None:
    words = ("--course", str(course.root), "--at", AFTER, "--assignment", "layers")
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    run("export", "moodle", str(first), *words)
    code, out, _ = run("export", "moodle", str(second), *words, "--since", str(first))
    assert (code, second.exists()) == (0, False)
    assert "0 students changed, 3 did not." in out
    assert f"Nothing to export, and {second} is not written." in out


def test_a_mark_that_is_taken_back_is_named_and_never_a_zero(run: Command, course: Course, tmp_path: Path) -> None:
    words = ("--from", CANVAS, "--course", str(course.root), "--at", AFTER)
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    run("export", "canvas", str(first), *words)
    give(course, "chen", "layers", None)
    with course.gradebook() as gradebook:
        gradebook.find_grade("first-tests", "notebook", "layers", "chen").auto_score = None
        gradebook.db.commit()
    give(course, "chen", "final", 9)
    _, out, _ = run("export", "canvas", str(second), *words, "--since", str(first))
    assert "Had a mark then and have none now, and are left as they are:" in out
    assert "layers of chen (28)" in out
    assert rows(second)[0][5:] == ["Final (4714)"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--column", "layers"), "expected --column ASSIGNMENT=HEADING, received 'layers'; correct it"),
        (
            ("--column", "x=Layers"),
            "expected an assignment of course.toml (layers, images, words, final), received 'x'",
        ),
        (
            ("--column", "layers=Pictures"),
            "expected one column 'Pictures' for layers in canvas.csv, found only 'Notes'",
        ),
        (
            ("--column", "images=Layers"),
            "expected a column for each assignment, found 'Layers (4711)' for layers and im",
        ),
        (("--assignment", "layer"), "expected an assignment of course.toml (layers, images, words, final), received"),
        (("--course-mark", "Total"), "expected one column 'Total' for the course mark in canvas.csv, found only "),
        (
            ("--course-mark", "Layers"),
            "expected a column of its own for the course mark, found 'Layers (4711)', which is",
        ),
        (("--match", "ID"), "expected --match with moodle only, received it with canvas; leave it out"),
        (("--since", "nowhere.csv"), "expected Canvas' gradebook (CSV, UTF-8) at nowhere.csv, received No such file"),
        (("--since", str(SAMPLES / "moodle.csv")), "expected Canvas' gradebook at "),
    ],
)
def test_wrong_usage_is_said_in_a_sentence(
    run: Command, course: Course, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    path = tmp_path / "import.csv"
    code, out, err = run("export", "canvas", str(path), "--from", CANVAS, "--course", str(course.root), *words)
    assert (code, out, path.exists()) == (2, "", False)
    assert err.startswith(sentence)


def test_the_file_that_is_read_is_not_written_over(run: Command, course: Course, tmp_path: Path) -> None:
    path = tmp_path / "canvas.csv"
    path.write_bytes((SAMPLES / "canvas.csv").read_bytes())
    code, _, err = run("export", "canvas", str(path), "--from", str(path), "--course", str(course.root))
    assert (code, err) == (2, f"expected another file to write than {path}, which is read; choose a new name\n")
    assert path.read_bytes() == (SAMPLES / "canvas.csv").read_bytes()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "found nothing in it; save or download it again"),
        (b"\n\r\n  \n", "found nothing in it; save or download it again"),
        (b"PK\x03\x04rest", 'found an Excel workbook or another zip file; save it again as "CSV UTF-8"'),
        (b"\x00\x01\x02\xff", "in UTF-8, found byte 0xff on line 1"),
        (b"Student,ID\0", "found a NUL on line 1: no text"),
        ("Student,ID,Section\nBartók,1,".encode("cp1252"), "in UTF-8, found byte 0xf3 on line 2"),
        (b'Student,ID,Section,L\n"Ada,1,S,\n', "found on line 2 what is none (unexpected end of data)"),
        (
            b"id,name\nada,Ada\n",
            "with the columns Student, ID and Section, found 'id', 'name'; download it from Canvas",
        ),
        (b"Student,ID,ID,Section\nAda,1,2,S\n", "expected one column `ID`"),
    ],
)
def test_a_file_that_is_no_gradebook_is_refused_in_a_sentence(
    run: Command, course: Course, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "canvas.csv"
    path.write_bytes(content)
    code, out, err = run("export", "canvas", str(tmp_path / "x"), "--from", str(path), "--course", str(course.root))
    assert (code, out) == (2, "")
    assert sentence in err
    assert str(path) in err
    assert err.count("\n") == 1


def test_utf_16_with_its_mark_is_read(run: Command, course: Course, tmp_path: Path) -> None:
    path, made = tmp_path / "canvas.csv", tmp_path / "import.csv"
    path.write_text((SAMPLES / "canvas.csv").read_text(encoding="utf-8"), encoding="utf-16")
    run("export", "canvas", str(made), "--from", str(path), "--course", str(course.root), "--at", AFTER)
    assert rows(made)[2][:2] == ["Bartók, Béla", "102"]


def test_without_a_roster_the_gradebooks_addresses_say_who_is_who(run: Command, course: Course, tmp_path: Path) -> None:
    (course.root / "course" / "roster.csv").unlink()
    with course.gradebook() as gradebook:
        for student in ("ada", "bela", "chen"):
            gradebook.update_or_create_student(student, email=f"{student}@example.org")
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER, "--assignment", "layers")
    code, _, err = run("export", "moodle", str(path), "--from", str(SAMPLES / "moodle.csv"), *words)
    assert (code, err) == (0, "")
    assert [row[4] for row in rows(path)[1:]] == ["Ada@example.org", "bela@example.org", "chen@example.org"]


def test_a_name_of_the_platforms_moves_no_terminal(run: Command, course: Course, tmp_path: Path) -> None:
    sample = tmp_path / "canvas.csv"
    text = (SAMPLES / "canvas.csv").read_text(encoding="utf-8")
    sample.write_text(
        text.replace("Nemo, Captain", "\x1b[2JNemo\x07").replace("Homework 0", "\x1b[31m"), encoding="utf-8"
    )
    words = ("--course", str(course.root), "--at", AFTER)
    _, out, _ = run("export", "canvas", str(tmp_path / "import.csv"), "--from", str(sample), *words)
    assert "Nemo" in out
    assert not {"\x1b", "\x07"} & set(out)


@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_a_class_without_any_mark_yet_gets_no_file(run: Command, course: Course, tmp_path: Path, platform: str) -> None:
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", "2027-02-02T00:00:00Z", "--assignment", "layers")
    code, out, err = run("export", platform, str(path), *words)
    assert (code, err, path.exists()) == (1, "", False)
    assert f"Nothing to export, and {path} is not written." in out
