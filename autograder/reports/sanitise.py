"""Text and HTML from strangers, made safe to show: everything here returns plain text or checked markup."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import nh3
from markupsafe import Markup, escape

EXCERPT_CHARACTERS = 10_000
"""The longest text of one output that a page shows, in characters."""
HTML_CHARACTERS = 100_000
"""The longest HTML table that is looked at at all, in characters."""
HTML_DEPTH = 60
"""The deepest nesting of tags a table may have; sanitising time grows with its square."""

_TERMINAL_STRING = re.compile(r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)")
_TERMINAL_CODE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]?|[\x80-\x9f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Characters that are not seen but change what is, or say what nobody sees: direction overrides, zero-width spaces, word
# joiner, byte order mark, blank letters, tags. (The joiners of emoji and of Persian stay.)
_UNSEEN = re.compile(
    "[\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# No script stacks as many marks on one letter; a tower of them covers the lines above. Asked of Unicode's tables, since
# every script has its own marks, and only where five characters in a row could be some.
_MARKS_PERHAPS = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\U000e01ef]{5,}")
MOST_MARKS = 4

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID_TAGS = frozenset({"br", "hr", "img", "wbr", "col", "input", "meta", "link"})
_TABLE_TAGS = {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
_INLINE_TAGS = {"b", "strong", "i", "em", "code", "sub", "sup", "span", "br", "p", "div"}
_TABLE_ATTRIBUTES = {"th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"}}
_DROPPED_WITH_CONTENT = {"script", "style", "title", "iframe", "object", "noscript", "template", "textarea", "select"}


@dataclass(frozen=True)
class Excerpt:
    """The beginning and the end of a text, and how many characters between them were left out."""

    head: str
    tail: str = ""
    left_out: int = 0


def plain_text(text: str) -> str:
    """What a terminal would leave on its screen for `text`, with everything invisible made visible.

    Terminal codes are dropped, carriage returns and backspaces take effect (progress bars show their last state),
    other control characters become their Unicode pictures, direction overrides and zero-width characters become
    `⟨U+202E⟩`, and towers of combining marks are cut. The result always encodes as UTF-8.
    """
    text = _SURROGATE.sub("\ufffd", text)
    text = _TERMINAL_STRING.sub("", text)
    text = _TERMINAL_CODE.sub("", text)
    if "\r" in text or "\b" in text:
        text = "\n".join(_settled(line) for line in text.replace("\r\n", "\n").split("\n"))
    text = _CONTROL.sub(lambda found: "\u2421" if found[0] == "\x7f" else chr(0x2400 + ord(found[0])), text)
    text = _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
    return _MARKS_PERHAPS.sub(_lower_towers, text)


def _lower_towers(found: re.Match[str]) -> str:
    kept: list[str] = []
    height = 0
    for character in found[0]:
        height = height + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if height <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def excerpt(text: str, limit: int = EXCERPT_CHARACTERS) -> Excerpt:
    """The plain text of `text`, cut in the middle to `limit` characters (the end says how a run went)."""
    raw_left_out = 0
    if len(text) > 8 * limit:  # bounds the work on an output of a gigabyte
        raw_left_out = len(text) - 8 * limit
        text = text[: 4 * limit] + "\n" + text[-4 * limit :]
    shown = plain_text(text)
    left_out = len(shown) - limit
    if left_out <= 0 and not raw_left_out:
        return Excerpt(shown)
    head = (2 * limit) // 3
    return Excerpt(shown[:head], shown[-(limit - head) :], max(left_out, 0) + raw_left_out)


def one_line(text: str, limit: int = 200) -> str:
    """`text` as one line of at most `limit` characters, for titles, labels and names."""
    line = " ".join(plain_text(text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def with_inline_code(text: str, limit: int = 2_000) -> Markup:
    """`text` escaped, with `` `names` `` in backticks set as code; the one bit of markup messages may carry."""
    shown = excerpt(text, limit)
    whole = shown.head + (f"\n… {shown.left_out:,} characters left out …\n{shown.tail}" if shown.left_out else "")
    parts = re.split(r"`([^`\n]+)`", whole)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def safe_table(html: str) -> Markup | None:
    """The tables of an HTML output with nothing but their structure, or None where there is nothing to keep."""
    if len(html) > HTML_CHARACTERS or _depth(html) > HTML_DEPTH:
        return None
    clean = nh3.clean(
        plain_text(html),
        tags=_TABLE_TAGS | _INLINE_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_TABLE_ATTRIBUTES,
        attribute_filter=_table_attribute,
        url_schemes=set(),
    )
    return Markup(clean) if "<table" in clean else None  # noqa: S704 - what nh3 let through


def without_regions(source: str, *names: str) -> tuple[str, list[str]]:
    """`source` without its `BEGIN <name>` to `END <name>` regions (to the end where one never closes).

    Returns:
        What is left, and the lines that were removed.
    """
    kept: list[str] = []
    removed: list[str] = []
    inside = False
    for line in source.split("\n"):
        if any(f"BEGIN {name}" in line for name in names):
            inside = True
        elif any(f"END {name}" in line for name in names):
            inside = False
        else:
            (removed if inside else kept).append(line)
    return "\n".join(kept), removed


def text_of(value: Any) -> str:
    """A notebook's text, whatever it was stored as: a string, a list of strings, or something that is no text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return "".join(part for part in value if isinstance(part, str))
    return ""


def _settled(line: str) -> str:
    last = next((part for part in reversed(line.split("\r")) if part.strip("\b ")), "")
    if "\b" not in last:
        return last
    shown: list[str] = []
    for character in last:
        if character != "\b":
            shown.append(character)
        elif shown:
            shown.pop()
    return "".join(shown)


def _depth(html: str) -> int:
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() not in _VOID_TAGS:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _table_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "scope":
        return value if value in {"row", "col", "rowgroup", "colgroup"} else None
    return value if re.fullmatch(r"[1-9][0-9]?", value) else None
