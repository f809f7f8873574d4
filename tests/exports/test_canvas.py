"""`autograder export canvas`, run for real from sample gradebooks, and read back as Canvas reads it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.course import Course
from tests.exports.conftest import SAMPLES
from tests.exports.platforms import Account, import_into_canvas
from tests.marks.classroom import AFTER, BETWEEN
from tests.test_cli import Command

TITLES = {"4711": "Layers", "4712": "Images", "4713": "Words", "4714": "Final", "4700": "Homework 0"}


def accounts() -> list[Account]:
    """Canvas as the sample has it."""
    return [
        Account(101, "ada", "ada@example.org", "Lovelace, Ada", {"4713": "EX"}),
        Account(102, "bela", "bela@example.org", "Bartók, Béla", {"4711": "36", "4714": "25", "4700": "9"}),
        Account(103, "chen", "chen@example.org", "Jingrun, Chen", {"4711": "20", "4712": "N/A"}),
        Account(104, "nemo", "nemo@example.org", "Nemo, Captain"),
    ]


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


def test_canvas_has_our_marks_after_the_import_and_keeps_its_own_where_there_is_none(
    run: Command, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "import.csv"
    sample = str(SAMPLES / "canvas.csv")
    code, out, err = run("export", "canvas", str(path), "--from", sample, "--course", str(course.root), "--at", AFTER)
    assert (code, err) == (1, "")
    canvas = accounts()
    import_into_canvas(path.read_text(encoding="utf-8"), canvas, TITLES)
    assert {one.known_as: one.marks for one in canvas} == {
        # Full marks of Images are 100 in Canvas and 40 here; Canvas has Words excused, which nobody here has said.
        "ada": {"4711": "30", "4712": "100", "4713": "EX", "4714": "33"},
        # Images is excused; the exam waits for a person, so that Canvas keeps the 25 it has; Words was not handed in.
        "bela": {"4711": "36", "4712": "EX", "4713": "0", "4714": "25.00", "4700": "9"},
        # Images is not assigned to chen in Canvas.
        "chen": {"4711": "28", "4712": "N/A", "4713": "40", "4714": "19"},
        "nemo": {},
    }
    assert "Canvas has it excused, and exceptions.toml has not, and it is left so: words of ada." in out
    assert "Canvas has not assigned it, and it is left so: images of chen." in out
    assert "In Canvas' file, and not known here by id or e-mail: 'Nemo, Captain'; they get nothing" in out
    assert "In Canvas' file, and left alone: Homework 0 (4700)." in out
    assert "Without a mark here, and with one in Canvas, which stays as it is: final of bela (25.00)." in out
    assert "1 mark of these is a zero for work that was due and not handed in." in out
    assert "Student, Test" not in path.read_text(encoding="utf-8")


def test_the_columns_about_students_and_the_points_are_canvas_own(run: Command, course: Course, tmp_path: Path) -> None:
    path = tmp_path / "import.csv"
    sample = str(SAMPLES / "canvas.csv")
    run("export", "canvas", str(path), "--from", sample, "--course", str(course.root), "--at", AFTER)
    assert rows(path)[:3] == [
        [
            *("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
            *("Layers (4711)", "Images (4712)", "Words (4713)", "Final (4714)"),
        ],
        ["    Points Possible", "", "", "", "", "40.00", "100.00", "40.00", "40.00"],
        ["Bartók, Béla", "102", "bela", "bela@example.org", "Section 1", "36", "EX", "0", "25.00"],
    ]
    assert path.read_bytes().startswith(b'"Student"')


def test_what_is_not_due_yet_has_no_column_at_all(run: Command, course: Course, tmp_path: Path) -> None:
    path = tmp_path / "import.csv"
    sample = str(SAMPLES / "canvas.csv")
    run("export", "canvas", str(path), "--from", sample, "--course", str(course.root), "--at", BETWEEN)
    assert rows(path)[0][5:] == ["Layers (4711)", "Images (4712)", "Words (4713)"]


def test_semicolons_and_decimal_commas_are_read_as_canvas_writes_them(
    run: Command, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "import.csv"
    sample = str(SAMPLES / "canvas-semicolons.csv")
    run("export", "canvas", str(path), "--from", sample, "--course", str(course.root), "--at", AFTER)
    assert rows(path)[1:] == [
        ["    Points Possible", "", "", "", "", "40,00", "62,50", "40,00", "40,00"],
        ["Bartók, Béla", "102", "bela", "bela@example.org", "Section 1", "36", "EX", "0", "25,50"],
        ["Lovelace, Ada", "101", "ada", "ada@example.org", "Section 1", "30", "62.5", "14", "33"],
    ]


def test_first_and_last_names_may_stand_in_two_columns(run: Command, course: Course, tmp_path: Path) -> None:
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER, "--assignment", "layers")
    code, out, _ = run("export", "canvas", str(path), "--from", str(SAMPLES / "canvas-names.csv"), *words)
    assert (code, rows(path)[2]) == (1, ["Lovelace", "Ada", "101", "ada@example.org", "Section 1", "30"])
    assert "Here, and not in Canvas' file: bela, chen; nothing is exported for them." in out


def test_without_canvas_own_file_students_go_by_the_rosters_ids_and_nobody_has_an_empty_cell(
    run: Command, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "import.csv"
    code, out, _ = run("export", "canvas", str(path), "--course", str(course.root), "--at", AFTER)
    assert rows(path) == [
        [*("Student", "ID", "SIS User ID", "SIS Login ID", "Section"), *("Layers", "Images", "Words", "Final")],
        ["    Points Possible", "", "", "", "", "40", "40", "40", "40"],
        ["Ada Lovelace", "101", "ada", "ada@example.org", "", "30", "40", "14", "33"],
        ["Chen Jingrun", "103", "chen", "chen@example.org", "", "28", "12", "40", "19"],
    ]
    assert code == 1
    assert "Without a mark for final, and so not in the file: bela. Canvas takes an empty cell for no mark" in out
    canvas = accounts()
    import_into_canvas(path.read_text(encoding="utf-8"), canvas, TITLES)
    assert canvas[0].marks == {"4711": "30", "4712": "40", "4713": "14", "4714": "33"}


def test_final_course_marks_go_where_one_says_and_marks_so_far_nowhere(
    run: Command, course: Course, tmp_path: Path
) -> None:
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER, "--assignment", "layers", "--course-mark", "homework 0")
    run("export", "canvas", str(path), "--from", str(SAMPLES / "canvas.csv"), *words)
    # 85.5 and 70 percent of ten points; bela's mark is not final.
    assert {row[2]: row[6] for row in rows(path)[2:]} == {"ada": "8.55", "bela": "9.00", "chen": "7"}


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ("0.00", "'Layers (4711)' has no points in Canvas, where every mark would be a zero"),
        ("(read only)", "no column"),
    ],
)
def test_a_column_that_takes_no_marks_is_named(
    run: Command, course: Course, tmp_path: Path, points: str, sentence: str
) -> None:
    sample = tmp_path / "canvas.csv"
    text = (SAMPLES / "canvas.csv").read_text(encoding="utf-8")
    sample.write_text(text.replace(",40.00,100.00,", f",{points},100.00,"), encoding="utf-8")
    path = tmp_path / "import.csv"
    words = ("--course", str(course.root), "--at", AFTER)
    code, out, _ = run("export", "canvas", str(path), "--from", str(sample), *words)
    assert code == 1
    assert sentence in out
    assert "Layers" not in ",".join(rows(path)[0])


@pytest.mark.parametrize("title", ["Final Grade of labs", "Layers (2027)"])
def test_a_title_that_canvas_reads_as_something_else_is_refused(
    run: Command, course: Course, tmp_path: Path, title: str
) -> None:
    words = ("--course", str(course.root), "--at", AFTER, "--column", f"layers={title}")
    code, out, err = run("export", "canvas", str(tmp_path / "import.csv"), *words)
    assert (code, out) == (2, "")
    assert err.startswith(
        f"expected a title that Canvas reads as an assignment's, found {title!r}, which it takes for "
    )
