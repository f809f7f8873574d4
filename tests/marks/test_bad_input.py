"""Bad input to `autograder marks`: named in a sentence, never a traceback, and never a silent zero."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from autograder.course import Course
from tests.marks.classroom import AFTER
from tests.test_cli import Command, run  # noqa: F401 - a fixture, shared

ROSTER = "id,name,email\nada,Ada Lovelace,a@example.org\nbela,Béla Bartók,b@example.org\nchen,Chen,c@example.org\n"


def shown(run: Command, course: Course) -> tuple[int, str, str]:  # noqa: F811
    return run("marks", "--course", str(course.root), "--at", AFTER)


def roster(course: Course, content: bytes) -> Path:
    path = course.root / "course" / "roster.csv"
    path.write_bytes(content)
    return path


def damage(course: Course, statement: str) -> None:
    with course.gradebook() as gradebook:
        gradebook.db.execute(text(statement))
        gradebook.db.commit()


@pytest.mark.parametrize(
    "content",
    [
        ROSTER.encode("utf-8-sig"),
        ROSTER.encode("utf-16"),
        ROSTER.replace(",", ";").replace("\n", "\r\n").encode(),
        ROSTER.replace(",", "\t").encode(),
        ROSTER.replace("\n", "\r").encode(),
        ROSTER.replace("Ada Lovelace", '"Lovelace, Ada\n""the first"""').encode(),
        (ROSTER + "\n\r\n,,\n  \n").encode(),
        ROSTER.replace("id,name", " ID , Name").encode(),
        ROSTER.replace("ada,", " ada\u00a0,").encode(),
    ],
)
def test_a_roster_may_be_written_as_spreadsheets_write_it(
    run: Command,  # noqa: F811
    course: Course,
    content: bytes,
) -> None:
    roster(course, content)
    code, out, err = shown(run, course)
    assert (code, err) == (0, "")
    assert [line for line in out.splitlines() if "oster" in line] == []
    assert [line.split()[1] for line in out.splitlines() if line.startswith("│")] == ["ada", "bela", "chen"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (ROSTER.encode("latin-1"), "in UTF-8, found byte 0xe9 on line 3, which is none; save it again as"),
        (ROSTER.replace("Ada", "€").encode("cp1252"), "in UTF-8, found byte 0x80 on line 2, which is none; save it"),
        (
            ROSTER.encode("ascii", "ignore").decode().encode("utf-16-le"),
            "found a NUL on line 1: no text; save it again",
        ),
        (bytes(range(256)), "in UTF-8, found byte 0x80 on line 2"),
        (b"PK\x03\x04" + bytes(50), "found an Excel workbook or another zip file; save it again"),
        (b"", "found nothing in it; save or download it again"),
        (ROSTER.replace("id,", "Student ID,").encode(), "found 'Student ID', 'name', 'email'; rename the one that has"),
        (b"id,name,ID\nada,Ada,7\n", "expected one column `id`"),
        (
            ROSTER.replace("Ada L", '"Ada L').encode(),
            "found on line 2 what is none (unexpected end of data); correct it",
        ),
        (b"id,name\nada," + b"x" * 10_000_000, "found on line 2 what is none (field larger than field limit"),
    ],
)
def test_a_roster_that_cannot_be_read_is_refused_in_a_sentence(
    run: Command,  # noqa: F811
    course: Course,
    content: bytes,
    sentence: str,
) -> None:
    path = roster(course, content)
    code, out, err = shown(run, course)
    assert (code, out) == (2, "")
    assert sentence in err
    assert str(path) in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            ROSTER.replace("ada,", "a\u200bda,"),
            "roster.csv, line 2: expected an id, found 'a\\u200bda', which has characters that nobody sees or letters "
            "in parts; read as 'ada': write it again.",
        ),
        (
            ROSTER + "Ada,Again,\n",
            "roster.csv, line 5: expected ids that differ, found 'Ada' and, on line 2, 'ada', which differ in capital "
            "letters only; both have marks: leave the one that is the student's.",
        ),
        (
            ROSTER.replace("ada,", "A da,"),
            "Is 'A da' of the roster 'ada' of the gradebook? They differ in capital letters, spaces or signs only, and "
            "are two students until course/roster.csv has the gradebook's id.",
        ),
        (
            ROSTER.replace("b@example", "A@Example"),
            "roster.csv: expected each email once, found 'a@example.org' for ada, bela; nobody is known by it until it "
            "is one student's.",
        ),
        (
            ROSTER.replace("Ada Lovelace", "Lovelace, Ada"),
            "roster.csv, line 2: expected 3 cells, found 4; what is too much is passed over: a cell with a separator "
            "in it stands between quotation marks.",
        ),
        (ROSTER + ",x,\n" * 50_000, "roster.csv: 49980 more oddities as these; is it the roster?"),
    ],
)
def test_what_is_odd_in_a_roster_is_named_and_marks_are_shown(
    run: Command,  # noqa: F811
    course: Course,
    content: str,
    sentence: str,
) -> None:
    roster(course, content.encode())
    code, out, err = shown(run, course)
    assert (code, err) == (0, "")
    assert sentence in out.splitlines()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        # SQLite has no NaN and keeps nothing in its place, but any text where a number should be.
        ("UPDATE grade SET auto_score = 'nan' WHERE auto_score = 9", "expected a number, found nan and 0 of extra"),
        ("UPDATE grade SET auto_score = 9e999 WHERE auto_score = 9", "expected a number, found inf and 0 of extra"),
        ("UPDATE grade SET auto_score = 'nine' WHERE auto_score = 9", "expected a number, found nan and 0 of extra"),
        ("UPDATE grade SET auto_score = NULL WHERE auto_score = 9", "expected a score, found none (or one that is no"),
        ("UPDATE grade SET extra_credit = -9e999 WHERE auto_score = 9", "expected a number, found 9 and -inf of extra"),
    ],
)
def test_a_score_that_is_no_number_is_named_and_waits(
    run: Command,  # noqa: F811
    course: Course,
    statement: str,
    sentence: str,
) -> None:
    damage(course, statement)
    code, out, err = shown(run, course)
    assert (code, err) == (0, "")
    assert f"final of ada, cell second-tests: {sentence}" in out
    ada = next(line for line in out.splitlines() if line.startswith("│ ada"))
    assert ada.replace("│", " ").split()[1:3] == ["87.5", "-"]


@pytest.mark.parametrize("points", ["9e999", "-16", "'many'"])
def test_points_that_cannot_be_right_make_nobody_better_or_worse(
    run: Command,  # noqa: F811
    course: Course,
    points: str,
) -> None:
    damage(course, f"UPDATE grade_cells SET max_score = {points} WHERE max_score = 16")  # noqa: S608
    code, out, err = shown(run, course)
    assert (code, err) == (0, "")
    found = {"9e999": "inf", "-16": "-16", "'many'": "nan"}[points]
    assert (
        f"layers: expected points of 0 or more in the gradebook, found that first-tests has {found}; its scores wait "
        "until it is released again with points that can be right."
    ) in out.splitlines()
    ada = next(line for line in out.splitlines() if line.startswith("│ ada"))
    assert ada.replace("│", " ").split()[1:4] == ["-", "-", "-"]


def test_a_moment_that_is_none_is_told_in_a_sentence(run: Command, course: Course) -> None:  # noqa: F811
    damage(course, "UPDATE submitted_assignment SET timestamp = 'soon'")
    code, out, err = shown(run, course)
    assert (code, out) == (1, "")
    assert "received ValueError: Invalid isoformat string: 'soon'; correct that moment with a" in err


@pytest.mark.parametrize(
    "record", [b'{"status": "could_not_judge", "score": NaN}', b'\xff\xfe "could_not_judge"', b'{"notebooks": []']
)
def test_a_record_that_cannot_be_read_is_named(run: Command, course: Course, record: bytes) -> None:  # noqa: F811
    path = course.results / "ada" / "layers.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(record)
    code, out, err = shown(run, course)
    assert (code, err) == (0, "")
    assert "layers of ada: expected a result record of this version, found " in out
    assert "grade it again (`autograder grade layers --student ada --force`)." in out


@pytest.mark.parametrize(
    ("file", "before", "after", "sentence"),
    [
        ("course.toml", "weight = 60", "weight = nan", "weight: input should be a finite number, received nan"),
        (
            "course.toml",
            "percent_per_day = 10",
            "percent_per_day = inf",
            "input should be a finite number, received inf",
        ),
        ("course.toml", "at_least = 90", "at_least = nan", "at_least: input should be a finite number, received nan"),
        ("course.toml", "drop_lowest = 1", "drop_lowest = 1\ncap = inf", "cap: input should be a finite number"),
        ("exceptions.toml", 'reason = "moved house"', "reason = nan", "reason: input should be a valid string"),
        ("exceptions.toml", "due = 2027-02-09T12:00:00Z", "due = nan", "with its offset from UTC, as"),
    ],
)
def test_what_is_no_number_in_a_setting_is_refused_with_its_line(
    run: Command,  # noqa: F811
    course: Course,
    file: str,
    before: str,
    after: str,
    sentence: str,
) -> None:
    path = course.root / "course" / file
    content = path.read_text(encoding="utf-8")
    assert before in content
    path.write_text(content.replace(before, after, 1), encoding="utf-8")
    code, out, err = shown(run, course)
    assert (code, out) == (2, "")
    assert err.startswith(f"{path}, line ")
    assert sentence in err
    assert err.count("\n") == 1


def test_an_assignment_that_only_course_toml_knows_is_named_and_nobodys_zero(
    run: Command,  # noqa: F811
    course: Course,
) -> None:
    path = course.root / "course" / "course.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('id = "final"', 'id = "finals"'), encoding="utf-8")
    code, out, err = shown(run, course)
    assert (code, err) == (0, "")
    assert "Nobody has handed in finals, which was due on 2027-03-01 12:00 UTC: it counts for nobody until" in out
    assert "In the gradebook, and not in course.toml: final; they count nothing." in out
    assert "finals was to be released on 2027-03-01 08:00 UTC, and the gradebook does not know it; release it" in out
    ada = next(line for line in out.splitlines() if line.startswith("│ ada"))
    assert ada.replace("│", " ").split()[1:4] == ["87.5", "-", "87.5"]
