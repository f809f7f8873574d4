"""The pages that people read, and the commands that these tell them to type."""

from __future__ import annotations

import re
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


def is_shell(token: Token) -> bool:
    """Whether this is a block of commands to type; an indented one, in a list, begins with ours."""
    if token.type == "code_block":
        return token.content.startswith("autograder ")
    return token.type == "fence" and token.info == "bash"


def blocks(page: Path) -> list[list[str]]:
    """The lines of each block of commands, without comments and empty lines."""
    found = [token.content for token in tokens(page) if is_shell(token)]
    return [[line for line in block.splitlines() if line.strip() and not line.startswith("#")] for block in found]


def commands(page: Path) -> list[str]:
    """What a page says to type, in its order, each without the comment behind it."""
    return [bare(line) for block in blocks(page) for line in block]


def bare(line: str) -> str:
    """A line without the comment behind it."""
    return re.sub(r"\s+#.*", "", line).strip()


def in_prose(page: Path) -> Iterator[str]:
    """What a page sets as code within its text."""
    for token in tokens(page):
        for child in token.children or ():
            if child.type == "code_inline":
                yield child.content
