"""From release to feedback, at a real browser and real servers."""

from __future__ import annotations

from pathlib import Path

from . import chromium, places
from .walk import Walk


def test_a_lab_goes_from_its_release_to_the_feedback_that_its_student_reads(tmp_path: Path) -> None:
    with chromium.opened() as browser, places.opened(tmp_path) as where:
        walk = Walk(browser, where)
        walk.all()
    assert walk.barriers == []
