"""`--help`: every command says what it does and has an example that can be typed."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from tests.command_line import GROUP, parse

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
    parse(words)
    assert words[: len(name.split())] == name.split()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_says_what_it_is(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", PUBLISHES)
def test_what_writes_for_others_can_be_tried_first(name: str) -> None:
    assert "--dry-run" in {option for parameter in COMMANDS[name].params for option in parameter.opts}
