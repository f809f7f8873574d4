"""`autograder report`, run for real on a class of thirty with a gradebook and result records."""

from __future__ import annotations

import shutil
import sqlite3
import warnings
from pathlib import Path

import pytest
from sqlalchemy.exc import SAWarning

from autograder.course import Course, open_course
from autograder.errors import UsageError
from autograder.grading.store import Store
from autograder.marks import class_marks
from autograder.reports import write_class_pages
from tests.marks.classroom import AFTER, COURSE
from tests.test_cli import Command, run  # noqa: F401 - a fixture, shared

from .class_of_thirty import AFTER as MOMENT
from .class_of_thirty import MISSING, ODD, STUDENTS, make, record
from .markup import Page, assert_inert


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("thirty") / "networks"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own add_submission, with SQLAlchemy 2
        make(root)
    return root


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Course:
    """Return a course of thirty students."""
    root = tmp_path / "networks"
    shutil.copytree(made, root)
    return open_course(root)


def reported(run: Command, course: Course, *words: str) -> tuple[int, str, str]:  # noqa: F811
    return run("report", "--course", str(course.root), "--at", AFTER, *words)


def read(course: Course, name: str) -> Page:
    return assert_inert((course.root / "reports" / name).read_text(encoding="utf-8"))


def test_a_class_has_a_page_and_everybody_a_transcript(run: Command, course: Course) -> None:  # noqa: F811
    code, out, err = reported(run, course)
    reports = course.root / "reports"
    assert (code, err) == (0, "")
    assert out == f"The class: {reports}/class.html\nTranscripts: 30 in {reports}/transcripts\n"
    assert sorted(path.relative_to(reports).as_posix() for path in reports.rglob("*") if path.is_file()) == sorted(
        ["class.html", *(f"transcripts/{student}.html" for student in STUDENTS)]
    )


def test_no_transcript_holds_another_student(run: Command, course: Course) -> None:  # noqa: F811
    reported(run, course)
    for student in STUDENTS:
        text = read(course, f"transcripts/{student}.html").text
        assert f"Name of {student}" in text
        assert not [other for other in STUDENTS if other != student and other in text]


def test_a_transcript_says_what_each_lost_mark_was_for(run: Command, course: Course) -> None:  # noqa: F811
    reported(run, course)
    text = read(course, "transcripts/s06.html").text
    # steps wrong, halves right: 8 of 16; the upper half of the class has the second; a person gave 6 and 1.
    assert "First tests 8 points of 16 lost" in text
    assert "Not passed: step goes downhill. expected a smaller loss, received a larger one" in text
    assert "Drawing 3 points of 4 lost A person gave 1 of 4 points." in text
    assert "Layers 15 of 40 points" in text
    assert "quarter of the 30 students who have one" in text
    assert "quarter of the 30" in read(course, f"transcripts/{MISSING[0]}.html").text


def test_what_could_not_be_judged_is_open_on_the_transcript_and_first_on_the_class_page(
    run: Command,  # noqa: F811
    course: Course,
) -> None:
    reported(run, course)
    assert (
        "Final · Waiting for a person A person decides about: Second tests."
        in read(course, "transcripts/s20.html").text
    )
    text = read(course, "class.html").text
    assert "Final · Second tests · The network has 3 parameters. 3 of 30 could not be judged" in text
    assert "2 assignments are missing: Layers, Images." in text
    assert "Images 2 25 5" in text  # week, handed in, missing


def test_a_persons_marks_are_in_the_item_analysis(run: Command, course: Course) -> None:  # noqa: F811
    reported(run, course)
    # Students 5 to 29 handed in layers, and a person gave number % 7 of 6 points: 72 of 25 times 6.
    given = sum(number % 7 for number in range(5, 30))
    assert f"Why 6 25 {given / 25 / 6:.2f}" in read(course, "class.html").text


def test_links_work_from_where_the_pages_lie(run: Command, course: Course) -> None:  # noqa: F811
    feedback = course.root / "reports" / "layers" / ODD / "layers.html"
    feedback.parent.mkdir(parents=True)
    feedback.write_text("feedback")
    (course.root / "reports" / "layers" / "overview.html").write_text("overview")
    reported(run, course)
    links = [link["href"] for link in read(course, f"transcripts/{ODD}.html").all("a")]
    assert links[1] == "./../layers/Zo%C3%AB%20%252e%20%231%20%3Cb%3E/layers.html"
    links = [link["href"] for link in read(course, "class.html").all("a")]
    assert "./layers/overview.html" in links
    assert "./transcripts/Zo%C3%AB%20%252e%20%231%20%3Cb%3E.html" in links
    assert len(read(course, "transcripts/s07.html").all("a")) == 1


def test_an_earlier_moment_shows_what_was_known_then(run: Command, course: Course) -> None:  # noqa: F811
    code, _, _ = run("report", "--course", str(course.root), "--at", "2027-02-03T00:00:00Z")
    assert code == 0
    assert "no mark yet" in read(course, "transcripts/s06.html").text
    assert "Nothing has been graded yet." in read(course, "class.html").text


def test_an_id_that_can_name_no_file_is_named_and_the_others_have_theirs(run: Command, course: Course) -> None:  # noqa: F811
    with (course.root / "course" / "roster.csv").open("a", encoding="utf-8") as file:
        file.write("../../etc,Mallory\n")
    code, out, _ = reported(run, course)
    assert code == 1
    assert "No transcript: expected a student id that can name a file" in out
    assert "Transcripts: 30 in" in out
    assert "../../etc" in read(course, "class.html").text
    assert not list(course.root.parent.glob("*.html"))


def test_a_record_that_cannot_be_read_is_named_and_on_no_page(run: Command, course: Course) -> None:  # noqa: F811
    path = Store(course.results).result_path("s06", "layers")
    path.write_text('{"schema_version": 99}', encoding="utf-8")
    code, out, _ = reported(run, course)
    assert code == 1
    assert f"layers of s06: expected a result record of this version in {path}, found one that cannot be read" in out
    assert "grade it" not in out
    assert "what for is in no record here" in read(course, "transcripts/s06.html").text


def test_a_record_in_another_students_folder_is_on_nobodys_page(run: Command, course: Course) -> None:  # noqa: F811
    store = Store(course.results)
    store.write(store.result_path("s06", "layers"), record(7, "layers"))
    code, out, _ = reported(run, course)
    assert code == 1
    assert "found one of layers of s07" in out
    assert "s07" not in read(course, "transcripts/s06.html").text


@pytest.mark.parametrize("wrong", ["'many'", "9e999"])
def test_a_number_that_is_none_is_named_and_nowhere_on_a_page(run: Command, course: Course, wrong: str) -> None:  # noqa: F811
    database = sqlite3.connect(course.root / "gradebook.db")
    with database:
        database.execute(f"UPDATE grade SET manual_score = {wrong} WHERE rowid = 7")  # noqa: S608 - two literals
    database.close()
    code, out, err = reported(run, course)
    assert err == ""
    assert code == (1 if "many" in wrong else 0)
    named = next(line for line in out.splitlines() if "expected a number, found" in line)
    for path in (course.root / "reports").rglob("*.html"):
        text = assert_inert(path.read_text(encoding="utf-8")).text.replace(named, "")
        assert not set(text.lower().split()) & {"nan", "inf", "infinity"}, path.name


def test_writing_again_replaces_pages_and_leaves_nothing_half_written(run: Command, course: Course) -> None:  # noqa: F811
    reported(run, course)
    before = {path: path.read_bytes() for path in (course.root / "reports").rglob("*.html")}
    reported(run, course)
    assert {path: path.read_bytes() for path in (course.root / "reports").rglob("*") if path.is_file()} == before


def test_a_page_that_cannot_be_written_is_said_in_a_sentence(run: Command, course: Course) -> None:  # noqa: F811
    (course.root / "reports" / "class.html").mkdir(parents=True)
    code, _, err = reported(run, course)
    assert code == 1
    assert err == (
        f"expected to write the page {course.root}/reports/class.html, received Is a directory; free space or permit "
        "it, then run the same command again: nothing but pages is written\n"
    )
    assert not list((course.root / "reports").rglob("*.tmp"))


def test_an_assignment_with_the_name_of_the_transcripts_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "course.toml").write_text(COURSE.replace('id = "words"', 'id = "transcripts"'))
    with pytest.raises(UsageError, match="expected no assignment with the id 'transcripts'"):
        write_class_pages(class_marks(open_course(tmp_path), MOMENT))
    assert not (tmp_path / "reports").exists()
