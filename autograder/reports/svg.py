"""Drawings of a notebook's outputs: rebuilt from the shapes and text that plots are made of, or not shown.

They are only ever shown through <img>, where a browser runs no script and loads nothing. What is left to a drawing is
to keep the browser busy: shapes that use shapes that use shapes, ten of each, hang a tab with three kilobytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import ParseError, XMLParser
from xml.sax.saxutils import escape, quoteattr

SVG = "http://www.w3.org/2000/svg"
LINK = "{http://www.w3.org/1999/xlink}href"
SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
ELEMENTS = SHAPES | {
    *("svg", "g", "defs", "text", "tspan", "title", "desc", "style", "use", "image", "clipPath"),
    *("linearGradient", "radialGradient", "stop"),
}
MAX_DEPTH = 60
MAX_SIDE = 10_000.0
"""The largest width and height of a drawing, in its own units."""
MAX_PICTURES = 20
MAX_REPEATED = 5_000_000
"""How much may be drawn by using shapes again, in characters of their source."""

_ATTRIBUTE = re.compile(r"(?!on)[a-zA-Z][a-zA-Z0-9-]*")
_SIDE = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(px|pt|pc|mm|cm|in|em|ex|%)?\s*")
# What may not stand in a style, whether an attribute or a sheet: work without end, and references that are not counted.
_BUSY_STYLE = re.compile(r"filter|mask|animat|transition|@|\\|url", re.IGNORECASE)
_NAME = re.compile(r"#[\w.:-]+")
_REFERENCE = re.compile(r"\s*url\(#([\w.:-]+)\)\s*")


class _Refused(Exception):
    """The drawing is not one of those that are shown."""


def plain_svg(source: str, picture: Callable[[str, str], str | None] = lambda mime, data: None) -> str | None:
    """The drawing with nothing but shapes and text, or None where it is none or would be too much work.

    Elements that plots are not made of go with all they hold: scripts, animations, filters, foreign markup.

    Args:
        source: The SVG; whatever stands before its first element (a DOCTYPE with entities, for one) is not read.
        picture: Returns the address of a picture that is part of the drawing (as `imshow` makes them), given its MIME
            type and its base64; None for one that is not to be shown.
    """
    start = source.find("<svg")
    if start < 0:
        return None
    drawing = _Drawing(picture)
    # Entities are declared in a DOCTYPE, which XML allows nowhere after the first element: the parser refuses them.
    parser = XMLParser(target=drawing, encoding="utf-8")  # noqa: S314 - as the line above says
    try:
        parser.feed(source[start:].encode("utf-8", "replace"))
        return str(parser.close())
    except (ParseError, _Refused):
        return None


class _Drawing:
    """The target of the parser: writes down what is allowed while it is read."""

    def __init__(self, picture: Callable[[str, str], str | None]) -> None:
        self.picture = picture
        self.pictures = 0
        self.written: list[str] = []
        self.open: list[str] = []
        self.dropped = 0
        self.style: list[str] | None = None
        self.sizes: dict[str, int] = {}
        self.others: set[str] = set()
        self.clip: str | None = None
        self.wanted: dict[str, int] = {}
        self.used: set[str] = set()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.removeprefix(f"{{{SVG}}}")
        if len(self.open) + self.dropped > MAX_DEPTH:
            raise _Refused
        misplaced = (name == "svg") == bool(self.open) or (self.clip is not None and name not in SHAPES)
        if self.dropped or name not in ELEMENTS or misplaced:
            self.dropped += 1
            return
        if name == "style":
            self.style = []
        kept = {key: shown for key, value in attributes.items() if (shown := self._kept(name, key, value)) is not None}
        if not self.open:
            kept = {"xmlns": SVG, "xmlns:xlink": "http://www.w3.org/1999/xlink", **_sized(kept)}
        self._count(name, kept)
        self.open.append(name)
        text = "".join(f" {key.replace(LINK, 'xlink:href')}={quoteattr(value)}" for key, value in kept.items())
        if self.style is None:
            self.written.append(f"<{name}{text}>")

    def end(self, tag: str) -> None:
        if self.dropped:
            self.dropped -= 1
            return
        name = self.open.pop()
        if self.style is not None:
            sheet = "".join(self.style)
            if not _BUSY_STYLE.search(sheet):
                self.written.append(f"<style>{escape(sheet)}</style>")
            self.style = None
            return
        if name == "clipPath":
            self.clip = None
        self.written.append(f"</{name}>")

    def data(self, text: str) -> None:
        if self.dropped:
            return
        if self.style is not None:
            self.style.append(text)
        elif self.open:
            self.written.append(escape(text))

    def close(self) -> str:
        """The finished drawing; what is used must be a single shape, so that no use leads on to another."""
        repeated = sum(times * self.sizes.get(name, 0) for name, times in self.wanted.items())
        if repeated > MAX_REPEATED or not self.written or not self.used <= set(self.sizes) - self.others:
            raise _Refused
        return "".join(self.written)

    def _kept(self, name: str, key: str, value: str) -> str | None:
        """What stays of an attribute's value; None when the attribute goes."""
        if key in (LINK, "href"):
            if name == "image":
                return self._picture(value)
            return value if name in ("use", "linearGradient", "radialGradient") and _NAME.fullmatch(value) else None
        if not _ATTRIBUTE.fullmatch(key) or key in ("filter", "mask"):
            return None
        if key == "style":
            return ";".join(_declaration(one) for one in value.split(";")) if _BUSY_STYLE.search(value) else value
        if "url" in value.lower():
            clips_a_clip = key == "clip-path" and (self.clip is not None or name == "clipPath")
            return value if _REFERENCE.fullmatch(value) and not clips_a_clip else None
        return value

    def _picture(self, address: str) -> str | None:
        mime, _, data = address.removeprefix("data:").partition(";base64,")
        self.pictures += 1
        plain = mime in ("image/png", "image/jpeg") and self.pictures <= MAX_PICTURES
        return self.picture(mime, data) if plain else None

    def _count(self, name: str, kept: Mapping[str, str]) -> None:
        """Note how large this element is for whoever uses it, and what it uses itself."""
        size = sum(len(value) for value in kept.values()) + 1
        own = kept.get("id")
        if name == "clipPath":
            self.clip = own or ""
        elif self.clip is not None:
            self.sizes[self.clip] = self.sizes.get(self.clip, 0) + size
        if own is not None and name in SHAPES:
            self.sizes[own] = max(size, self.sizes.get(own, 0))
        elif own is not None:
            self.others.add(own)
        if name == "use":
            target = kept.get(LINK, kept.get("href", "#"))[1:]
            self.used.add(target)
            self._want(target)
        for value in kept.values():
            if found := _REFERENCE.fullmatch(value):
                self._want(found[1])

    def _want(self, target: str) -> None:
        self.wanted[target] = self.wanted.get(target, 0) + 1


def _declaration(declaration: str) -> str:
    if not _BUSY_STYLE.search(declaration):
        return declaration
    # Without its hatch a bar would be black.
    return "fill: #b0b0b0" if declaration.strip().lower().startswith("fill:") else ""


def _sized(kept: Mapping[str, str]) -> dict[str, str]:
    sized = dict(kept)
    for key in ("width", "height"):
        if key in sized and not ((found := _SIDE.fullmatch(sized[key])) and float(found[1]) <= MAX_SIDE):
            del sized[key]
    return sized
