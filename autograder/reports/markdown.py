"""A student's Markdown as safe markup: no raw HTML, no links that lead anywhere, maths as its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from autograder.reports.images import image_uri
from autograder.reports.sanitise import excerpt, plain_text, text_of

MARKDOWN_CHARACTERS = 10_000
"""The longest Markdown cell that is rendered; a longer one is shown as text."""

PICTURE_CHARACTERS = 3_000_000
"""What the pictures of one cell may add to a page, in characters; one attachment can be shown many times."""

HEADING_SHIFT = 2
"""A page has one h1 and h2 sections, so a notebook's own h1 becomes h3."""

_TAGS = {
    *("h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "ul", "ol", "li", "em", "strong", "s", "code", "pre"),
    *("table", "thead", "tbody", "tr", "th", "td", "span", "img"),
}
_ATTRIBUTES = {"img": {"src", "alt"}, "ol": {"start"}, "code": {"class"}, "span": {"class"}}
_CLASSES = {"code": {"maths"}, "span": {"address", "picture"}}

Render = Callable[[Sequence[Token], int, OptionsDict, EnvType], str]


def safe_markdown(source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
    """`source` rendered as CommonMark with tables.

    Links become their text followed by the address, in brackets; pictures are shown when they are attached to the
    cell or written as data; `$...$` and `$$...$$` stay as they were written.

    Args:
        source: The cell's text.
        attachments: The cell's attachments, `{file name: {MIME type: base64}}`.
    """
    source = plain_text(source)
    if len(source) > MARKDOWN_CHARACTERS:
        return unrendered(source)
    rendered = _parser().render(source, {"attachments": attachments or {}, "room": PICTURE_CHARACTERS})
    clean = nh3.clean(
        rendered,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes={tag: names - {"class"} for tag, names in _ATTRIBUTES.items()},
        allowed_classes=_CLASSES,
        url_schemes={"data"},
        attribute_filter=_attribute,
    )
    return Markup(clean)  # noqa: S704 - what nh3 let through


def unrendered(source: str) -> Markup:
    """`source` as it was written, where rendering it would take too long."""
    shown = excerpt(source)
    left_out = f"\n… {shown.left_out:,} characters left out …\n" if shown.left_out else ""
    return Markup('<pre class="overlong">{}{}{}</pre>').format(shown.head, left_out, shown.tail)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "maths", _maths)
    rules: dict[str, Render] = {"image": _picture, "maths": _maths_source, "link_open": _nothing}
    rules |= {"link_close": _address, "heading_open": _heading, "heading_close": _heading}
    for name, rule in rules.items():
        parser.renderer.rules[name] = rule  # type: ignore[attr-defined]
    return parser


def _maths(state: StateInline, silent: bool) -> bool:
    """Take `$...$` and `$$...$$` out of Markdown's hands, so that a subscript's `_` stays one."""
    if state.src[state.pos] != "$":
        return False
    fence = "$$" if state.src.startswith("$$", state.pos) else "$"
    start = state.pos + len(fence)
    end = state.src.find(fence, start, state.posMax)
    inner = state.src[start:end] if end > 0 else ""
    if not inner.strip() or (fence == "$" and (inner[0].isspace() or inner[-1].isspace())):
        return False
    if not silent:
        state.push("maths", "code", 0).content = fence + inner + fence
    state.pos = end + len(fence)
    return True


def _maths_source(tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return Markup('<code class="maths">{}</code>').format(tokens[index].content)


def _picture(tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    source, label = str(token.attrs.get("src", "")), token.content
    uri = None
    if source.startswith("attachment:"):
        bundle = env["attachments"].get(source.removeprefix("attachment:"))
        if isinstance(bundle, Mapping):
            uri = next((found for mime, data in bundle.items() if (found := image_uri(mime, text_of(data)))), None)
    elif source.startswith("data:"):
        mime, _, data = source.removeprefix("data:").partition(";base64,")
        uri = image_uri(mime, data) if mime != "image/svg+xml" else None
    env["room"] -= len(uri or "")
    if uri is None or env["room"] < 0:
        return Markup('<span class="picture">[picture not shown: {}]</span>').format(label or "no description")
    return Markup('<img src="{}" alt="{}">').format(uri, label)


def _nothing(tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return ""


def _address(tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    depth = 0
    for opening in range(index, -1, -1):
        depth += {"link_close": 1, "link_open": -1}.get(tokens[opening].type, 0)
        if depth == 0:
            break
    text = "".join(token.content for token in tokens[opening + 1 : index])
    address = str(tokens[opening].attrs.get("href", ""))
    if address in ("", text) or address.startswith("#"):
        return ""
    return str(Markup(' <span class="address">({})</span>').format(address))


def _heading(tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    level = min(6, int(token.tag[1:]) + HEADING_SHIFT)
    return f"<h{level}>" if token.nesting > 0 else f"</h{level}>\n"


def _attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if value.startswith("data:image/") else None
    return value
