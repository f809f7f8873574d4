"""The key of a submission: the same for the same work, and a student's own only where checks depend on the student."""

from __future__ import annotations

from pathlib import Path

from autograder.checks import Owner
from autograder.grading.key import submission_key
from autograder.grading.task import Settings
from autograder.sandbox import Limits

SETTINGS = Settings(limits=Limits(), preload=(), number=0, sandboxed=True)


def key(folder: Path, owner: Owner | None) -> str:
    return submission_key(folder, "lab", SETTINGS, "seed", owner=owner)


def test_whose_work_it_is_counts_where_checks_depend_on_it(tmp_path: Path) -> None:
    (tmp_path / "notebook.ipynb").write_text("{}")
    anybody, ada = key(tmp_path, None), key(tmp_path, Owner("ada", ("1a", "2b")))
    assert key(tmp_path, None) == anybody
    assert key(tmp_path, Owner("ada", ("1a", "2b"))) == ada
    others = [Owner("bela", ("1a", "2b")), Owner("ada", ("1a", "2c")), Owner("ada")]
    assert len({anybody, ada, *(key(tmp_path, owner) for owner in others)}) == 5
