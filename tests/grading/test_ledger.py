from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.handed_in import handed_in_digest
from autograder.grading.ledger import Entry, Ledger
from autograder.results import Protection, SubmissionResult
from tests.grading.by_hand import grade_by_hand
from tests.grading.courses import ASSIGNMENT, answer, submit


def result(student: str = "ann", score: float = 4.0, started: str = "2026-11-02T17:05:00Z") -> SubmissionResult:
    return SubmissionResult(
        course="arithmetic", student=student, assignment=ASSIGNMENT, score=score, max_score=6.0, status="graded",
        notebooks=(), protection=Protection(level="none", holds={}), key="k", started=started, seconds=1.0, versions={},
    )  # fmt: skip


def add(ledger: Ledger, one: SubmissionResult) -> bool:
    return ledger.add(one, why="graded", comments={"sums": {"double": "ünder"}}, arrived=datetime(2026, 11, 2, 17))


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def test_what_was_added_is_read_back_whole(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "results" / "ledger.jsonl")
    assert add(ledger, result("ann"))
    assert add(ledger, result('b"o\nb, "assignment":"x"'))
    reading = Ledger(ledger.path).read()
    assert set(reading.last) == {("ann", ASSIGNMENT), ('b"o\nb, "assignment":"x"', ASSIGNMENT)}
    entry = reading.last["ann", ASSIGNMENT]
    assert entry.result == result("ann")
    assert (entry.comments, entry.arrived) == ({"sums": {"double": "ünder"}}, "2026-11-02T17:00:00")
    assert reading.spoilt == ()


def test_what_was_found_before_adds_no_line_and_what_is_new_does(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert add(Ledger(path), result(score=4))
    assert not add(Ledger(path), result(score=4, started="2026-11-03T09:00:00Z"))
    assert add(Ledger(path), result(score=3))
    assert add(Ledger(path), result(score=4))
    assert [Entry.model_validate_json(b"{" + line[77:]).result.score for line in lines(path)] == [4, 3, 4]


@pytest.mark.parametrize("torn", [1, 40, 76, 77, 300, -1])
def test_a_line_that_a_crash_tore_is_cut_before_the_next_one(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "ledger.jsonl"
    add(Ledger(path), result("ann"))
    whole = path.read_bytes()
    add(Ledger(path), result("bob"))
    path.write_bytes(whole + path.read_bytes()[len(whole) :][:torn])
    assert set(Ledger(path).read().last) == {("ann", ASSIGNMENT)}
    assert add(Ledger(path), result("cem"))
    assert path.read_bytes().startswith(whole)
    assert len(lines(path)) == 2
    reading = Ledger(path).read()
    assert (set(reading.last), reading.spoilt) == ({("ann", ASSIGNMENT), ("cem", ASSIGNMENT)}, ())


def test_a_ledger_that_is_one_torn_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b'{"sha' * 40_000)
    assert add(Ledger(path), result())
    assert len(lines(path)) == 1


def test_a_line_that_was_changed_is_passed_over_and_numbered(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    for score in (1.0, 2.0, 3.0):
        add(Ledger(path), result(score=score))
    path.write_bytes(path.read_bytes().replace(b'"score":3.0', b'"score":6.0'))
    reading = Ledger(path).read()
    assert reading.last["ann", ASSIGNMENT].result.score == 2.0
    assert reading.spoilt == (3,)


def test_where_there_is_no_ledger_there_is_nothing_to_read(tmp_path: Path) -> None:
    reading = Ledger(tmp_path / "ledger.jsonl").read()
    assert (reading.marks, reading.last, reading.spoilt) == ({}, {}, ())


FULL = """
import resource, signal, sys
from pathlib import Path
from autograder.errors import AutograderError
from autograder.grading.ledger import Ledger
from tests.grading.test_ledger import add, result
ledger = Ledger(Path(sys.argv[1]))
size = ledger.path.stat().st_size
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (size + int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    add(ledger, result("bob"))
except AutograderError as error:
    print(error)
"""


@pytest.mark.parametrize("room", [0, 1, 100])
def test_a_line_for_which_there_is_no_room_leaves_the_ledger_as_it_was(tmp_path: Path, room: int) -> None:
    path = tmp_path / "ledger.jsonl"
    add(Ledger(path), result("ann"))
    before = path.read_bytes()
    command = [sys.executable, "-c", FULL, str(path), str(room)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"expected to write {path}, received [Errno 27] File too large; free space")
    assert path.read_bytes() == before
    assert add(Ledger(path), result("bob"))


def test_a_run_writes_its_result_and_a_second_one_the_same_only_once(course: Course) -> None:
    submit(course, "ann", answer())
    first = grade_by_hand(course, "ann")
    grade_by_hand(course, "ann")
    grade_by_hand(course, "ann", force=True)
    path = course.results / "ledger.jsonl"
    assert len(lines(path)) == 1
    entry = Ledger(path).read().marks["ann", ASSIGNMENT]
    assert (entry.result, entry.why) == (first, "graded")
    assert entry.comments == {"sums": {"why": "No response."}}


def test_results_from_before_there_was_a_ledger_enter_it_with_the_next_run(course: Course) -> None:
    submit(course, "ann", answer())
    first = grade_by_hand(course, "ann")
    (course.results / "ledger.jsonl").unlink()
    grade_by_hand(course, "ann")
    entry = Ledger(course.results / "ledger.jsonl").read().marks["ann", ASSIGNMENT]
    assert (entry.result, entry.why, entry.comments) == (first, "unchanged", {"sums": {"why": "No response."}})


def test_files_exchanged_under_an_existing_result_are_visible(course: Course) -> None:
    folder = submit(course, "ann", answer())
    first = grade_by_hand(course, "ann")
    notebook = (folder / "sums.ipynb").read_text()
    (folder / "sums.ipynb").write_text(notebook + "\n")  # other bytes, the same cells
    second = grade_by_hand(course, "ann")
    assert (first.handed_in != second.handed_in, second.score) == (True, first.score)
    entries = [Entry.model_validate_json(b"{" + line[77:]) for line in lines(course.results / "ledger.jsonl")]
    assert [(one.why, one.result.handed_in) for one in entries] == [
        ("graded", first.handed_in),
        ("handed in again", second.handed_in),
    ]
    assert (folder / "sums.ipynb").read_text() == notebook + "\n"


def test_a_refused_submission_is_in_the_ledger_and_takes_no_earlier_mark_from_it(course: Course) -> None:
    folder = submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    (folder / "sums.ipynb").write_text("{no notebook")
    grade_by_hand(course, "ann")
    reading = Ledger(course.results / "ledger.jsonl").read()
    assert reading.last["ann", ASSIGNMENT].why == "refused"
    assert reading.marks["ann", ASSIGNMENT].result.score == 4.0


def test_names_and_bytes_of_files_make_the_digest_and_the_time_of_arrival_does_not(tmp_path: Path) -> None:
    def digest_of(**files: bytes) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, content in files.items():
            place = folder / name.replace("__", "/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return handed_in_digest(folder)

    base = digest_of(a=b"1", data__b=b"2")
    assert digest_of(a=b"1", data__b=b"2") == base
    others = [digest_of(a=b"1"), digest_of(a=b"2", data__b=b"1"), digest_of(b=b"1", data__b=b"2"), digest_of(a=b"12")]
    assert len({base, *others}) == 5
    (tmp_path / "0" / "timestamp.txt").write_text("2026-11-02 17:05:00 UTC")
    assert handed_in_digest(tmp_path / "0") == base


def test_links_and_pipes_are_neither_followed_nor_waited_for(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("one")
    folder = tmp_path / "submitted"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    before = handed_in_digest(folder)
    (tmp_path / "secret").write_text("two")
    assert handed_in_digest(folder) == before
    (folder / "link").unlink()
    (folder / "link").symlink_to(tmp_path)
    assert handed_in_digest(folder) != before
    assert handed_in_digest(tmp_path / "nothing") == ""


def test_a_ledger_that_cannot_be_written_stops_before_the_gradebook(course: Course) -> None:
    submit(course, "ann", answer())
    (course.results / "ledger.jsonl").mkdir(parents=True)
    with pytest.raises(AutograderError, match=r"ledger\.jsonl, received .*Is a directory"):
        grade_by_hand(course, "ann")
    with course.gradebook() as gradebook:
        assert gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "ann").auto_score is None
