"""`autograder marks --since`: what has become of the marks since an earlier record."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from autograder.course import Course
from tests.marks.classroom import AFTER, BETWEEN
from tests.test_cli import Command, run  # noqa: F401 - a fixture, shared


@pytest.fixture
def record(run: Command, course: Course, tmp_path: Path) -> Path:  # noqa: F811
    path = tmp_path / "marks.json"
    assert run("marks", "--course", str(course.root), "--at", AFTER, "--json", str(path))[0] == 0
    return path


def rows(out: str) -> list[list[str]]:
    lines = [line for line in out.splitlines() if line.startswith("│")]
    return [line.replace("│", " ").split() for line in lines]


def test_only_who_changed_is_shown_and_written(
    run: Command,  # noqa: F811
    course: Course,
    record: Path,
    tmp_path: Path,
) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_grade("why", "notebook", "layers", "ada").manual_score = 6
        gradebook.db.commit()
    table, book, again = tmp_path / "changed.csv", tmp_path / "changed.xlsx", tmp_path / "again.json"
    words = ("--csv", str(table), "--xlsx", str(book), "--json", str(again))
    code, out, err = run("marks", "--course", str(course.root), "--at", AFTER, "--since", str(record), *words)
    assert (code, err) == (0, "")
    # 32 of 40 points, half of the labs: 0.8 * 1/2 * 60 = 24 instead of 22.5.
    assert rows(out) == [
        ["ada", "course", "mark", "85.5", "B", "87.0", "B"],
        ["ada", "layers", "75", "%", "80", "%"],
    ]
    assert "1 student changed, 2 did not." in out
    with table.open(newline="", encoding="utf-8-sig") as file:
        assert [row["student"] for row in csv.DictReader(file)] == ["ada"]
    assert [row[0] for row in openpyxl.load_workbook(book)["Marks"].values] == ["student", "ada"]
    # The record has everybody, so that the next call can begin with it.
    code, out, _ = run("marks", "--course", str(course.root), "--at", AFTER, "--since", str(again))
    assert (code, rows(out)) == (0, [])
    assert "0 students changed, 3 did not." in out


def test_states_are_shown_where_there_was_no_score(run: Command, course: Course, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "between.json"
    run("marks", "--course", str(course.root), "--at", BETWEEN, "--json", str(path))
    _, out, _ = run("marks", "--course", str(course.root), "--at", AFTER, "--since", str(path))
    assert ["chen", "final", "pending", "47.5", "%"] in rows(out)
    assert ["bela", "final", "pending", "waiting"] in rows(out)


def test_who_has_gone_and_who_is_new_are_named(run: Command, course: Course, record: Path) -> None:  # noqa: F811
    with course.gradebook() as gradebook:
        gradebook.remove_student("chen")
    (course.root / "course" / "roster.csv").write_text("id\nada\nbela\ndora\n", encoding="utf-8")
    _, out, _ = run("marks", "--course", str(course.root), "--at", AFTER, "--since", str(record))
    assert "In the earlier record and no longer there: chen." in out
    assert ["dora", "course", "mark", "-", "0.0", "F"] in rows(out)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{}", "received something else; correct --since"),
        (b"\xff\xfe", "received something else; correct --since"),
        (b'{"schema_version": 1, "at": NaN}', "received something else; correct --since"),
        (None, "received No such file or directory; correct --since"),
    ],
)
def test_what_is_no_record_is_refused(
    run: Command,  # noqa: F811
    course: Course,
    tmp_path: Path,
    content: bytes | None,
    sentence: str,
) -> None:
    path = tmp_path / "earlier.json"
    if content is not None:
        path.write_bytes(content)
    code, out, err = run("marks", "--course", str(course.root), "--since", str(path))
    assert (code, out) == (2, "")
    assert err == f"expected a record of `autograder marks --json` at {path}, {sentence}\n"


def test_a_record_of_another_course_is_refused(run: Command, course: Course, record: Path) -> None:  # noqa: F811
    record.write_text(record.read_text(encoding="utf-8").replace('"networks"', '"images"', 1), encoding="utf-8")
    code, _, err = run("marks", "--course", str(course.root), "--since", str(record))
    assert code == 2
    assert err.startswith(f"expected a record of the course 'networks' at {record}, found 'images'; correct")
