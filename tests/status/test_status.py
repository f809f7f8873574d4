"""How a course stands: figures one can count by hand, next commands one can type, and damage that is a sentence."""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from autograder.course import Course, list_submissions, open_course
from autograder.grading.prepare import prepare
from autograder.grading.save import save
from autograder.grading.store import Store
from autograder.results import SubmissionResult
from autograder.status import AssignmentStatus, StatusReport, course_status, print_status
from tests.grading.conftest import released_sums  # noqa: F401 - a fixture, shared
from tests.grading.courses import ASSIGNMENT, answer, cell_of, read_prepared, result_of, run_unprotected, submit

NOW = datetime(2027, 2, 2, tzinfo=UTC)
COURSE_TOML = """\
title = "Arithmetic"

[[components]]
id = "labs"
title = "Labs"
weight = 100

[[assignments]]
id = "sums"
kind = "lab"
title = "Sums"
component = "labs"
released = 2027-01-04T09:00:00Z
due = 2027-01-31T23:59:00Z

[[assignments]]
id = "talk"
kind = "project"
title = "A talk"
component = "labs"
due = 2027-03-01T12:00:00Z

[policies.late]
grace_minutes = 15
"""
SHORT = ("Because.", "Why not?")


@pytest.fixture
def root(released_sums: Path, tmp_path: Path) -> Path:  # noqa: F811
    root = tmp_path / "course"
    shutil.copytree(released_sums, root)
    (root / "course.toml").write_text(COURSE_TOML)
    config = root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}c.Exchange.root = {str(tmp_path / 'no-exchange')!r}\n")
    return root


def status(root: Path, now: datetime = NOW) -> StatusReport:
    return course_status(open_course(root), now)


def sums(root: Path, now: datetime = NOW) -> AssignmentStatus:
    return next(one for one in status(root, now).assignments if one.assignment == ASSIGNMENT)


def grade(
    course: Course, student: str, change: Callable[[SubmissionResult], SubmissionResult] = lambda one: one
) -> None:
    """Grade a submission without a sandbox, as what these tests hand in is their own."""
    (submission,) = list_submissions(course, ASSIGNMENT, [student])
    store = Store(course.results)
    prepared = prepare(course, submission, store.staging)
    read_prepared(prepared)
    result, tidied = result_of(course, prepared, run_unprotected(prepared))
    result = change(result)
    save(course, prepared, tidied, result)
    store.write(store.result_path(student, ASSIGNMENT), result)
    shutil.rmtree(store.staging)


def shown(report: StatusReport) -> str:
    console = Console(width=80, record=True, file=io.StringIO())
    print_status(console, report)
    return console.export_text()


def test_a_course_that_has_nothing_yet_is_told_where_to_begin(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    report = status(tmp_path)
    assert (report.assignments, report.problems) == ((), ())
    assert "has no assignments yet" in shown(report)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_every_assignment_is_there_in_the_order_of_course_toml(root: Path) -> None:
    (root / "source" / "another").mkdir()
    assert [one.assignment for one in status(root).assignments] == ["sums", "talk", "another"]


def test_what_is_only_announced_needs_no_command(root: Path) -> None:
    talk = status(root).assignments[1]
    assert (talk.stage, talk.next, talk.why) == (
        "nothing",
        "",
        "announced only: course.toml has no `released` for it",
    )


def test_a_source_is_released_next(root: Path) -> None:
    shutil.rmtree(root / "release")
    found = sums(root)
    assert (found.stage, found.next) == ("source", "nbgrader generate_assignment sums")


def test_a_release_is_open_to_be_handed_in(root: Path) -> None:
    found = sums(root, datetime(2027, 1, 10, tzinfo=UTC))
    assert (found.stage, found.over, found.next, found.why) == ("made", False, "", "open to be handed in")
    assert found.due == "2027-01-31T23:59:00+00:00"


def test_what_was_handed_in_is_graded_next(root: Path) -> None:
    course = open_course(root)
    (root / "course").mkdir()
    (root / "course" / "roster.csv").write_text("id\nann\nbob\ncid\n")
    submit(course, "ann", answer())
    submit(course, "bob")
    found = sums(root)
    assert (found.handed_in, found.graded, found.to_grade) == (2, 0, 2)
    assert (found.next, found.why) == ("autograder grade sums", "2 submissions are not graded")
    text = shown(status(root))
    assert "2/3" in text
    assert "autograder grade sums" in text
    assert max(map(len, text.splitlines())) <= 80 or "expected" in text


def test_what_waits_for_a_person_is_counted_by_what_it_waits_for(root: Path) -> None:
    course = open_course(root)
    submit(course, "ann", lambda notebook: (answer()(notebook), cell_of(notebook, "why").update(source="Because.")))
    submit(course, "bob", answer())
    grade(course, "ann")
    grade(course, "bob")
    found = sums(root)
    assert (found.graded, found.to_grade) == (2, 0)
    assert found.to_review.model_dump() == {"students": 1, "written": 1, "unjudged": 0, "flagged": 0}
    assert (found.next, found.why) == ("jupyter lab", "review or formgrader: 1 written")


def test_once_a_person_has_marked_it_feedback_is_next(root: Path) -> None:
    course = open_course(root)
    submit(course, "ann", lambda notebook: cell_of(notebook, "why").update(source="Because."))
    grade(course, "ann")
    with course.gradebook() as gradebook:
        given = gradebook.find_grade("why", "sums", ASSIGNMENT, "ann")
        given.manual_score, given.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    found = sums(root)
    assert (found.to_review.students, found.next, found.why) == (0, "autograder feedback sums", "1 without feedback")
    assert sums(root, datetime(2027, 1, 10, tzinfo=UTC)).why == "1 graded; feedback once it is due"
    page = root / "feedback" / "ann" / "sums" / "sums.html"
    page.parent.mkdir(parents=True)
    page.write_text("a page")
    found = sums(root)
    assert (found.feedback, found.feedback_old, found.next, found.why) == (1, 0, "", "done")


def test_what_could_not_be_judged_waits_for_a_person(root: Path) -> None:
    course = open_course(root)
    submit(course, "ann", answer())
    grade(course, "ann", lambda result: result.model_copy(update={"status": "could_not_judge", "notebooks": ()}))
    assert sums(root).to_review.model_dump() == {"students": 1, "written": 0, "unjudged": 1, "flagged": 0}


def test_handing_in_again_is_graded_again(root: Path) -> None:
    course = open_course(root)
    folder = submit(course, "ann", answer())
    (folder / "timestamp.txt").write_text("2027-01-20 10:00:00.000000 UTC")
    grade(course, "ann")
    assert sums(root).to_grade == 0
    (folder / "timestamp.txt").write_text("2027-01-21 10:00:00.000000 UTC")
    assert (sums(root).graded, sums(root).to_grade, sums(root).next) == (1, 1, "autograder grade sums")


def test_what_lies_in_the_exchange_is_collected_first(root: Path, tmp_path: Path) -> None:
    inbound = tmp_path / "exchange" / "arithmetic" / "inbound"
    for name in (
        "ann+sums+2027-01-20 10:00:00.000000 UTC+abc",
        "ann+sums+2027-01-19 10:00:00.000000 UTC",
        "odd+sums+x",
    ):
        (inbound / name).mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'arithmetic'\n"
        f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    )
    found = sums(root)
    assert (found.stage, found.to_collect, found.next) == ("made", 1, "nbgrader collect sums --update")
    assert status(root).exchange == str(tmp_path / "exchange")
    folder = submit(open_course(root), "ann", answer())
    (folder / "timestamp.txt").write_text("2027-01-20 10:00:00.000000 UTC")
    assert sums(root).to_collect == 0
    (tmp_path / "exchange" / "arithmetic" / "outbound" / "sums").mkdir(parents=True)
    assert sums(root).stage == "exchange"


def test_an_exchange_without_the_release_asks_for_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "no-exchange").mkdir()
    assert sums(root).next == "autograder release sums --exchange"


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "gradebook": (lambda root: (root / "gradebook.db").write_bytes(b"no database" * 100), "file is not a database"),
    "roster": (
        lambda root: ((root / "course").mkdir(), (root / "course" / "roster.csv").write_text("name\nAnn\n")),
        "expected a column `id`",
    ),
    "exceptions": (lambda root: (root / "exceptions.toml").write_text("extensions = 1"), "exceptions.toml"),
    "record": (
        lambda root: (root / "results" / "ann" / "sums.json").write_text("{"),
        "`autograder grade sums --student ann` writes it again",
    ),
    "figure": (lambda root: _spoil(root, "UPDATE grade SET auto_score = 'many'"), "could not convert string to float"),
    "table": (lambda root: _spoil(root, "DROP TABLE grade"), "no such table: grade"),
}


def _spoil(root: Path, statement: str) -> None:
    with sqlite3.connect(root / "gradebook.db") as database:
        database.execute(statement)


@pytest.mark.parametrize("part", list(DAMAGE))
def test_a_damaged_part_is_a_sentence_and_everything_else_is_shown(root: Path, part: str) -> None:
    course = open_course(root)
    submit(course, "ann", answer())
    grade(course, "ann")
    damage, sentence = DAMAGE[part]
    damage(root)
    report = status(root)
    assert sentence in " ".join((*report.problems, *(one for found in report.assignments for one in found.problems)))
    found = next(one for one in report.assignments if one.assignment == ASSIGNMENT)
    assert (found.stage, found.handed_in) == ("made", 1)
    assert sentence.split()[0] in shown(report)


def test_nothing_is_written(root: Path) -> None:
    course = open_course(root)
    submit(course, "ann", answer())
    before = {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    (root / "gradebook.db").chmod(0o444)
    status(root)
    assert {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()} == before


def test_no_gradebook_is_made_where_none_is(root: Path) -> None:
    (root / "gradebook.db").unlink()
    assert status(root).problems == ()
    assert not (root / "gradebook.db").exists()
