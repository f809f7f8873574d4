"""The pages that people read, and the commands that these tell them to type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
PAGE_NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]


def tokens(page: Path) -> list[Token]:
    """The Markdown of a page, as a code host reads it."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> list[list[str]]:
    """The lines of each shell block without comments and empty lines; an indented one, in a list, begins with ours."""
    found = [
        token.content
        for token in tokens(page)
        if (token.type == "fence" and token.info == "bash")
        or (token.type == "code_block" and token.content.startswith("autograder "))
    ]
    return [[line for line in block.splitlines() if line.strip() and not line.startswith("#")] for block in found]


def in_prose(page: Path) -> Iterator[str]:
    """What a page sets as code within its text."""
    for token in tokens(page):
        for child in token.children or ():
            if child.type == "code_inline":
                yield child.content
