"""The key of a submission: the same for the same work, and a student's own only where checks depend on the student."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.checks import Owner
from autograder.grading import key as key_module
from autograder.grading.key import PARTS, LabDigests, Part, SubmissionDigests, changed_parts, submission_key
from autograder.grading.task import Settings
from autograder.sandbox import Limits

SETTINGS = Settings(limits=Limits(), preload=(), number=0, sandboxed=True)
LAB = LabDigests("checks", "data")
EMPTY = '{"cells": []}'


def key(folder: Path, owner: Owner | None) -> str:
    return submission_key(SubmissionDigests.of(folder), LAB, SETTINGS, "seed", owner=owner)


def test_whose_work_it_is_counts_where_checks_depend_on_it(tmp_path: Path) -> None:
    (tmp_path / "notebook.ipynb").write_text(EMPTY)
    anybody, ada = key(tmp_path, None), key(tmp_path, Owner("ada", ("1a", "2b")))
    assert key(tmp_path, None) == anybody
    assert key(tmp_path, Owner("ada", ("1a", "2b"))) == ada
    others = [Owner("bela", ("1a", "2b")), Owner("ada", ("1a", "2c")), Owner("ada")]
    assert len({anybody, ada, *(key(tmp_path, owner) for owner in others)}) == 5


def test_every_part_of_a_key_says_by_itself_that_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebook.ipynb").write_text(EMPTY)
    before = key(tmp_path, None)
    slower = SETTINGS.model_copy(update={"limits": Limits(cell_seconds=99)})
    bare = SETTINGS.model_copy(update={"sandboxed": False})
    found: dict[Part, str] = {
        "checks": submission_key(SubmissionDigests.of(tmp_path), replace(LAB, checks="others"), SETTINGS, "seed"),
        "data": submission_key(SubmissionDigests.of(tmp_path), replace(LAB, data="others"), SETTINGS, "seed"),
        "limits": submission_key(SubmissionDigests.of(tmp_path), LAB, slower, "seed"),
        "protection": submission_key(SubmissionDigests.of(tmp_path), LAB, bare, "seed"),
        "rules": submission_key(SubmissionDigests.of(tmp_path), LAB, SETTINGS, "seed", nbgrader_marks=True),
        "draws": submission_key(SubmissionDigests.of(tmp_path), LAB, SETTINGS, "another seed"),
        "student": key(tmp_path, Owner("ada")),
        "cleared": submission_key(
            SubmissionDigests.of(tmp_path), LAB, SETTINGS, "seed", cleared="2026-11-02T17:05:00+00:00"
        ),
    }
    (tmp_path / "notebook.ipynb").write_text(f"{EMPTY} ")
    found["submission"] = key(tmp_path, None)
    (tmp_path / "notebook.ipynb").write_text(EMPTY)
    monkeypatch.setattr(key_module, "versions", lambda: {"python": "2.7"})
    found["versions"] = key(tmp_path, None)
    assert {part: changed_parts(before, after) for part, after in found.items()} == {part: (part,) for part in PARTS}
    assert changed_parts(before, before) == ()
    assert changed_parts("0123abcd", before) == PARTS  # of an earlier version of this package


def test_a_module_that_checks_import_judges_and_what_makes_the_lab_does_not(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("checks.py", "pictures.py", "lab.py", "variants.py", "data/hidden.npy"):
        (tmp_path / name).write_text("1")
    before = LabDigests.of(tmp_path)
    (tmp_path / "lab.py").write_text("2")
    (tmp_path / "variants.py").write_text("2")
    assert LabDigests.of(tmp_path) == before
    (tmp_path / "pictures.py").write_text("2")
    changed = LabDigests.of(tmp_path)
    assert (changed.checks == before.checks, changed.data == before.data) == (False, True)
    (tmp_path / "data" / "hidden.npy").write_text("2")
    assert LabDigests.of(tmp_path).data != before.data
