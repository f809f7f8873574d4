"""docs/audit.md and docs/writing-a-lab.md, typed by whoever writes a lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shown.classroom import write_lab
from tests.shown.page import typed

# Fifty seeds tell more about the lab, and no more about the command.
FEWER_SEEDS = {"autograder calibrate grad_cam --seeds 50": "autograder calibrate grad_cam --seeds 5"}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Return the folder of a course without labs."""
    root = tmp_path / "course"
    root.mkdir()
    (root / "course.toml").write_text('id = "deep-learning"\n[sandbox]\npreload = []\n')
    return root


def test_the_page_about_audits_begins_a_lab_and_proves_it(
    empty: Path, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with typed("docs/audit.md", home, instead=FEWER_SEEDS) as page:
        page.type(empty, "autograder new lab grad_cam")
        assert (empty / "reference" / "grad_cam" / "variants.py").is_file()
        write_lab(empty, "grad_cam")  # what `new lab` writes trains with Keras: test_cli.py audits that one
        page.type(empty, "autograder build grad_cam", "autograder audit grad_cam")
        shown = capfd.readouterr().out
        assert "wrong variants lose marks where they must: 1 of 1, under 5 seeds" in shown
        assert "ok  generated mistakes are caught: 2 of 2" in shown
        page.type(empty, "autograder audit grad_cam --seeds 1 --no-mutants")
        shown = capfd.readouterr().out
        assert "wrong variants lose marks where they must: 1 of 1, under 1 seed" in shown
        assert "generated mistakes" not in shown
        page.type(empty, "autograder calibrate grad_cam --seeds 50")
        assert "Proposed: zero_at=" in capfd.readouterr().out
    assert (empty / "build" / "calibration-grad_cam.svg").is_file()


def test_the_page_about_writing_a_lab_leads_from_a_new_one_to_its_release(empty: Path, home: Path) -> None:
    with typed("docs/writing-a-lab.md", home) as page:
        page.type(empty, "autograder new lab grad_cam", "autograder build grad_cam", "autograder build")
        assert (empty / "source" / "grad_cam" / "grad_cam.ipynb").is_file()
        page.type(empty, "autograder release grad_cam --dry-run")
        assert not (empty / "release").exists()
        page.type(empty, "autograder release grad_cam")
        assert (empty / "release" / "grad_cam" / "grad_cam.ipynb").is_file()
