"""What the next run would do is known before, and knowing it changes nothing; clearing forgets and deletes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course import Course, open_course
from autograder.errors import AutograderError
from autograder.grading.cleared import CLEARED, clear, read_cleared
from autograder.grading.grade import Options, grade
from autograder.grading.outlook import outlook
from autograder.grading.store import Store
from tests.grading.courses import ASSIGNMENT, answer, submit

SETTINGS = "[sandbox]\npreload = []\n[limits]\ncell_seconds = 3\n"


def files_of(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and path.name != ".lock"}


def test_each_submission_is_foreseen_with_its_reason_and_clearing_is_one(course: Course) -> None:
    (course.root / "course.toml").write_text(SETTINGS)
    course = open_course(course.root)
    for student in ("ada", "bela", "chen", "dora", "emil"):
        submit(course, student, answer(f"double = lambda number: 2 * number  # {student}"))
    list(grade(course, ASSIGNMENT, Options(workers=1))[1])
    assert outlook(course, ASSIGNMENT).counts == {"as it is": 5}

    later = submit(course, "bela", answer("double = abs")) / "timestamp.txt"
    later.write_text("2026-11-02 17:05:00 UTC")  # which preparing enters in a gradebook
    (submit(course, "chen") / "sums.ipynb").write_text("no notebook")
    store = Store(course.results)
    path = store.result_path("dora", ASSIGNMENT)
    known = store.read(path)
    assert known is not None
    store.write(path, known.model_copy(update={"status": "could_not_judge"}))
    (course.root / "autograded" / "emil" / ASSIGNMENT).rename(course.root / "moved")
    submit(course, "fatima", answer())
    before = files_of(course.root)
    found = outlook(course, ASSIGNMENT)
    assert found.counts == {
        "as it is": 1, "handed in again": 1, "cannot be read": 1, "could not be judged": 1,
        "not in the gradebook as graded": 1, "not graded yet": 1,
    }  # fmt: skip
    assert (found.num_again, found.num_run) == (1, 4)
    assert files_of(course.root) == before

    (course.root / "course.toml").write_text(SETTINGS.replace("3", "4"))
    assert outlook(open_course(course.root), ASSIGNMENT).counts["limits changed"] == 3
    (course.root / "source" / ASSIGNMENT / "data.csv").write_text("1,3\n")
    assert outlook(course, ASSIGNMENT).counts["the assignment's own files changed"] == 3
    (course.root / "source" / ASSIGNMENT / "data.csv").write_text("1,2\n")

    kept = files_of(course.root)
    clear(course.results, [ASSIGNMENT], datetime.now(UTC))
    assert {path: content for path, content in files_of(course.root).items() if path.name != CLEARED} == kept
    assert outlook(course, ASSIGNMENT).counts["cleared"] == 4
    (again,) = grade(course, ASSIGNMENT, Options(workers=1, students=("ada",)))[1]
    assert (again.fresh, again.move is not None and again.move.why) == (True, "graded again")
    assert outlook(course, ASSIGNMENT).counts["as it is"] == 1


def test_each_assignment_is_cleared_by_itself(tmp_path: Path) -> None:
    assert read_cleared(tmp_path) == {}
    first, second = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
    clear(tmp_path, ["sums", "products"], first)
    clear(tmp_path, ["sums"], second)
    assert read_cleared(tmp_path) == {"sums": second.isoformat(), "products": first.isoformat()}
    (tmp_path / CLEARED).write_text("[")
    with pytest.raises(AutograderError, match="or remove it: what was graded since a clearing is then run again"):
        read_cleared(tmp_path)
