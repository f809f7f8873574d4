"""The question about marks that would fall."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from rich.console import Console

from autograder.class_run.tables import print_moves
from autograder.grading.grade import Graded


def agreed_at_terminal(console: Console, assignment: str, graded: Sequence[Graded], held: Sequence[Graded]) -> bool:
    """Show which marks would change, and ask whoever sits at the terminal; without one nobody agrees."""
    print_moves(console, assignment, [*graded, *held])
    return sys.stdin.isatty() and _asked(len(held))


def _asked(number: int) -> bool:
    marks = "1 mark falls" if number == 1 else f"{number} marks fall"
    try:
        return typer.confirm(f"{marks}. Lower {'it' if number == 1 else 'them'}?")
    except typer.Abort:  # no answer is no
        return False
