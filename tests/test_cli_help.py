"""`--help`: every command says what it does and has an example that can be typed."""

from __future__ import annotations

import re
import shlex
from typing import Any, cast

import click
import pytest
import typer

from autograder import cli

GROUP = cast(Any, typer.main.get_command(cli.app))
# What reaches students or a course's files is shown first where somebody asks for that.
PUBLISHES = ("release", "feedback", "collect", "recover")


def commands() -> dict[str, click.Command]:
    """Every command by what is typed, those of groups too."""
    found: dict[str, click.Command] = {}
    for name, command in GROUP.commands.items():
        found[name] = command
        found |= {f"{name} {inner}": one for inner, one in getattr(command, "commands", {}).items()}
    return found


COMMANDS = commands()


def example_of(command: click.Command) -> list[str]:
    (line,) = re.findall(r"^Example: (.+)$", command.help or "", flags=re.MULTILINE)
    return shlex.split(line)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_parses(name: str) -> None:
    program, *words = example_of(COMMANDS[name])
    assert program == "autograder"
    with GROUP.make_context("autograder", list(words)) as context:
        typed, command, rest = GROUP.resolve_command(context, context._protected_args + context.args)
        while getattr(command, "commands", None):
            with command.make_context(typed, list(rest), parent=context) as inner:
                typed, command, rest = command.resolve_command(inner, inner._protected_args + inner.args)
        with command.make_context(typed, list(rest), parent=context):
            pass
    assert words[: len(name.split())] == name.split()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_says_what_it_is(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", PUBLISHES)
def test_what_writes_for_others_can_be_tried_first(name: str) -> None:
    assert "--dry-run" in {option for parameter in COMMANDS[name].params for option in parameter.opts}
