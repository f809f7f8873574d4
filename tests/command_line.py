"""The command, run in the tests' own process."""

from __future__ import annotations

import sys

import pytest

from autograder import cli


def run(*words: str) -> int:
    """Run `autograder` with these words; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["autograder", *words])
        patch.setattr(cli.console, "_file", None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0)
