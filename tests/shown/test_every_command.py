"""Every command that a page shows is typed by a test, or excused with a reason; an excuse that has aged is found."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.pages import PAGE_NAMES, ROOT, commands, is_shell, tokens
from tests.shown.excuses import EXCUSES, Excuse
from tests.shown.page import Page, typed

TESTS = ROOT / "tests"
EXCUSES_FILE = "tests/shown/excuses.py"
WITH_COMMANDS = [name for name in PAGE_NAMES if commands(ROOT / name)]


def named_tests(path: Path) -> dict[str, ast.FunctionDef]:
    """The tests of a file by name."""
    found = ast.parse(path.read_text(encoding="utf-8"))
    return {one.name: one for one in found.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


def pages_of(test: ast.FunctionDef) -> set[str]:
    """The pages that a test types: `with typed("docs/exchange.md", ...)`."""
    calls = [item.context_expr for node in ast.walk(test) if isinstance(node, ast.With) for item in node.items]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "typed"
        if isinstance(call.args[0], ast.Constant)
    }


TYPED = Counter(
    page
    for path in TESTS.rglob("test_*.py")
    if path != Path(__file__)
    for test in named_tests(path).values()
    for page in pages_of(test)
)


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_every_command_of_a_page_is_typed_or_excused(name: str) -> None:
    left = [line for line in commands(ROOT / name) if line not in EXCUSES.get(name, {})]
    assert not left or TYPED[name] == 1, (
        f"{name} says to type `{'`, `'.join(left)}`, and {TYPED[name]} tests type that page: write one, "
        "`with typed(page, home) as page:`, or say in tests/shown/excuses.py why not, and what runs the same"
    )


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, excused in EXCUSES.items() for line in excused])
def test_an_excuse_is_of_a_command_that_is_there_and_names_what_runs_it(name: str, line: str) -> None:
    assert line in commands(ROOT / name), f"{name} no longer says to type `{line}`: take it out of {EXCUSES_FILE}"
    assert runs(line, EXCUSES[name][line]), f"`{line}` of {name} is not run by {EXCUSES[name][line].run_by}"


def runs(line: str, excuse: Excuse) -> bool:
    """Whether there is what an excuse says runs the line: a test, or a page that is typed and has the same line."""
    path, _, test = excuse.run_by.partition("::")
    if test:
        return test in named_tests(ROOT / path)
    if path == ".ci/run":
        text = (ROOT / path).read_text(encoding="utf-8")
        return line == path or line.replace("make", "make --no-print-directory") in text
    return TYPED[path] == 1 and line in commands(ROOT / path) and line not in EXCUSES.get(path, {})


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_no_command_hides_in_a_block_of_another_kind(name: str) -> None:
    programs = {line.split()[0] for page in WITH_COMMANDS for line in commands(ROOT / page)} - {"cd"}
    for token in tokens(ROOT / name):
        if token.type in ("fence", "code_block") and not is_shell(token) and token.info != "text":
            begun = {line.split()[0] for line in token.content.splitlines() if line.strip()}
            assert not begun & programs, f"{name} shows commands in a block that is not marked as bash: {begun}"


def test_a_command_that_is_not_typed_is_named_with_what_to_do(home: Path) -> None:
    with pytest.raises(AssertionError) as refused, typed("docs/changes.md", home):
        pass
    assert str(refused.value).startswith(
        "docs/changes.md says to type `autograder changes`, `autograder changes ada`, `autograder changes --assignment "
        "cnn_digits --json changes.json`, and no test does: type it in the test of that page, or say in "
    )


def test_a_command_that_comes_before_the_one_typed_is_named_too(home: Path) -> None:
    page = Page("docs/changes.md", home, {}, {})
    with pytest.raises(AssertionError, match="says to type `autograder changes` before `autograder changes ada`: type"):
        page.type(home, "autograder changes ada")


def test_a_command_that_the_page_does_not_show_is_not_typed(home: Path) -> None:
    page = Page("docs/changes.md", home, {}, {})
    with pytest.raises(AssertionError, match=r"docs/changes.md does not say to type `autograder marks`"):
        page.type(home, "autograder marks")


def test_a_line_that_a_page_has_twice_is_typed_twice(home: Path) -> None:
    assert Page("docs/recovery.md", home, {}, {}).left.count("autograder recover --dry-run") == 2
