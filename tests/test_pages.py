"""The pages of docs/, and the site made of them: what they say to type can be typed, and every link leads somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import markdown
import pytest
from markdown_it import MarkdownIt
from nbgrader.apps.nbgraderapp import NbGraderApp

from tests.command_line import GROUP, parse
from tests.pages import DOCS, PAGE_NAMES, ROOT, blocks, in_prose

# Every system's own; what else a page tells to type is looked at below.
SHELL = {"cd", "cp", "chmod", "export", "grep", "mkdir", "source"}
# The extension that `jupyter` is told to enable is the one that tests/review starts; CI is `.ci/run`.
OTHERS = {"jupyter": "server extension enable autograder.review", ".ci/run": ""}


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_every_command_of_a_page_is_one_that_exists(name: str) -> None:
    for line in (line for block in blocks(ROOT / name) for line in block):
        program, *words = shlex.split(line, comments=True)
        if "autograder" in (program, *words):  # or within another program, as systemd-run
            parse([program, *words][[program, *words].index("autograder") + 1 :])
        elif program == "make":
            assert words[0] in make_targets(), line
        elif program == "nbgrader":
            assert words[0] in NbGraderApp.subcommands, line
        else:
            assert program in SHELL or OTHERS.get(program) == " ".join(words), line


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_every_command_and_option_in_a_pages_text_exists(name: str) -> None:
    for code in in_prose(ROOT / name):
        program, *words = code.split() or [""]
        if program != "autograder" or not words or words[0].startswith("-") or words[0] == "COMMAND":
            continue
        command = GROUP.commands.get(words[0])
        assert command is not None, f"`{code}`"
        command = getattr(command, "commands", {}).get(words[1], command) if len(words) > 1 else command
        options = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        assert {word for word in words if word.startswith("-")} <= options | {"--help"}, f"`{code}`"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_site_has_every_page(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")}
    pages = pages - {"README.html"} | {"index.html"}
    assert pages <= {path.relative_to(site).as_posix() for path in site.rglob("*.html")}


def test_the_site_asks_nothing_of_another_host(site: Path) -> None:
    for path in site.rglob("*.html"):
        loaded = Loaded()
        loaded.feed(path.read_text(encoding="utf-8"))
        assert loaded.addresses, path
        assert [one for one in loaded.addresses if re.match(r"(\w+:)?//", one)] == [], path
    for path in site.rglob("*.css"):
        assert re.findall(r"url\(\s*['\"]?(?:\w+:)?//|@import", path.read_text(encoding="utf-8")) == [], path


def test_a_broken_link_a_broken_anchor_and_a_page_in_no_menu_stop_the_build(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "docs" / "lonely.md").write_text("# Lonely\n")
    with (tmp_path / "docs" / "students.md").open("a") as page:
        page.write("\n[gone](gone.md) [outside](../README.md) [nowhere](review.md#nowhere) [root](/review.md)\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode == 1
    for complaint in (
        'not included in the "nav" configuration:\n  - lonely.md',
        "contains a link 'gone.md', but the target is not found",
        "contains a link '../README.md', but the target",
        "contains a link 'review.md#nowhere', but the doc 'review.md' does not contain an anchor '#nowhere'",
        "contains an absolute link '/review.md'",
    ):
        assert complaint in done.stderr


@pytest.mark.parametrize("name", [name for name in PAGE_NAMES if name.startswith("docs/")])
def test_a_page_is_on_the_site_what_it_is_on_a_code_host(name: str) -> None:
    """Two readings of Markdown differ on lists and code within them: a page is written so that they do not."""
    text = (ROOT / name).read_text(encoding="utf-8")
    host = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert outline(markdown.markdown(text, extensions=["tables", "fenced_code", "toc"])) == outline(host)


def build(project: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--config-file", str(project / "mkdocs.yml")]
    return subprocess.run([*command, "--site-dir", str(folder)], cwd=project, capture_output=True, text=True)


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


class Loaded(HTMLParser):
    """The addresses that a browser asks for, unasked, when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"link": "href", "object": "data"}.get(tag, "src")
        self.addresses += [value for name, value in attrs if name == wanted and value]


class Outline(HTMLParser):
    """What a page consists of, in its order: elements that matter, and text; paragraphs within lists do not."""

    PASSED_OVER = frozenset({"p", "thead", "tbody", "th", "td"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.PASSED_OVER:
            self.parts.append(f"<{tag}>")

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.parts.append(text)


def outline(html: str) -> list[str]:
    parser = Outline()
    parser.feed(html)
    return parser.parts
