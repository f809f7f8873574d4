"""equivalent.toml: generated mistakes that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.audit.equivalent import read_equivalent, stale
from autograder.errors import CheckError

GOOD = """
[[equivalent]]
mutants = ["off-by-one/part/aaaaaa", "axis-wrong/part/bbbbbb"]
reason = "the last window is never looked at"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "equivalent.toml").write_text(text, encoding="utf-8")
    return folder


def test_every_mutant_has_the_reason_of_its_table(tmp_path: Path) -> None:
    assert read_equivalent(write(tmp_path, GOOD)) == {
        "off-by-one/part/aaaaaa": "the last window is never looked at",
        "axis-wrong/part/bbbbbb": "the last window is never looked at",
    }


def test_a_lab_without_the_file_has_none(tmp_path: Path) -> None:
    assert read_equivalent(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[[equivalent]]\nmutants = []\nreason = 'because it is so'",
            "equivalent.0.mutants: List should have at least",
        ),
        ("[[equivalent]]\nmutants = ['a']\nreason = ''", "equivalent.0.reason: String should have at least 10"),
        ("[[equivalent]]\nmutants = ['a']\nwhy = 'because it is so'", "equivalent.0.reason: Field required"),
        ("[[equivalent", "Expected"),
        (GOOD + GOOD, "found 'off-by-one/part/aaaaaa' twice"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CheckError, match=message):
        read_equivalent(write(tmp_path, text))


def test_an_entry_is_stale_when_its_mutant_is_gone_or_caught() -> None:
    reasons = {"gone": "because", "caught": "because", "left": "because", "untried": "because"}
    found = list(stale(reasons, {"caught", "left", "untried"}, {"caught": "counts_rows", "left": ""}))
    assert found == [
        "equivalent.toml names gone, which is no mutant of the lab (any more); remove the entry",
        "equivalent.toml calls caught no mistake, but counts_rows catches it; remove the entry",
    ]
