"""Where a payload would leave its mark if it ran outside its sandbox."""

from __future__ import annotations

from pathlib import Path

from tests.adversarial.case import Outcome

MARKER = Path("/tmp/owned-by-a-submission")
GUESSES = (str(MARKER), "/root", "/home")
"""Folders a payload guesses at."""


def plant(what: str) -> str:
    """A shell command that leaves a mark on the machine it really runs on."""
    return f"mkdir -p {MARKER}; touch {MARKER}/{what}"


def nothing_planted(outcome: Outcome) -> None:
    """Expect no mark."""
    assert not MARKER.exists(), f"a payload ran outside its sandbox: {list(MARKER.iterdir())}\n{outcome}"
