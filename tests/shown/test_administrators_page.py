"""docs/administrators.md, typed in a clone that is set up, and on a node of a cluster."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.command_line import run
from tests.shown.classroom import hand_in
from tests.shown.page import typed

# As a shell that does not know the project's programs yet would have it.
ACTIVATE = "source .venv/bin/activate"
FRESH = f"PATH=/usr/bin:/bin; {ACTIVATE}; command -v autograder"


def test_the_page_for_administrators_tries_the_machine_and_grades_in_a_job(
    course: Path, home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / ".venv").symlink_to(sys.prefix)
    assert run("release", "first_lab", "--course", str(course)) == 0
    hand_in(course, "ada", "first_lab", course / "source" / "first_lab")
    places = {"/courses/deep-learning": str(course)}
    with typed("docs/administrators.md", home, places=places, instead={ACTIVATE: FRESH}) as page:
        capfd.readouterr()
        page.type(clone, ACTIVATE)
        assert capfd.readouterr().out.endswith("/bin/autograder\n")
        page.type(clone, "autograder doctor")
        assert capfd.readouterr().out.endswith(". Submissions can be graded here.\n")
        folder = page.type(clone, "cd /courses/deep-learning", "autograder grade first_lab --workers 8")
    assert folder == course
    assert json.loads((course / "results" / "ada" / "first_lab.json").read_text())["score"] == 5.0
