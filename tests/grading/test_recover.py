"""The gradebook is put right from the ledger, and from its last backup where it is damaged or gone."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder import cli
from autograder.course import Course
from autograder.errors import GradebookError, UsageError
from autograder.grading.grade import Options
from autograder.grading.grade import grade as graded_class
from autograder.grading.gradebook_file import GradebookFile, trouble_with
from autograder.grading.prepare import without_known_warning
from autograder.grading.recover import Change, Plan, contents, prepare_recovery
from tests.grading.by_hand import grade_by_hand
from tests.grading.courses import ASSIGNMENT, answer, submit
from tests.grading.test_gradebook_file import overwrite
from tests.grading.test_save import late_course

STUDENTS = ("ann", "bob", "cem")


@pytest.fixture
def graded(course: Course) -> Course:
    """Three graded submissions; the backup is of before the last one."""
    for student in STUDENTS:
        submit(course, student, answer())
        grade_by_hand(course, student, right=student != "bob")
    return course


def gradebook(course: Course) -> Path:
    return course.root / "gradebook.db"


def execute(course: Course, statement: str) -> None:
    with closing(sqlite3.connect(gradebook(course))) as database:
        database.execute(statement)
        database.commit()


def by_hand(course: Course, student: str, score: float, comment: str = "") -> None:
    with course.gradebook() as open_gradebook:
        row = open_gradebook.find_grade("double-tests", "sums", ASSIGNMENT, student)
        row.manual_score, row.needs_manual_grade = score, False
        open_gradebook.find_comment("why", "sums", ASSIGNMENT, student).manual_comment = comment or None
        open_gradebook.db.commit()


def recover(course: Course, *assignments: str) -> Plan:
    with prepare_recovery(course, assignments) as recovery:
        recovery.carry_out()
        return recovery.plan


def examined(course: Course) -> Plan:
    with prepare_recovery(course, ()) as recovery:
        return recovery.plan


def score_of(student: str, before: float | None, after: float | None, what: str = "automatic mark") -> Change:
    return Change(what, student, ASSIGNMENT, "sums", "double-tests", before, after)


def test_a_gradebook_as_it_was_saved_needs_nothing(graded: Course) -> None:
    before = gradebook(graded).read_bytes()
    plan = recover(graded)
    assert (plan.empty, plan.notes, plan.unfinished) == (True, (), False)
    assert gradebook(graded).read_bytes() == before


def test_automatic_marks_that_differ_are_listed_and_put_right_and_no_others(graded: Course) -> None:
    before = contents(gradebook(graded))
    by_hand(graded, "cem", 1.5, "see me")
    execute(graded, "UPDATE grade SET auto_score = 9 WHERE auto_score = 4 AND manual_score IS NULL")
    plan = examined(graded)
    assert plan.changes == (score_of("ann", 9, 4),)
    assert contents(gradebook(graded))["automatic mark", "ann", ASSIGNMENT, "sums", "double-tests"] == 9
    recover(graded)
    after = contents(gradebook(graded))
    assert after["mark by hand", "cem", ASSIGNMENT, "sums", "double-tests"] == 1.5
    assert after["comment by hand", "cem", ASSIGNMENT, "sums", "why"] == "see me"
    assert {key: value for key, value in after.items() if "by hand" not in key[0]} == {
        key: value for key, value in before.items() if "by hand" not in key[0]
    }
    with graded.gradebook() as open_gradebook:  # what a person has settled is not asked for again
        assert not open_gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "cem").needs_manual_grade


def test_a_student_who_is_gone_from_the_gradebook_comes_back_with_marks_comments_and_time(graded: Course) -> None:
    before = contents(gradebook(graded))
    with graded.gradebook() as open_gradebook:
        open_gradebook.remove_student("bob")
    assert {change.student for change in recover(graded).changes} == {"bob"}
    assert contents(gradebook(graded)) == before


def test_only_the_assignments_that_were_asked_for_are_touched(graded: Course) -> None:
    execute(graded, "UPDATE grade SET auto_score = 9")
    assert {change.assignment for change in recover(graded, ASSIGNMENT).changes} == {ASSIGNMENT}
    with pytest.raises(Exception, match="expected an assignment of the ledger, received 'sum'; it has sums"):
        recover(graded, "sum")


def test_a_late_penalty_comes_back_as_the_course_takes_it(course: Course) -> None:
    course = late_course(course, "total_seconds_late / 120", "late_recovered")
    grade_by_hand(course, "ann")
    before = contents(gradebook(course))
    with course.gradebook() as open_gradebook:
        open_gradebook.remove_student("ann")
    recover(course)
    after = contents(gradebook(course))
    assert after == before
    assert after["late penalty", "ann", ASSIGNMENT, "sums", ""] == 1.5
    with course.gradebook() as open_gradebook:
        assert open_gradebook.find_submission(ASSIGNMENT, "ann").timestamp == datetime(2026, 11, 2, 17, 3)


def test_a_lost_result_file_comes_back(graded: Course) -> None:
    path = graded.results / "ann" / f"{ASSIGNMENT}.json"
    before = path.read_bytes()
    path.write_text("{")
    assert recover(graded).results == (("ann", ASSIGNMENT),)
    assert path.read_bytes() == before


def lose(course: Course) -> None:
    gradebook(course).unlink()


def damage_head(course: Course) -> None:
    overwrite(gradebook(course), 0, 4096)


def damage_middle(course: Course) -> None:
    overwrite(gradebook(course), 8192, 16384)


def damage_all(course: Course) -> None:
    overwrite(gradebook(course), 0, gradebook(course).stat().st_size)


def cut_short(course: Course) -> None:
    with gradebook(course).open("r+b") as file:
        file.truncate(gradebook(course).stat().st_size // 2)


def damage_index(course: Course) -> None:
    """Overwrite the first page of an index of the table of marks: the table itself can be read."""
    with closing(sqlite3.connect(gradebook(course))) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'grade'"
        ).fetchone()
    overwrite(gradebook(course), (page - 1) * 4096, 4096)


def damage_grades(course: Course) -> None:
    with closing(sqlite3.connect(gradebook(course))) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'grade'").fetchone()
    overwrite(gradebook(course), (page - 1) * 4096, 4096)


@pytest.mark.parametrize("damage", [lose, damage_head, damage_middle, damage_all, cut_short])
def test_every_automatic_mark_is_there_again_after_any_damage_and_nothing_was_deleted(
    graded: Course, damage: Callable[[Course], None]
) -> None:
    before = contents(gradebook(graded))
    damage(graded)
    damaged = gradebook(graded).read_bytes() if gradebook(graded).exists() else None
    plan = recover(graded)
    assert plan.trouble
    assert plan.backup is not None
    assert trouble_with(gradebook(graded)) == ""
    assert contents(gradebook(graded)) == before
    aside = [path.read_bytes() for path in graded.root.glob("gradebook.db.damaged-*")]
    assert aside == ([] if damaged is None else [damaged])
    assert recover(graded).empty


@pytest.mark.parametrize("damage", [damage_head, damage_index])
def test_marks_given_by_hand_after_the_backup_are_read_out_of_the_damaged_file(
    graded: Course, damage: Callable[[Course], None]
) -> None:
    by_hand(graded, "ann", 2.5, "look at line 3")  # the last backup is of before that
    damage(graded)
    changes = recover(graded).changes
    assert score_of("ann", None, 2.5, "mark by hand") in changes
    after = contents(gradebook(graded))
    assert after["mark by hand", "ann", ASSIGNMENT, "sums", "double-tests"] == 2.5
    assert after["comment by hand", "ann", ASSIGNMENT, "sums", "why"] == "look at line 3"


def test_whose_marks_by_hand_could_not_be_read_is_said(graded: Course) -> None:
    by_hand(graded, "ann", 2.5)
    damage_grades(graded)
    plan = recover(graded)
    (note,) = [note for note in plan.notes if "could not all be read" in note]
    assert note.startswith("marks could not all be read; what people entered there since gradebook-")
    assert note.endswith(", and enter it again")
    assert plan.unfinished
    assert "look after ann (sums)" in note
    assert contents(gradebook(graded))["automatic mark", "ann", ASSIGNMENT, "sums", "double-tests"] == 4


def test_the_journal_of_a_lost_gradebook_does_not_reach_the_new_one(graded: Course) -> None:
    lose(graded)
    journal = graded.root / "gradebook.db-journal"
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(5000))
    recover(graded)
    assert not journal.exists()
    assert [path.name[-8:] for path in graded.root.glob("gradebook.db.damaged-*")] == ["-journal"]
    assert trouble_with(gradebook(graded)) == ""


def test_without_a_backup_it_is_said_what_to_run_and_nothing_is_touched(graded: Course) -> None:
    for path in (graded.results / "backups").iterdir():
        path.unlink()
    damage_head(graded)
    before = gradebook(graded).read_bytes()
    with pytest.raises(GradebookError, match=r"`autograder release sums --force`.* automatic marks of 3 submissions"):
        recover(graded)
    assert gradebook(graded).read_bytes() == before
    assert not list(graded.root.glob("gradebook.db.*"))


def test_marks_of_an_assignment_that_is_not_released_wait_in_the_ledger(graded: Course) -> None:
    with graded.gradebook() as open_gradebook:
        open_gradebook.remove_assignment(ASSIGNMENT)
    with graded.gradebook() as open_gradebook, without_known_warning():  # one without submissions would be put back
        open_gradebook.add_assignment("another")
        open_gradebook.add_submission("another", "ann")
    plan = recover(graded)
    assert plan.unfinished
    assert plan.notes == (
        "expected sums in the gradebook, found marks for it only in the ledger; release it again "
        "(`autograder release sums --force` or `nbgrader generate_assignment sums --force`), then run "
        "`autograder recover sums`",
    )


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["autograder", "recover", *words])
    monkeypatch.setattr(cli.console, "_file", None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_the_command_shows_before_and_after_and_asks(
    graded: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(graded, "UPDATE grade SET auto_score = 3.25 WHERE auto_score = 4")
    where = ("--course", str(graded.root))
    assert command(monkeypatch, *where, "--dry-run") == 1
    assert "3.25" in capsys.readouterr().out
    monkeypatch.setattr("typer.confirm", lambda question: False)
    assert command(monkeypatch, *where) == 1
    assert contents(gradebook(graded))["automatic mark", "ann", ASSIGNMENT, "sums", "double-tests"] == 3.25
    assert command(monkeypatch, *where, "--yes") == 0
    assert contents(gradebook(graded))["automatic mark", "ann", ASSIGNMENT, "sums", "double-tests"] == 4
    capsys.readouterr()
    assert command(monkeypatch, *where, "--yes") == 0
    assert capsys.readouterr().out == "Every automatic mark is as the ledger has it.\n"


def test_a_gradebook_that_was_made_anew_and_is_empty_is_no_gradebook_to_go_on_with(graded: Course) -> None:
    """Nbgrader makes an empty file where it finds none, whatever it is asked."""
    by_hand(graded, "ann", 1.5, "see me")
    grade_by_hand(graded, "ann")  # which makes a backup
    GradebookFile.of(graded).back_up(datetime.now(UTC))
    before = contents(gradebook(graded))
    gradebook(graded).unlink()
    with graded.gradebook() as made:
        made.add_assignment("another")
    with pytest.raises(
        GradebookError, match=r"it holds no submission, the backup gradebook-\S+ holds 3 .*autograder re"
    ):
        graded_class(graded, ASSIGNMENT, Options())
    plan = recover(graded)
    assert "holds no submission" in plan.trouble
    assert plan.unfinished
    assert contents(gradebook(graded)) == before
    assert len(list(graded.root.glob("gradebook.db.replaced-*"))) == 1


def test_an_earlier_backup_can_be_chosen(graded: Course) -> None:
    file = GradebookFile.of(graded)
    by_hand(graded, "ann", 1.5)
    wanted = file.back_up(datetime.now(UTC))
    before = contents(gradebook(graded))
    by_hand(graded, "ann", 0.0)
    file.back_up(datetime.now(UTC))
    with prepare_recovery(graded, (), wanted) as recovery:
        assert "only in the gradebook that is put aside" in " ".join(recovery.plan.notes)
        recovery.carry_out()
    assert contents(gradebook(graded)) == before
    with pytest.raises(UsageError, match="found no file at nowhere"), prepare_recovery(graded, (), Path("nowhere")):
        pass
    (graded.root / "text").write_text("no gradebook")
    with (
        pytest.raises(UsageError, match="expected a sound gradebook as --backup"),
        prepare_recovery(graded, (), graded.root / "text"),
    ):
        pass
