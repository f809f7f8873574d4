"""Every case does what it must, and after each of them the nine invariants hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.results import SubmissionResult
from tests.adversarial import cases_pages
from tests.adversarial.browser import SECONDS, needs_browser, open_page, proxy
from tests.adversarial.case import HONEST, KERAS_POINTS, Case
from tests.adversarial.catalogue import CASES, ELSEWHERE, NOT_HERE, NUMBERS, student_of
from tests.adversarial.classroom import Classroom
from tests.adversarial.conftest import EVERYTHING, ONLY, chosen
from tests.adversarial.courses import KEEPER
from tests.adversarial.footprint import wait_for_nothing
from tests.reports.markup import assert_inert

MANY_SECONDS = 5.0  # beyond the limit on the whole notebook
GRADER_MIB = 900
TRIED = [
    pytest.param(case, id=f"{student_of(case)} {case.sentence}")
    for keras in (False, True)
    for case in chosen(keras=keras)
]
OPENED = [
    case for case in cases_pages.CASES if (case.number in ONLY if ONLY else EVERYTHING or case.number in (63, 64, 66))
]
CLASSES = ["numpy_class", *(["keras_class"] if chosen(keras=True) else [])]


@pytest.fixture
def room(case: Case, request: pytest.FixtureRequest) -> Classroom:
    """The class the case was graded in."""
    graded: Classroom = request.getfixturevalue("keras_class" if case.keras else "numpy_class")
    return graded


@pytest.fixture(params=CLASSES)
def each_class(request: pytest.FixtureRequest) -> Classroom:
    graded: Classroom = request.getfixturevalue(request.param)
    return graded


def test_every_number_is_tried_or_has_a_reason_why_not() -> None:
    tried = {case.number for case in CASES}
    assert not tried & set(NOT_HERE)
    assert tried | set(ELSEWHERE) | set(NOT_HERE) == set(NUMBERS)
    for path in ELSEWHERE.values():
        assert (Path(__file__).parents[1] / path).exists(), path


def test_every_case_has_a_sentence_of_its_own() -> None:
    sentences = [case.sentence for case in CASES]
    assert len(set(sentences)) == len(sentences)
    assert all(student_of(case) for case in CASES)


@pytest.mark.parametrize("case", TRIED)
def test_case(case: Case, room: Classroom, record_property: Callable[[str, object], None]) -> None:
    outcome = room.outcome(student_of(case))
    for name, value in (("student", student_of(case)), ("sentence", case.sentence), ("promise", case.promise)):
        record_property(name, value)
    record_property("outcome", outcome.summary)
    case.expect(outcome)


# The invariants, case by case -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", TRIED)
def test_exactly_one_final_record(case: Case, room: Classroom) -> None:
    student = student_of(case)
    files = [path for path in room.arena.course.results.rglob("*") if student in path.parts and path.is_file()]
    assert files == [room.arena.course.results / student / f"{room.arena.lab}.json"]
    SubmissionResult.model_validate_json(files[0].read_bytes())


@pytest.mark.parametrize("case", TRIED)
def test_the_next_submission_gets_its_marks(case: Case, room: Classroom) -> None:
    outcome = room.outcome(room.following[student_of(case)])
    assert outcome.scores == (KERAS_POINTS if case.keras else HONEST), str(outcome)
    assert outcome.marks == outcome.scores
    assert not outcome.limits
    assert not outcome.flags


@pytest.mark.parametrize("case", TRIED)
def test_nothing_hidden_comes_out(case: Case, room: Classroom) -> None:
    student = student_of(case)
    secrets = room.arena.secrets()
    # Tests of nbgrader's own kind run in the notebook's process, where a submission that is bent on it finds them.
    shown_to_students = secrets if case.promise == "not promised" else (*secrets, *room.arena.hidden_tests())
    for path in room.public_files(student):
        content = path.read_bytes()
        assert [secret for secret in shown_to_students if secret in content] == [], path
    outputs = room.outcome(student).outputs.encode()
    assert [secret for secret in secrets if secret in outputs] == []


@pytest.mark.parametrize("case", TRIED)
def test_it_ends_in_time(case: Case, room: Classroom) -> None:
    record = room.record(student_of(case))
    allowed = room.arena.course.limits["total_seconds"]
    assert record.seconds <= float(allowed) + MANY_SECONDS


@pytest.mark.parametrize("case", TRIED)
def test_the_page_is_whole_and_inert(case: Case, room: Classroom) -> None:
    assert_inert(room.outcome(student_of(case)).page)


# Here and not beside the other tests of pages: files are tested side by side, and each would grade the class.
@needs_browser
@pytest.mark.parametrize("case", [pytest.param(case, id=student_of(case)) for case in OPENED])
def test_a_browser_opens_the_page_runs_nothing_and_asks_for_nothing(
    case: Case, numpy_class: Classroom, tmp_path: Path
) -> None:
    student = student_of(case)
    course, lab = numpy_class.arena.course, numpy_class.arena.lab
    page = course.root / "reports" / lab / student / f"{lab}.html"
    page.read_text(encoding="utf-8", errors="strict")
    with proxy() as (port, asked):
        document, log, seconds = open_page(page, port, tmp_path / "profile")
    assert not [address for address in asked if "tracker" in address or "127.0.0.1" in address], asked
    assert "Content Security Policy" not in log
    assert "alert" not in log.lower()
    assert seconds < SECONDS
    assert_inert(document)
    assert "<title>owned" not in document


# The invariants, of the whole class -----------------------------------------------------------------------------------


def test_the_command_ends_well(each_class: Classroom) -> None:
    assert each_class.done is not None
    students = (*each_class.cases, *each_class.honest)
    unjudged = [student for student in students if each_class.record(student).status == "could_not_judge"]
    assert not unjudged, "\n".join(str(each_class.outcome(student)) for student in unjudged)
    assert each_class.done.returncode == each_class.expected_code, each_class.shown
    assert each_class.done.stderr == ""


def test_what_was_handed_in_and_what_is_hidden_stay_as_they_were(each_class: Classroom) -> None:
    assert each_class.arena.guarded() == each_class.guarded
    hashes = {student: each_class.record(student).handed_in for student in each_class.honest}
    assert all(len(found) == 64 for found in hashes.values()), hashes


def test_nothing_hidden_is_shown_on_the_terminal_or_the_overview(each_class: Classroom) -> None:
    course = each_class.arena.course
    overview = (course.root / "reports" / each_class.arena.lab / "overview.html").read_bytes()
    for secret in each_class.arena.secrets():
        assert secret not in each_class.shown.encode()
        assert secret not in overview


def test_the_canaries_would_be_found(each_class: Classroom) -> None:
    page = each_class.outcome(KEEPER).page.encode()  # who keeps a secret sees it on their own page
    assert [secret for secret in each_class.arena.secrets() if secret in page]


def test_the_grader_stays_small(each_class: Classroom) -> None:
    assert each_class.footprint is not None
    assert 0 < each_class.footprint.peak_mib < GRADER_MIB


def test_nothing_is_left_behind(each_class: Classroom) -> None:
    assert each_class.footprint is not None
    assert wait_for_nothing(each_class.footprint) == []
    assert len(each_class.footprint.seen) > len(each_class.cases)


def test_the_gradebook_is_whole(each_class: Classroom) -> None:
    path = each_class.arena.course.root / "gradebook.db"
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def test_a_run_that_fails_changes_no_marks(
    each_class: Classroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    earlier = _marks_and_records(each_class)
    shown, footprint, seconds = each_class.done, each_class.footprint, each_class.seconds
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))  # where there is no bubblewrap
    try:
        assert each_class.grade("--force").returncode == 1
    finally:
        each_class.done, each_class.footprint, each_class.seconds = shown, footprint, seconds
    marks, records = _marks_and_records(each_class)
    assert marks == earlier[0]
    assert records == earlier[1]


def _marks_and_records(room: Classroom) -> tuple[object, dict[str, SubmissionResult]]:
    """All marks, and the records of what was run: the refused ones are written anew with the time of refusal."""
    found = {student: room.record(student) for student in (*room.honest, *room.cases)}
    return room.all_marks(), {student: record for student, record in found.items() if record.notebooks}
