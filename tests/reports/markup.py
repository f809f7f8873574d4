"""Reading a page back: its elements, headings and text, and whether anything in it could act."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Everything a page of ours is made of; a new element is added here knowingly.
KNOWN_ELEMENTS = _words(
    """html head meta title style body a header main footer section article nav div p span strong em s b i code pre br
    hr h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr th td figure figcaption
    details summary blockquote bdi img sub sup svg desc g rect line polyline circle text"""
)
KNOWN_ATTRIBUTES = _words(
    """class id href src alt lang charset name content http-equiv scope colspan rowspan start tabindex role aria-label
    aria-labelledby aria-hidden focusable viewbox preserveaspectratio x y x1 y1 x2 y2 cx cy r rx width height points
    transform text-anchor fill-opacity"""
)
VOID_ELEMENTS = frozenset({"meta", "br", "hr", "img", "col", "rect", "line", "polyline", "circle"})


@dataclass
class Page(HTMLParser):
    """A parsed page."""

    html: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    style: str = ""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID_ELEMENTS:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID_ELEMENTS:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            self.style += data
            return
        self.texts.append(data)
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    @property
    def text(self) -> str:
        """All text of the page, with runs of white space as one space."""
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of this name."""
        return [attributes for name, attributes in self.elements if name == tag]


def assert_inert(html: str) -> Page:
    """Nothing on the page can run, load, submit, or lead anywhere but to the page itself or a page beside it."""
    page = Page(html)
    for tag, attributes in page.elements:
        assert tag in KNOWN_ELEMENTS, f"<{tag}> on the page"
        for name, value in attributes.items():
            assert name in KNOWN_ATTRIBUTES, f"{name}={value[:80]!r} on <{tag}>"
            if name == "href":
                assert value.startswith(("#", "./")), f"a link to {value[:80]!r}"
                assert ":" not in value, f"a link to {value[:80]!r}"
            if name == "src":
                assert tag == "img"
                assert re.fullmatch(r"data:image/(png|jpeg|svg\+xml);base64,[A-Za-z0-9+/=]+", value), value[:80]
            if name == "http-equiv":
                assert value == "Content-Security-Policy"
    assert not page.open, f"never closed: {page.open}"
    assert len(page.all("style")) == 1
    html.encode("utf-8")
    return page
