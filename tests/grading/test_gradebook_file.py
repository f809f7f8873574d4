from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import AutograderError, GradebookError
from autograder.grading.grade import Options, grade
from autograder.grading.gradebook_file import GradebookFile, file_system, trouble_with
from tests.grading.courses import ASSIGNMENT, answer, submit

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def file(course: Course) -> GradebookFile:
    found = GradebookFile.of(course)
    assert found is not None
    return found


def enrol(file: GradebookFile, student: str) -> None:
    with closing(sqlite3.connect(file.path)) as database:
        database.execute("INSERT INTO student (id) VALUES (?)", (student,))
        database.commit()


def students(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [row[0] for row in database.execute("SELECT id FROM student ORDER BY id")]


def overwrite(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


def test_a_gradebook_that_nbgrader_made_is_sound(file: GradebookFile) -> None:
    assert trouble_with(file.path) == ""
    file.require_sound()


@pytest.mark.parametrize(
    ("start", "length", "trouble"),
    [(0, 100, "file is not a database"), (4096, 8192, "malformed|invalid page|Tree|btree"), (30_000, 4096, "")],
)
def test_a_damaged_one_is_found_and_the_way_out_named(
    course: Course, file: GradebookFile, start: int, length: int, trouble: str
) -> None:
    submit(course, "ann", answer())
    overwrite(file.path, start, length)
    with pytest.raises(GradebookError, match=rf"expected a sound gradebook at .*{trouble}.*; run `autograder recover`"):
        grade(course, ASSIGNMENT, Options())


def test_a_file_without_nbgraders_tables_is_no_gradebook(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("CREATE TABLE grade (id)")
    assert trouble_with(tmp_path / "other.db") == "it has no table assignment"


def test_a_lost_gradebook_with_backups_is_not_taken_for_a_new_course(course: Course, file: GradebookFile) -> None:
    file.back_up(NOON)
    file.path.unlink()
    with pytest.raises(GradebookError, match="found none although there are backups; run `autograder recover`"):
        grade(course, ASSIGNMENT, Options())
    assert not file.path.exists()


def test_a_backup_has_everything_and_is_made_once_for_the_same_contents(file: GradebookFile) -> None:
    enrol(file, "ann")
    first = file.back_up(NOON)
    assert first is not None
    assert first.name == "gradebook-20261102T120000Z.db"
    assert students(first) == ["ann"]
    assert file.back_up(NOON + timedelta(hours=1)) is None
    enrol(file, "bob")
    second = file.back_up(NOON + timedelta(hours=1))
    assert second is not None
    assert (students(first), students(second)) == (["ann"], ["ann", "bob"])
    assert sorted(path.name for path in file.backups.iterdir()) == [first.name, second.name]


def test_a_clock_that_was_put_back_leaves_the_newest_backup_the_last(file: GradebookFile) -> None:
    file.back_up(NOON)
    enrol(file, "ann")
    later = file.back_up(NOON - timedelta(days=400))
    assert later is not None
    assert later.name == "gradebook-20261102T120001Z.db"
    assert file.newest_sound_backup() == later


def test_the_last_ten_backups_stay_and_the_last_of_each_of_seven_days(file: GradebookFile) -> None:
    for day in range(10):
        for hour in (0, 8):
            enrol(file, f"s{day}-{hour}")
            file.back_up(NOON + timedelta(days=day, hours=hour))
    for minute in range(10):
        enrol(file, f"m{minute}")
        file.back_up(NOON + timedelta(days=10, minutes=minute))
    stamps = [path.stem[10:18] for path in file.stored()]
    assert stamps == [f"202611{day:02}" for day in range(6, 12)] + ["20261112"] * 10


def test_the_newest_backup_that_is_damaged_itself_is_passed_over(file: GradebookFile) -> None:
    first = file.back_up(NOON)
    enrol(file, "ann")
    second = file.back_up(NOON + timedelta(hours=1))
    assert second is not None
    overwrite(second, 4096, 8192)
    assert file.newest_sound_backup() == first


def test_a_backup_that_cannot_be_made_stops_the_run_before_it_changes_anything(
    course: Course, file: GradebookFile
) -> None:
    submit(course, "ann", answer())
    file.backups.parent.mkdir(exist_ok=True)
    file.backups.write_text("a file where the folder should be")
    _, results = grade(course, ASSIGNMENT, Options())
    with pytest.raises(AutograderError, match=r"expected to back .* up to .*backups, received .*; free space or"):
        next(results)
    assert students(file.path) == []


MOUNTS = """/dev/sda1 / ext4 rw 0 0
server:/homes /home nfs4 rw 0 0
//server/share /mnt/my\\040share cifs rw 0 0
/dev/sdb1 /home/student xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/course/gradebook.db", "ext4"),
        ("/home/ada/course/gradebook.db", "nfs4"),
        ("/homework/gradebook.db", "ext4"),
        ("/home/student/gradebook.db", "xfs"),
        ("/mnt/my share/gradebook.db", "cifs"),
    ],
)
def test_the_file_system_a_gradebook_lies_on_is_that_of_the_closest_mount(tmp_path: Path, path: str, kind: str) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    assert file_system(Path(path), tmp_path / "mounts") == kind


def test_a_network_file_system_is_warned_of(monkeypatch: pytest.MonkeyPatch, file: GradebookFile) -> None:
    assert file.warning() == ""
    monkeypatch.setattr("autograder.grading.gradebook_file.file_system", lambda _: "nfs4")
    assert "on nfs4, where SQLite's locks may not hold" in file.warning()
