"""The command, run or only read in the tests' own process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, cast

import pytest
import typer

from autograder import cli

GROUP = cast(Any, typer.main.get_command(cli.app))


def run(*words: str) -> int:
    """Run `autograder` with these words; its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["autograder", *words])
        patch.setattr(cli.console, "_file", None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0)


def parse(words: Sequence[str]) -> None:
    """Have the command line read these words as it would before a command runs; what does not fit is its own error."""
    with GROUP.make_context("autograder", list(words)) as context:
        typed, command, rest = GROUP.resolve_command(context, context._protected_args + context.args)
        while getattr(command, "commands", None):
            with command.make_context(typed, list(rest), parent=context) as inner:
                typed, command, rest = command.resolve_command(inner, inner._protected_args + inner.args)
        with command.make_context(typed, list(rest), parent=context):
            pass
