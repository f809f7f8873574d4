"""docs/commands.md: every command as its own code has it, with its arguments, options, defaults and example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

import typer

from autograder.cli import app

INTRODUCTION = """\
# The command line

Every command, as `autograder COMMAND --help` shows it. Generated from `autograder/cli*.py` by `make docs`.

Commands that work on a course are typed in its folder, or told where it is by `--course`. A fault of usage or of the
grader is one line on stderr; `autograder --debug COMMAND` shows where it came from.
"""

EXAMPLE = re.compile(r"^Example: (.+)$", re.MULTILINE)
VALUES = {int: "INTEGER", float: "NUMBER", Path: "PATH", str: "TEXT"}


def commands() -> dict[str, Any]:
    """Every command by what is typed, those of groups too: typer's objects, whose classes are its own business."""
    return dict(_commands(cast(Any, typer.main.get_command(app)), ()))


def _commands(group: Any, typed: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*typed, name))
        else:
            yield " ".join((*typed, name)), command


def commands_page() -> str:
    """Return the text of docs/commands.md."""
    found = commands()
    index = "\n".join(
        f"- [`autograder {name}`](#autograder-{name.replace(' ', '-')}): {_paragraphs(command)[0]}"
        for name, command in found.items()
    )
    return "\n".join([INTRODUCTION, index, *(_section(name, command) for name, command in found.items())]) + "\n"


def _section(name: str, command: Any) -> str:
    (example,) = EXAMPLE.findall(command.help)
    kinds = get_type_hints(command.callback)
    shown = [(_typed(one, kinds[one.name]), one) for one in command.params if one.name in kinds]
    arguments = [words for words, one in shown if not _is_option(one)]
    usage = " ".join(["autograder", name, "[OPTIONS]", *arguments])
    # Arguments before options, each in the order of the code.
    lines = [f"- `{words}`: {_meaning(one)}" for words, one in sorted(shown, key=lambda pair: _is_option(pair[1]))]
    text = "\n\n".join(_paragraphs(command))
    return f"\n## `autograder {name}`\n\n{text}\n\n```bash\n{example}\n```\n\n`{usage}`\n\n" + "\n".join(lines)


def _is_option(parameter: Any) -> bool:
    return str(parameter.opts[0]).startswith("-")


def _paragraphs(command: Any) -> list[str]:
    """What a command says of itself, without its example, as Markdown: `<lab>` would be a tag."""
    text = EXAMPLE.sub("", command.help).replace("<", "&lt;")
    return [part.strip() for part in text.split("\n\n") if part.strip()]


def _typed(parameter: Any, kind: Any) -> str:
    """An argument or option as one types it."""
    if not _is_option(parameter):
        word = (parameter.metavar or parameter.name.upper()) + ("..." if parameter.nargs == -1 else "")
        return word if parameter.required else f"[{word}]"
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return names if parameter.is_flag else f"{names} {parameter.metavar or _value(kind)}"


def _value(kind: Any) -> str:
    """What an option of this type takes, in a word: `int | None` takes an integer, `list[str]` a text each time."""
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    return VALUES.get(kind) or _value(get_args(kind)[0])


def _meaning(parameter: Any) -> str:
    text = str(parameter.help)
    if not _is_option(parameter):
        return text
    if parameter.required:
        return f"{text} Required."
    if parameter.default in (None, False, ""):
        return text
    default = parameter.opts[0] if parameter.default is True else parameter.default
    return f"{text} Default: `{default}`."
