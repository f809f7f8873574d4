"""docs/running-a-class.md and docs/exports.md, typed by whoever runs a course."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from autograder.course import open_course
from tests.collect.archives import zipped
from tests.command_line import run
from tests.shown.classroom import CANVAS, FILES, MOODLE
from tests.shown.page import typed

# docs/audit.md has the same lab audited whole.
GLANCE = {"autograder audit first_lab": "autograder audit first_lab --seeds 1 --no-mutants"}


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, strict=True))


def download(course: Path, lab: str) -> bytes:
    """What Moodle hands out: ada has solved the lab, bela has not begun."""
    folders = {"Ada Lovelace_1_assignsubmission_file_": "source", "Béla Bartók_2_assignsubmission_file_": "release"}
    return zipped(
        {f"{name}/{lab}.ipynb": (course / one / lab / f"{lab}.ipynb").read_bytes() for name, one in folders.items()}
    )


def test_the_page_about_running_a_class_leads_from_a_release_to_grading_again(
    course: Path, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    where = ("--course", str(course))
    checks = course / "reference" / "first_lab" / "checks.py"
    checks.write_text(FILES["checks.py"].replace('1.0, "7.5', '1.5, "7.5'))
    with typed("docs/running-a-class.md", home, instead=GLANCE) as page:
        page.type(course, "autograder status")
        assert "autograder release first_lab" in capfd.readouterr().out

        page.type(course, "autograder release first_lab --exchange --dry-run")
        assert not (course / "release" / "first_lab").exists()
        assert run("release", "first_lab", "--exchange", *where) == 0
        (course / "submissions.zip").write_bytes(download(course, "first_lab"))
        page.type(course, "autograder collect --zip submissions.zip first_lab --dry-run")
        assert not (course / "submitted" / "ada" / "first_lab").exists()
        assert run("collect", "--zip", str(course / "submissions.zip"), "first_lab", *where) == 0
        page.type(course, "autograder grade first_lab")
        # What came from a platform no student can fetch: 1, and the pages are there to be handed out.
        page.type(course, "autograder feedback first_lab --dry-run", "autograder feedback first_lab", code=1)
        assert (course / "feedback" / "bela" / "first_lab" / "first_lab.html").is_file()

        capfd.readouterr()
        page.type(course, "autograder marks", "autograder marks --explain ada", "autograder report")
        assert "4 / 5 points = 0.8" in capfd.readouterr().out
        assert (course / "reports" / "transcripts" / "ada.html").is_file()
        assert (course / "reports" / "class.html").is_file()
        for platform, gradebook in (("canvas", CANVAS), ("moodle", MOODLE)):
            (course / "grades.csv").write_text(gradebook, encoding="utf-8")
            page.type(course, f"autograder export {platform} import.csv --from grades.csv")
            assert [row[-2:] for row in rows(course / "import.csv")][-2:] == [["5", "4"], ["0", "0"]]

        checks.write_text(FILES["checks.py"])  # the check was wrong
        page.type(course, "autograder audit first_lab")
        capfd.readouterr()
        page.type(course, "autograder cache")
        assert re.search(r"first_lab +2 +0 +2 +2 checks changed", capfd.readouterr().out)
        page.type(course, "autograder grade first_lab", "autograder changes --assignment first_lab")
        assert re.search(r"automatic clamp-tests +2 +→ +3", capfd.readouterr().out)
        page.type(course, "autograder feedback first_lab", code=1)
    results = {name: json.loads((course / "results" / name / "first_lab.json").read_text()) for name in ("ada", "bela")}
    assert {name: result["score"] for name, result in results.items()} == {"ada": 5.0, "bela": 0.0}


def test_the_page_about_exports_writes_all_marks_and_then_those_that_changed(
    course: Path, home: Path, tmp_path: Path
) -> None:
    moodle = tmp_path / "moodle"  # a reader has one of the two platforms
    shutil.copytree(course, moodle)
    gradebook = home / "Downloads" / "grades.csv"
    with typed("docs/exports.md", home) as page:
        gradebook.write_text(CANVAS, encoding="utf-8")
        page.type(course, "autograder export canvas import.csv --from ~/Downloads/grades.csv")
        gradebook.write_text(MOODLE, encoding="utf-8")
        page.type(moodle, "autograder export moodle import.csv --from ~/Downloads/grades.csv")
        for folder in (course, moodle):
            assert [row[-1] for row in rows(folder / "import.csv")][-2:] == ["5", "0"]
        with open_course(course).gradebook() as marks:
            marks.find_grade("share-tests", "cnn_digits", "cnn_digits", "bela").manual_score = 2
            marks.db.commit()
        gradebook.write_text(CANVAS, encoding="utf-8")
        page.type(course, "autograder export canvas changes.csv --from ~/Downloads/grades.csv --since import.csv")
    assert [(row[2], row[-1]) for row in rows(course / "changes.csv")[2:]] == [("bela", "2")]
