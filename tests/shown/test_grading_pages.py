"""docs/grading.md, docs/changes.md and docs/recovery.md, typed in a course whose lab `cnn_digits` is graded."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.command_line import run
from tests.shown.classroom import hand_in
from tests.shown.page import typed

LOOK_UP = """grep '"student":"ada","assignment":"cnn_digits"' results/ledger.jsonl | tail -1 | python -m json.tool"""


def automatic_marks(course: Path) -> list[float]:
    with closing(sqlite3.connect(course / "gradebook.db")) as database:
        return [score for (score,) in database.execute("SELECT auto_score FROM grade ORDER BY id")]


def test_the_page_about_grading_runs_what_is_new_and_has_all_run_again(
    course: Path, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hand_in(course, "chen", "cnn_digits", course / "source" / "cnn_digits")
    with typed("docs/grading.md", home) as page:
        page.type(course, "autograder grade cnn_digits")
        assert "2 of 3 had not changed and were not run again" in capfd.readouterr().out
        page.type(course, "autograder cache")
        assert re.search(r"cnn_digits +3 +3 +0 +$", capfd.readouterr().out, flags=re.MULTILINE)
        before = (course / "results" / "ledger.jsonl").read_bytes()
        page.type(course, "autograder cache --clear cnn_digits")
    assert run("cache", "--course", str(course)) == 0
    assert re.search(r"cnn_digits +3 +0 +3 +3 ", capfd.readouterr().out)
    assert (course / "results" / "ledger.jsonl").read_bytes() == before


def test_the_page_about_changes_shows_everybodys_a_students_and_a_labs(
    course: Path, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with typed("docs/changes.md", home) as page:
        page.type(course, "autograder changes")
        shown = capfd.readouterr().out
        assert "ada" in shown
        assert "bela" in shown
        page.type(course, "autograder changes ada")
        assert "bela" not in capfd.readouterr().out
        page.type(course, "autograder changes --assignment cnn_digits --json changes.json")
    changes = json.loads((course / "changes.json").read_text())["changes"]
    assert {(one["student"], one["why"]) for one in changes} == {("ada", "first grading"), ("bela", "first grading")}


def test_the_page_about_recovery_puts_a_damaged_gradebook_and_wrong_marks_right(
    course: Path, home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = automatic_marks(course)
    with typed("docs/recovery.md", home) as page:
        with (course / "gradebook.db").open("r+b") as file:
            file.write(bytes(4096))
        page.type(course, "autograder recover --dry-run", code=1)  # all that would change is left to do
        assert "gradebook-" in capfd.readouterr().out
        agree(monkeypatch)
        page.type(course, "autograder recover")
        assert len(list(course.glob("gradebook.db.damaged-*"))) == 1
        assert automatic_marks(course) == marks
        with closing(sqlite3.connect(course / "gradebook.db")) as database:
            database.execute("UPDATE grade SET auto_score = 0.25")
            database.commit()
        capfd.readouterr()
        page.type(course, "autograder recover --dry-run", code=1)
        assert "0.25" in capfd.readouterr().out
        agree(monkeypatch)
        page.type(course, "autograder recover cnn_digits")
        assert automatic_marks(course) == marks
        capfd.readouterr()
        page.type(course, LOOK_UP)
        assert json.loads(capfd.readouterr().out)["result"]["score"] == 5.0


def agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have somebody at the keyboard say yes to the next question."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
