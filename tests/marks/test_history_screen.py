"""The log of changed marks on a terminal: whole words at any usual width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.grading.change_log import LoggedChange, LoggedMark
from autograder.marks import history_screen

CHANGE = LoggedChange(
    at="2026-11-30T22:48:05+00:00",
    user="root",
    command="grade",
    seen=False,
    why="handed in again",
    student="ada",
    assignment="first_lab",
    marks=(
        LoggedMark(notebook="first_lab", cell="share-right-tests", kind="automatic", before=0.0, after=2.0),
        LoggedMark(notebook="extra", cell="accuracy-tests", kind="automatic", before=None, after=5.7),
    ),
)


def shown(*changes: LoggedChange, width: int = 80) -> list[str]:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(history_screen(changes))
    return [line.rstrip() for line in console.export_text().splitlines()]


@pytest.mark.parametrize("width", [80, 200])
def test_each_change_has_a_heading_and_a_line_for_each_mark(width: int) -> None:
    assert shown(CHANGE, width=width)[2:] == [
        "2026-11-30 22:48 UTC  ada, first_lab: handed in again (root, grade)",
        "  automatic share-right-tests     0  → 2",
        "  automatic extra/accuracy-tests  -  → 5.7",
    ]


def test_what_was_only_seen_is_told() -> None:
    assert "(somebody; seen by root, grade)" in shown(CHANGE.model_copy(update={"seen": True}), width=100)[2]


def test_nothing_is_said_to_be_nothing() -> None:
    assert shown() == ["No mark was changed."]


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    assert "\x9b" not in "".join(shown(CHANGE.model_copy(update={"student": "ada\x9b31m"})))
