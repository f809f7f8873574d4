"""Every lab of the course: its points do not rest on the word of the student's process."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.audit import require_evidence
from autograder.authoring import read_lab
from autograder.checks import load_checks

LABS = sorted(path.parent for path in (Path(__file__).parents[2] / "reference").glob("*/checks.py"))


@pytest.mark.parametrize("folder", LABS, ids=lambda folder: folder.name)
def test_most_points_rest_on_what_was_measured_or_recomputed(folder: Path) -> None:
    points = {cell.grade_id: float(cell.points or 0) for cell in read_lab(folder).of_kind("tests")}
    require_evidence(folder.name, points, load_checks(folder / "checks.py"))


def test_there_are_labs() -> None:
    assert LABS
