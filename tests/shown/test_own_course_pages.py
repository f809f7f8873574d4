"""README.md, docs/nbgrader.md and docs/collecting.md, typed by somebody who has a course of nbgrader's."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import GenerateAssignment

from autograder.course import open_course, read_timestamp
from tests.collect.archives import zipped
from tests.grading.courses import answer, sums_notebook
from tests.shown.page import typed

ASSIGNMENTS = ("homework1", "ps1", "lab1", "cnn_digits")
OTHER_NAMES = (
    r"autograder collect --zip all.zip lab1 --pattern '(?P<student_id>\w+)_(?P<timestamp>[\d-]+)_(?P<file_id>\w+)'"
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course without a file of ours, but for what keeps the sandbox small; each assignment is released."""
    root = tmp_path_factory.mktemp("own") / "path" / "to" / "course"
    for name in ASSIGNMENTS:
        (root / "source" / name).mkdir(parents=True)
        nbformat.write(sums_notebook(), root / "source" / name / f"{name}.ipynb")
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'arithmetic'\n")
    (root / "course.toml").write_text("[sandbox]\npreload = []\n")
    course = open_course(root)
    for name in ASSIGNMENTS:
        GenerateAssignment(coursedir=course.coursedir(assignment_id=name, student_id="."), config=course.config).start()
    return root


def solved(own: Path, assignment: str) -> bytes:
    """Return the notebook of an assignment with the part that a test marks done right: 4 of 6 points."""
    notebook = nbformat.read(own / "release" / assignment / f"{assignment}.ipynb", as_version=4)
    answer()(notebook)
    return nbformat.writes(notebook).encode()


def test_the_readme_collects_and_grades_and_begins_a_course(
    own: Path, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    downloaded = {"Ada Lovelace_1327627_assignsubmission_file_/ps1.ipynb": solved(own, "ps1")}
    (home / "moodle.zip").write_bytes(zipped(downloaded))
    with typed("README.md", home) as page:
        (home / "DIR").symlink_to(own)  # the reader's: first a course that is there, then one that is not yet
        page.type(home, "autograder collect ps1 --zip moodle.zip --course DIR", "autograder grade ps1 --course DIR")
        assert "1327627 │    4 │  6" in capfd.readouterr().out
        (home / "DIR").unlink()
        page.type(home, "autograder init DIR")
    for file in ("course/course.toml", "reference/first_lab/lab.py", "course/quizzes/first_quiz.toml"):
        assert (home / "DIR" / file).is_file()


def test_the_page_about_nbgrader_grades_a_course_of_its_own_and_exports_it(own: Path, home: Path) -> None:
    work = own / "submitted" / "ada" / "homework1"
    work.mkdir(parents=True)
    (work / "homework1.ipynb").write_bytes(solved(own, "homework1"))
    with typed("docs/nbgrader.md", home) as page:
        page.type(own.parents[2], "autograder grade homework1 --course path/to/course")
        page.type(own, "nbgrader export --exporter=autograder.nbgrader_export.SpreadsheetExport --to grades.csv")
    with (own / "grades.csv").open(newline="", encoding="utf-8") as file:
        scores = {(row["assignment"], row["student_id"]): row["score"] for row in csv.DictReader(file)}
    assert scores["homework1", "ada"] == "4.0"
    assert '"homework1"' in (own / "grades.csv").read_text(encoding="utf-8")


def test_the_page_about_collecting_tries_a_download_first_and_reads_other_names(
    own: Path, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    downloaded = {"lovelaceada_340934_208490284_cnn_digits.ipynb": solved(own, "cnn_digits")}
    (home / "Downloads" / "submissions.zip").write_bytes(zipped(downloaded))
    (own / "all.zip").write_bytes(zipped({"ada_2026-11-02-17-05-00_lab1.ipynb": solved(own, "lab1")}))
    dry_run = "autograder collect --zip ~/Downloads/submissions.zip cnn_digits --course path/to/course --dry-run"
    with typed("docs/collecting.md", home) as page:
        page.type(own.parents[2], dry_run)
        assert "340934" in capfd.readouterr().out
        assert not (own / "submitted" / "340934").exists()
        page.type(own, OTHER_NAMES)
    collected = own / "submitted" / "ada" / "lab1"
    assert (collected / "lab1.ipynb").is_file()
    assert str(read_timestamp(collected)) == "2026-11-02 17:05:00"  # five past five, as the page says
