"""Archives collected into a course: what lies where afterwards, and what is said."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from nbgrader.apps.api import NbGraderAPI

from autograder.collect import Options, collect
from autograder.collect.placing import Places
from autograder.collect.table import collection_lines
from autograder.course import Course, list_submissions, read_timestamp
from autograder.errors import CollectError, UsageError
from tests.collect.archives import answered, tarred, tree, zipped
from tests.collect.conftest import ANSWER, Collect

MOODLE = "Ada Lovelace_11_assignsubmission_file_"
TIMED = Options(pattern=r"(?P<student_id>\w+)_(?P<timestamp>[\d-]+)_(?P<file_id>\w+)")


def submitted(course: Course) -> dict[str, bytes]:
    return tree(course.root / "submitted")


def test_moodles_archive_becomes_nbgraders_folders(course: Course, run: Collect, notebook: bytes) -> None:
    collection = run(
        {
            f"{MOODLE}/sums.ipynb": notebook,
            f"{MOODLE}/data/x.csv": "1",
            "Bob_12_assignsubmission_file_/sums.ipynb": notebook,
        }
    )
    assert submitted(course) == {
        "11/sums/sums.ipynb": notebook,
        "11/sums/data/x.csv": b"1",
        "12/sums/sums.ipynb": notebook,
    }
    assert [(row.student, row.became) for row in collection.rows] == [("11", "new"), ("12", "new")]
    assert collection.complete
    assert [one.student for one in list_submissions(course, "sums")] == ["11", "12"]
    assert any("no timestamp.txt is written" in line for line in collection_lines(collection))


def test_a_dry_run_says_the_same_and_writes_nothing(course: Course, run: Collect, notebook: bytes) -> None:
    before = tree(course.root)
    dry = run({f"{MOODLE}/sums.ipynb": notebook, "x": "1"}, Options(dry_run=True))
    assert tree(course.root) == before
    wet = run({f"{MOODLE}/sums.ipynb": notebook, "x": "1"})
    assert (dry.rows, dry.refused) == (wet.rows, wet.refused)


def test_the_courses_roster_says_who_is_who(course: Course, run: Collect, notebook: bytes) -> None:
    (course.root / "course").mkdir()
    (course.root / "course" / "roster.csv").write_text("id,name\nada,Ada Lovelace\n")
    collection = run({f"{MOODLE}/sums.ipynb": notebook, "Bob_12_assignsubmission_file_/sums.ipynb": notebook})
    assert list(submitted(course)) == ["ada/sums/sums.ipynb"]
    assert [(row.student, row.sender, row.became) for row in collection.rows] == [
        ("ada", "Ada Lovelace, 11", "new"),
        ("", "Bob, 12", "needs you"),
    ]
    assert not collection.complete


def test_two_senders_are_not_made_one_student(course: Course, run: Collect, notebook: bytes) -> None:
    collection = run({"ada_5_1_sums.ipynb": notebook, "evil_5_2_sums.ipynb": notebook + b" "})
    assert submitted(course) == {}
    assert [(row.student, row.became) for row in collection.rows] == [("5", "needs you"), ("5", "needs you")]
    assert "expected one sender for a student" in collection.rows[0].notes[0]


def test_of_canvas_attachments_the_newest_wins_and_that_is_said(course: Course, run: Collect, notebook: bytes) -> None:
    newest = answered(course, "newest")
    collection = run({"a_5_30_sums-1.ipynb": newest, "a_5_20_sums.ipynb": notebook, "a_LATE_6_40_sums.ipynb": notebook})
    assert submitted(course)["5/sums/sums.ipynb"] == newest
    assert collection.rows[0].notes == ("sums.ipynb was handed in 2 times; the newest is taken, not a_5_20_sums.ipynb",)
    assert collection.rows[1].notes == ("late, says the platform; by how much it does not say",)


@pytest.mark.parametrize("name", ["work.zip", "work.tar.gz", "work.tar"])
def test_a_students_own_archive_is_opened_once(course: Course, run: Collect, notebook: bytes, name: str) -> None:
    files = {
        "work/sums.ipynb": notebook,
        "work/data/x.csv": b"1",
        "__MACOSX/work/._sums.ipynb": b"x",
        "work/.DS_Store": b"x",
    }
    packed = (
        zipped(files) if name.endswith(".zip") else tarred(list(files.items()), "w:gz" if name.endswith("gz") else "w")
    )
    collection = run({f"{MOODLE}/{name}": packed})
    assert submitted(course) == {"11/sums/sums.ipynb": notebook, "11/sums/data/x.csv": b"1"}
    assert collection.litter == 2
    assert collection.rows[0].notes == ("taken out of the folder work",)


def test_an_archive_beside_the_notebook_is_data(course: Course, run: Collect, notebook: bytes) -> None:
    data = zipped({"x.csv": "1"})
    collection = run({"ada/sums.ipynb": notebook, "ada/data.zip": data})
    assert submitted(course) == {"ada/sums/sums.ipynb": notebook, "ada/sums/data.zip": data}
    assert "data.zip is kept as a file" in collection.rows[0].notes[0]


def test_one_of_two_notebooks_is_taken_and_the_other_said_to_be_missing(
    two_notebooks: Course, tmp_path: Path, notebook: bytes
) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(zipped({"ada/sums.ipynb": notebook}))
    (row,) = collect(two_notebooks, archive).rows
    assert (row.became, row.notes) == ("new", ("extra.ipynb is missing, and nothing else holds its cells",))


def test_a_renamed_notebook_that_could_be_two_is_nobodys_guess(
    two_notebooks: Course, tmp_path: Path, notebook: bytes
) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(zipped({"ada/final.ipynb": notebook}))
    (row,) = collect(two_notebooks, archive).rows
    assert row.became == "needs you"
    assert tree(two_notebooks.root / "submitted") == {".unclear/ada/sums/final.ipynb": notebook}


def test_the_same_archive_twice_changes_nothing(course: Course, run: Collect, notebook: bytes) -> None:
    run({"ada/sums.ipynb": notebook, "bob/x.csv": "1"})
    before = submitted(course)
    collection = run({"ada/sums.ipynb": notebook, "bob/x.csv": "1"})
    assert [row.became for row in collection.rows] == ["unchanged", "needs you"]
    assert submitted(course) == before


def test_what_differs_is_kept_unless_it_is_to_be_replaced(course: Course, run: Collect, notebook: bytes) -> None:
    run({"ada/sums.ipynb": notebook})
    later = answered(course, "later")
    collection = run({"ada/sums.ipynb": later})
    assert [row.became for row in collection.rows] == ["differs"]
    assert not collection.complete
    assert submitted(course) == {"ada/sums/sums.ipynb": notebook}
    assert [row.became for row in run({"ada/sums.ipynb": later}, Options(replace=True)).rows] == ["replaced"]
    assert submitted(course) == {"ada/sums/sums.ipynb": later, ".replaced/ada/sums/1/sums.ipynb": notebook}


def test_a_later_submission_replaces_an_earlier_one_and_never_the_other_way(
    course: Course, run: Collect, notebook: bytes
) -> None:
    first, second = "ada_2026-01-01_sums.ipynb", "ada_2026-01-02_sums.ipynb"
    run({first: notebook}, TIMED)
    assert str(read_timestamp(course.root / "submitted/ada/sums")) == "2026-01-01 00:00:00"
    later = answered(course, "later")
    assert [row.became for row in run({second: later}, TIMED).rows] == ["replaced"]
    collection = run({first: notebook}, TIMED)
    assert [row.became for row in collection.rows] == ["older"]
    assert collection.complete
    assert submitted(course)["ada/sums/sums.ipynb"] == later
    assert str(read_timestamp(course.root / "submitted/ada/sums")) == "2026-01-02 00:00:00"
    assert submitted(course)[".replaced/ada/sums/1/sums.ipynb"] == notebook


def test_of_two_times_in_one_archive_the_later_wins(course: Course, run: Collect, notebook: bytes) -> None:
    later = answered(course, "later")
    run({"ada_2026-01-02_sums.ipynb": later, "ada_2026-01-01_sums.ipynb": notebook}, TIMED)
    assert submitted(course)["ada/sums/sums.ipynb"] == later


def test_nbgrader_sees_only_what_is_in_place(course: Course, run: Collect, notebook: bytes) -> None:
    run({"ada/sums.ipynb": notebook, "bob/x.csv": "1"})
    run({"ada/sums.ipynb": answered(course, "later"), "bob/x.csv": "1"}, Options(replace=True))
    assert {name.split("/")[0] for name in submitted(course)} == {"ada", ".replaced", ".unclear"}
    assert NbGraderAPI(course.coursedir()).get_submitted_students("sums") == {"ada"}
    assert NbGraderAPI(course.coursedir()).get_submitted_students("*") == {"ada"}
    assert [one.student for one in list_submissions(course, "sums")] == ["ada"]


def test_a_killed_command_leaves_nothing_by_halves(course: Course, tmp_path: Path, notebook: bytes) -> None:
    archive = tmp_path / "a.zip"
    later = answered(course, "later")
    archive.write_bytes(zipped({f"{student}/sums.ipynb": later for student in ("ada", "bob", "cy")}))
    old = tmp_path / "old.zip"
    old.write_bytes(zipped({"bob/sums.ipynb": notebook}))
    collect(course, old)
    script = f"""
        import os, signal
        from pathlib import Path
        from autograder.collect import Options, collect, collection
        from autograder.course import open_course

        def killed(staged, place, aside, put=collection.put_in_place):
            if place.parts[-2] == "cy":
                os.kill(os.getpid(), signal.SIGKILL)
            put(staged, place, aside)

        collection.put_in_place = killed
        collect(open_course(Path({str(course.root)!r})), Path({str(archive)!r}), "sums", Options(replace=True))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    seen = {name: content for name, content in submitted(course).items() if not name.startswith(".collecting")}
    assert seen == {
        "ada/sums/sums.ipynb": later,
        "bob/sums/sums.ipynb": later,
        ".replaced/bob/sums/1/sums.ipynb": notebook,
    }
    collection = collect(course, archive)
    assert [row.became for row in collection.rows] == ["unchanged", "unchanged", "new"]
    assert not (course.root / "submitted" / ".collecting").exists()


def test_at_no_moment_is_a_student_without_a_submission(
    course: Course, run: Collect, notebook: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    run({"ada/sums.ipynb": notebook})
    monkeypatch.setattr("autograder.collect.placing._exchange", ended)  # the one step between the old and the new
    with pytest.raises(KeyboardInterrupt):
        run({"ada/sums.ipynb": answered(course, "later")}, Options(replace=True))
    assert submitted(course)["ada/sums/sums.ipynb"] == notebook


def test_a_full_disk_is_one_sentence(
    course: Course, run: Collect, notebook: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("autograder.collect.collection.lay_out", full)
    with pytest.raises(CollectError, match="expected room on the disk"):
        run({"ada/sums.ipynb": notebook})
    assert submitted(course) == {}


def test_two_commands_do_not_collect_at_once(course: Course, run: Collect, notebook: bytes) -> None:
    with Places(course, "sums").staging(dry_run=False), pytest.raises(UsageError, match="found another; wait for it"):
        run({"ada/sums.ipynb": notebook})


def test_an_unknown_assignment_or_archive_is_wrong_usage(course: Course, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"released assignment \(sums\), received 'sum'"):
        collect(course, tmp_path / "a.zip", "sum")
    with pytest.raises(UsageError, match="found none at"):
        collect(course, tmp_path / "a.zip", "sums")


def test_a_file_system_that_cannot_exchange_loses_nothing(
    course: Course, run: Collect, notebook: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run({"ada/sums.ipynb": notebook})
    monkeypatch.setattr("autograder.collect.placing.RENAME_EXCHANGE", 1 << 20)  # a flag no kernel knows: EINVAL
    later = answered(course, ANSWER + " ")
    run({"ada/sums.ipynb": later}, Options(replace=True))
    assert submitted(course) == {"ada/sums/sums.ipynb": later, ".replaced/ada/sums/1/sums.ipynb": notebook}
