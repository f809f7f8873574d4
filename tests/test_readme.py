"""What the README and CONTRIBUTING tell people to type, read and open is there."""

import ast
import importlib
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
import typer

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["README.md", "CONTRIBUTING.md"]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text_of(page), flags=re.MULTILINE | re.DOTALL)


def shell_lines(page: str) -> list[list[str]]:
    lines = [line for block in blocks(page, "bash") for line in block.splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def commands(page: str, program: str) -> set[tuple[str, ...]]:
    """Return each call of `program` in a shell block, and each in the text, as the words after the program."""
    typed = {tuple(words[1:]) for words in shell_lines(page) if words[0] == program}
    prose = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    return typed | {tuple(shlex.split(call)) for call in re.findall(rf"`{program} ([^`]+)`", prose)}


def make_targets() -> set[str]:
    listing = subprocess.run(["make", "-C", ROOT, "--no-print-directory"], check=True, capture_output=True, text=True)
    return set(re.findall(r"^  make (\S+)", listing.stdout, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def options() -> dict[str, set[str]]:
    """The options of each `autograder` command, as typed."""
    group = cast(Any, typer.main.get_command(importlib.import_module("autograder.cli").app))
    return {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in group.commands.items()
    }


def test_make_alone_lists_every_target():
    phony = re.search(r"^\.PHONY: (.+)$", text_of("Makefile"), flags=re.MULTILINE)
    assert phony
    assert make_targets() == set(phony[1].split())


@pytest.mark.parametrize("page", PAGES)
def test_every_make_command_is_a_target(page):
    calls = commands(page, "make")
    assert calls
    assert {words[0] for words in calls} <= make_targets()


@pytest.mark.parametrize("page", PAGES)
def test_every_autograder_command_and_option_exists(page, options):
    calls = commands(page, "autograder")
    assert calls
    for name, *words in calls:
        assert name in options, f"{page}: `autograder {name}`"
        assert {word for word in words if word.startswith("-")} <= options[name], f"{page}: `autograder {name}`"


def test_grading_without_a_sandbox_is_an_option_of_its_own(options):
    assert "`--no-sandbox`" in text_of("README.md")
    assert "--no-sandbox" in options["grade"]


@pytest.mark.parametrize("page", [*PAGES, "docs/results.md"])
def test_every_python_snippet_parses_and_imports_what_is_there(page):
    snippets = blocks(page, "python")
    assert snippets
    for snippet in snippets:
        for node in ast.walk(ast.parse(snippet)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder"):
                module = importlib.import_module(node.module or "")
                for alias in node.names:
                    assert hasattr(module, alias.name), f"{page}: from {node.module} import {alias.name}"


@pytest.mark.parametrize("page", [*PAGES, *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))])
def test_every_link_to_a_file_leads_to_one(page):
    links = re.findall(r"\]\(([^)#\s]+)", text_of(page))
    missing = [link for link in links if "://" not in link and not (ROOT / page).parent.joinpath(link).exists()]
    assert missing == []


def test_the_python_versions_are_those_the_set_up_accepts():
    setup = text_of(".ci/setup.sh")
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in setup
    assert "Python 3.11 to 3.13" in text_of("README.md")
