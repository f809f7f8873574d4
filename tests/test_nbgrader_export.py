"""`nbgrader export` through our exporter: the same rows as nbgrader's, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin
from traitlets.config import Config

from autograder.errors import AutograderError
from autograder.nbgrader_export import SpreadsheetExport
from autograder.nbgrader_plugin import configure

# nbgrader's gradebook warns of rows that are not yet in their session.
pytestmark = pytest.mark.filterwarnings("ignore")

STUDENTS = {
    "=cmd|'": {"first_name": "@SUM(1)", "last_name": "=1+1,inj", "email": "\t=x@y.z"},
    "-1": {"first_name": 'say "hi"', "last_name": "two\nlines", "email": "a;=1+1"},
    "ada": {"first_name": "Ada", "last_name": "O'Neill-Smith", "email": "ada@example.org"},
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one gradebook of three students to copy, of whom two have handed in."""
    path = tmp_path_factory.mktemp("filled") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader runs `alembic` for a new gradebook; without an activated environment it is not on PATH.
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        with Gradebook(f"sqlite:///{path}") as gradebook:
            gradebook.add_assignment("ps1", duedate="2026-03-01 12:00:00")
            gradebook.add_assignment("ps2")
            gradebook.add_notebook("sums", "ps1")
            gradebook.add_grade_cell("tests", "sums", "ps1", max_score=4, cell_type="code")
            for student, names in STUDENTS.items():
                gradebook.add_student(student, **names)
            for student, score in (("ada", -1.5), ("-1", 3.0)):
                submission = gradebook.add_submission("ps1", student, timestamp="2026-03-01 13:00:00")
                gradebook.find_grade("tests", "sums", "ps1", student).auto_score = score
                submission.notebooks[0].late_submission_penalty = 0.5
            gradebook.db.commit()
    return path


@pytest.fixture
def database(filled: Path, tmp_path: Path) -> str:
    """Return the address of a copy of the gradebook, in the test's own folder."""
    shutil.copy(filled, tmp_path / "gradebook.db")
    return f"sqlite:///{tmp_path / 'gradebook.db'}"


def exported(database: str, path: Path, **settings: object) -> list[dict[str, str]]:
    with Gradebook(database) as gradebook:
        SpreadsheetExport(to=str(path), **settings).export(gradebook)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_names_that_are_formulas_are_text_and_scores_stay_numbers(database: str, tmp_path: Path) -> None:
    rows = {row["student_id"]: row for row in exported(database, tmp_path / "out.csv", assignment=["ps1"])}
    assert sorted(rows) == ["'-1", "'=cmd|'", "ada"]
    assert rows["'=cmd|'"]["last_name"] == "'=1+1,inj"
    assert rows["'=cmd|'"]["email"] == "'\t'=x@y.z"
    assert rows["'-1"]["email"] == "a;'=1+1"
    assert (rows["ada"]["raw_score"], rows["ada"]["score"]) == ("-1.5", "0.0")
    assert (rows["'-1"]["raw_score"], rows["'-1"]["score"], rows["'-1"]["max_score"]) == ("3.0", "2.5", "4.0")
    assert (rows["'=cmd|'"]["score"], rows["'=cmd|'"]["timestamp"]) == ("0.0", "")


def test_the_rows_are_those_of_nbgraders_own_exporter(database: str, tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs.csv", tmp_path / "ours.csv"
    with Gradebook(database) as gradebook:
        CsvExportPlugin(to=str(theirs), student=["ada"]).export(gradebook)
    rows = exported(database, ours, student=["ada"])
    with theirs.open(newline="") as file:
        assert rows == list(csv.DictReader(file))
    assert len(rows) == 2


def test_the_byte_order_mark_is_a_setting(database: str, tmp_path: Path) -> None:
    exported(database, tmp_path / "out.csv", byte_order_mark=True)
    assert (tmp_path / "out.csv").read_bytes().startswith(b'\xef\xbb\xbf"assignment",')


def test_a_file_that_cannot_be_written_is_a_sentence(database: str, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with Gradebook(database) as gradebook, pytest.raises(AutograderError, match=r"write the marks .*out\.csv"):
        SpreadsheetExport(to=str(tmp_path / "out.csv")).export(gradebook)


def test_configure_makes_it_the_courses_exporter_unless_there_is_another() -> None:
    c = Config()
    configure(c)
    assert c.ExportApp.plugin_class == "autograder.nbgrader_export.SpreadsheetExport"
    c.ExportApp.plugin_class = "theirs.Own"
    configure(c)
    assert c.ExportApp.plugin_class == "theirs.Own"


def test_nbgrader_export_writes_it_in_a_configured_course(database: str, tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(
        "from autograder.nbgrader_plugin import configure\nc = get_config()\nconfigure(c)\n"
    )
    command = [sys.executable, "-m", "nbgrader", "export", "--to=marks.csv"]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "none")}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "Using exporter: SpreadsheetExport" in run.stderr
    assert '"\'=1+1,inj"' in (tmp_path / "marks.csv").read_text()
