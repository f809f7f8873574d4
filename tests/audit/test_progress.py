"""What an audit says while it runs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.audit.progress import shown_progress


def test_away_from_a_terminal_a_line_is_written_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    results = io.StringIO()
    with shown_progress(Console(file=results), every=0.0) as say:
        say("digits: reference, seed 0")
        say("digits: [one] of two, seed 1")
    with shown_progress(Console(file=results), every=3600.0) as say:
        say("digits: too early for a line")
    said = capsys.readouterr().err.splitlines()
    assert said == ["0 s: digits: reference, seed 0", "0 s: digits: [one] of two, seed 1"]
    assert results.getvalue() == ""


def test_on_a_terminal_the_line_is_gone_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = io.StringIO()
    with shown_progress(Console(file=terminal, force_terminal=True)) as say:
        say("digits: reference, seed 0")
    assert "digits: reference, seed 0" in terminal.getvalue()
    assert capsys.readouterr().err == ""
