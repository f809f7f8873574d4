"""docs/commands.md: the example of each command, as its help shows it, in a course whose lab `cnn_digits` is graded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.collect.archives import zipped
from tests.shown.classroom import CANVAS
from tests.shown.page import typed

# More seeds and mistakes tell more about the lab, and no more about the command: docs/audit.md has them.
LESS = {
    "autograder audit cnn_digits --seeds 2": "autograder audit cnn_digits --seeds 2 --no-mutants",
    "autograder calibrate cnn_digits --seeds 50": "autograder calibrate cnn_digits --seeds 2",
}


def test_the_example_of_every_command_works(course: Path, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    notebook = (course / "release" / "cnn_digits" / "cnn_digits.ipynb").read_bytes()
    (home / "Downloads" / "submissions.zip").write_bytes(zipped({"chen/cnn_digits.ipynb": notebook}))
    (home / "Downloads" / "grades.csv").write_text(CANVAS, encoding="utf-8")
    (home / "my-course").symlink_to(course)
    solved = home / "cnn_digits"
    shutil.copytree(course / "source" / "cnn_digits", solved)
    with typed("docs/commands.md", home, instead=LESS) as page:
        page.type(course, "autograder collect --zip ~/Downloads/submissions.zip cnn_digits --dry-run", code=1)
        assert "chen" in capfd.readouterr().out  # 1: the roster does not have them
        page.type(home, "autograder grade cnn_digits --course ~/my-course --student ada")
        page.type(course, "autograder cache cnn_digits", "autograder recover --dry-run")
        assert "Every automatic mark is as the ledger has it." in capfd.readouterr().out
        page.type(home, "autograder init deep-learning")
        page.type(course, "autograder build cnn_digits")
        assert "cnn_digits: up to date" in capfd.readouterr().out
        page.type(course, "autograder audit cnn_digits --seeds 2", "autograder calibrate cnn_digits --seeds 50")
        page.type(course, "autograder new lab grad_cam", "autograder release cnn_digits --zip build --dry-run")
        assert not (course / "build" / "cnn_digits.zip").exists()
        page.type(course, "autograder feedback cnn_digits --dry-run", code=1)  # 1: nothing came through an exchange
        assert not (course / "feedback").exists()
        page.type(course, "autograder status")
        page.type(home, "autograder validate cnn_digits")
        page.type(course, "autograder marks --explain ada", "autograder report")
        page.type(course, "autograder export canvas import.csv --from ~/Downloads/grades.csv", "autograder changes ada")
    assert (course / "import.csv").is_file()
