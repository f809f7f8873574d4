"""`autograder marks`, run for real on a gradebook of nbgrader's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.marks import MarksReport
from tests.marks.classroom import AFTER, COURSE
from tests.test_cli import Command, run  # noqa: F401 - a fixture, shared

ADA = """\
As of 2027-03-10 00:00 UTC:
ada: 85.5 %, B
    Labs, weight 60 %: 87.5 % of it, which is 52.5 of the course mark
        Layers (layers): graded
            due 2027-02-07 12:00 UTC, handed in 1 day 1 h later, which is 2 days late; 1 day from the budget of late \
days; 1 day * 4 = 4 points taken off
            (34 - 4) / 40 = 30 / 40 = 0.75
            0.75 * 1/2 of the component * 60 = 22.5
        Images (images): graded
            40 / 40 points = 1
            1 * 1/2 of the component * 60 = 30
        Words (words): dropped (35 %): the lowest score does not count
            due 2027-02-21 12:00 UTC, handed in 10 min later, within the grace: it counts as in time
            14 / 40 points = 0.35
        together 22.5 + 30 = 52.5
    Exam, weight 40 %: 82.5 % of it, which is 33 of the course mark
        Final (final): graded
            33 / 40 points = 0.825
            0.825 * 1 of the component * 40 = 33
    course mark: 52.5 + 33 = 85.5 %, rounded 85.5 %, B (from 70 %)
"""
BELA = """\
As of 2027-03-10 00:00 UTC:
bela: 90.0 %, A so far
    Labs, weight 60 %: 90 % of it, which is 90 of the course mark
        only components of 60 % together count, so its weight is 60 / 60 * 100 = 100
        Layers (layers): graded
            36 / 40 points = 0.9
            0.9 * 1 of the component * 100 = 90
        Images (images): excused: ill, certificate of 12 February
        Words (words): dropped (missing): the lowest score does not count
    Exam, weight 40 %: nothing of it counts yet, and its weight goes to the other components for now
        Final (final): waiting: A person has to mark: why.
            30 of 40 points so far, 6 open
    course mark: 90 = 90 %, rounded 90.0 %, A (from 90 %)
    at least 60 * 0.9 + 40 * 0.75 = 84 %, with nothing for what is open
    at most 60 * 0.9 + 40 * 0.9 = 90 %, with full marks for what is open
"""
CHEN = """\
As of 2027-03-10 00:00 UTC:
chen: 70.0 %, B
    Labs, weight 60 %: 85 % of it, which is 51 of the course mark
        Layers (layers): graded
            extension to 2027-02-09 12:00 UTC: moved house; handed in on 2027-02-09 12:00 UTC
            28 / 40 points = 0.7
            0.7 * 1/2 of the component * 60 = 21
        Images (images): dropped (30 %): the lowest score does not count
            due 2027-02-14 12:00 UTC, handed in 3 days later, which is 3 days late; 1 day from the budget of late \
days; 2 days * 4 = 8 points taken off
            nbgrader's own late penalty of 8 points is not counted: course.toml decides
            (20 - 8) / 40 = 12 / 40 = 0.3
        Words (words): graded
            40 / 40 points = 1
            1 * 1/2 of the component * 60 = 30
        together 21 + 30 = 51
    Exam, weight 40 %: 47.5 % of it, which is 19 of the course mark
        Final (final): graded
            19 / 40 points = 0.475
            0.475 * 1 of the component * 40 = 19
    course mark: 51 + 19 = 70 %, rounded 70.0 %, B (from 70 %)
"""


@pytest.mark.parametrize(("student", "expected"), [("ada", ADA), ("bela", BELA), ("chen", CHEN)])
def test_a_mark_is_explained_line_by_line(run: Command, course: Course, student: str, expected: str) -> None:  # noqa: F811
    code, out, err = run("marks", "--course", str(course.root), "--at", AFTER, "--explain", student)
    assert (code, err) == (0, "")
    assert out.replace("\N{MULTIPLICATION SIGN}", "*") == expected


def test_an_assignment_that_counts_more_says_its_share(run: Command, course: Course) -> None:  # noqa: F811
    path = course.root / "course" / "course.toml"
    toml = path.read_text(encoding="utf-8").replace("drop_lowest = 1\n", "")
    path.write_text(toml.replace('id = "images"\n', 'id = "images"\nweight = 2\n'), encoding="utf-8")
    code, out, err = run("marks", "--course", str(course.root), "--at", AFTER, "--explain", "chen")
    assert (code, err) == (0, "")
    said = [line.strip() for line in out.replace("\N{MULTIPLICATION SIGN}", "*").splitlines()]
    for line in ("0.7 * 1/4 of the component * 60 = 10.5", "0.3 * 1/2 of the component * 60 = 9"):
        assert line in said
    assert "together 10.5 + 9 + 15 = 34.5" in said


def test_the_table_has_components_marks_and_what_waits(
    run: Command,  # noqa: F811
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    (course.root / "course" / "roster.csv").write_text("id\nada\nbela\nchen\nada\n")
    code, out, err = run("marks", "--course", str(course.root), "--at", AFTER)
    assert (code, err) == (0, "")
    rows = {line.split()[1]: line.replace("│", " ").split() for line in out.splitlines() if line.startswith("│")}
    assert rows["ada"] == ["ada", "87.5", "82.5", "85.5", "B", "final"]
    assert rows["bela"] == ["bela", "90.0", "-", "90.0", "A", "84.0", "to", "90.0", "final"]
    assert "roster.csv, line 5: expected each id once, found 'ada' again" in out


def test_the_record_can_be_read_back_and_adds_up(run: Command, course: Course, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "marks.json"
    assert run("marks", "--course", str(course.root), "--at", AFTER, "--json", str(path))[0] == 0
    report = MarksReport.model_validate_json(path.read_text(encoding="utf-8"))
    assert (report.course, report.at) == ("networks", "2027-03-10T00:00:00+00:00")
    for student in report.students:
        parts = [one.contribution for component in student.components for one in component.assignments]
        assert sum(parts) == pytest.approx(student.total)
        assert student.derivation.value == student.total
    ada = json.loads(path.read_text(encoding="utf-8"))["students"][0]
    assert (ada["name"], ada["rounded"], ada["letter"], ada["final"]) == ("Ada Lovelace", "85.5", "B", True)
    assert ada["components"][0]["assignments"][0]["deduction"] == 4.0


def test_no_text_of_the_csv_file_is_a_formula(run: Command, course: Course, tmp_path: Path) -> None:  # noqa: F811
    evil = '=HYPERLINK("https://example.org";"marks")'
    roster = course.root / "course" / "roster.csv"
    roster.write_text('id,name\nada,"{}"\nbela,-1+1\nchen,@SUM(A1)\n'.format(evil.replace('"', '""')), encoding="utf-8")
    path = tmp_path / "marks.csv"
    assert run("marks", "--course", str(course.root), "--at", AFTER, "--csv", str(path))[0] == 0
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"][0] for row in rows] == ["'", "'", "'"]
    first = {name: rows[0][name] for name in ("mark", "letter", "labs", "layers", "words", "waits")}
    assert first == {"mark": "85.5", "letter": "B", "labs": "87.5", "layers": "75.0", "words": "35.0", "waits": ""}
    assert rows[1]["waits"] == "final"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--explain", "adda"), "expected a student of the course, received 'adda'; did you mean 'ada'?"),
        (("--at", "2027-03-10T00:00:00"), "expected a moment with its offset from UTC, such as"),
        (("--at", "soon"), "expected a moment such as 2026-09-07T23:59:00+02:00, received 'soon'; correct it"),
    ],
)
def test_wrong_usage_is_said_in_a_sentence(
    run: Command,  # noqa: F811
    course: Course,
    words: tuple[str, ...],
    sentence: str,
) -> None:
    code, out, err = run("marks", "--course", str(course.root), *words)
    assert (code, out) == (2, "")
    assert err.startswith(sentence)


@pytest.mark.parametrize(
    ("toml", "lacking"),
    [("", "[[components]] and no [[assignments]]"), ('id = "plain"\n', "[[components]] and no [[assignments]]")],
)
def test_a_course_without_a_marking_scheme_is_told_what_is_missing(
    run: Command,  # noqa: F811
    tmp_path: Path,
    toml: str,
    lacking: str,
) -> None:
    (tmp_path / "course.toml").write_text(toml)
    code, out, err = run("marks", "--course", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == (
        f"expected [[components]] and [[assignments]] in {tmp_path}/course.toml, of which marks are made, found no "
        f"{lacking}; add them as docs/marks.md shows\n"
    )


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(run: Command, course: Course, tmp_path: Path) -> None:  # noqa: F811
    code, _, err = run("marks", "--course", str(course.root), "--at", AFTER, "--csv", str(tmp_path))
    assert code == 1
    assert err.startswith(f"expected to write the marks {tmp_path}, received ")
    assert err.endswith("; free space or permit it, then run the same command again\n")


def test_mistakes_in_course_toml_are_told_a_line_each(run: Command, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "course.toml").write_text(COURSE.replace("weight = 40", "weight = 30").replace("= 90", "= 60"))
    code, _, err = run("marks", "--course", str(tmp_path))
    assert code == 2
    assert len(err.splitlines()) == 2
