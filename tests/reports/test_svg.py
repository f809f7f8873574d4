"""Drawings: what plots are made of stays, what keeps a browser busy does not."""

from __future__ import annotations

import base64
import re
import time

import pytest

from autograder.reports.images import image_uri
from autograder.reports.svg import SVG, plain_svg

from .samples import png

HEAD = (
    f'<svg xmlns="{SVG}" xmlns:xlink="http://www.w3.org/1999/xlink" width="460.8pt" height="345.6pt" viewBox="0 0 9 9">'
)
# As matplotlib and graphviz write them.
PLOT = f"""<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">
{HEAD}
<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><title>x</title></rdf:RDF></metadata>
<defs><style type="text/css">*{{stroke-linejoin: round; stroke-linecap: butt}}</style></defs>
<g id="figure_1"><g id="patch_1"><path d="M 0 345 L 460 345 z" style="fill: #ffffff"/></g>
<defs><path id="m1" d="M 0 0 L 0 3.5" style="stroke: #000000; stroke-width: 0.8"/></defs>
<g><use xlink:href="#m1" x="57.6" y="307.584" style="stroke: #000000"/></g>
<g clip-path="url(#p1)"><polygon points="0,0 1,1" fill="none"/></g>
<text x="1" y="2" font-size="14.00">a &lt; b</text></g>
<defs><clipPath id="p1"><rect x="57" y="41" width="357" height="266"/></clipPath></defs></svg>"""


def drawing(inside: str) -> str | None:
    return plain_svg(f"{HEAD}{inside}</svg>")


def test_a_plot_keeps_its_shapes_text_styles_and_references() -> None:
    plain = plain_svg(PLOT)
    assert plain is not None
    for piece in (
        'width="460.8pt" height="345.6pt" viewBox="0 0 9 9"',
        "*{stroke-linejoin: round; stroke-linecap: butt}",
        '<path d="M 0 345 L 460 345 z" style="fill: #ffffff">',
        '<use xlink:href="#m1" x="57.6" y="307.584" style="stroke: #000000">',
        '<g clip-path="url(#p1)">',
        '<text x="1" y="2" font-size="14.00">a &lt; b</text>',
        '<clipPath id="p1"><rect x="57" y="41" width="357" height="266"></rect></clipPath>',
    ):
        assert piece in plain, piece
    assert "rdf" not in plain
    assert plain_svg(plain) == plain


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject><div xmlns='http://www.w3.org/1999/xhtml'>x</div></foreignObject>",
        "<animate attributeName='x' dur='1s' repeatCount='indefinite'/>",
        "<set attributeName='href' to='x'/>",
        "<filter id='f'><feTurbulence numOctaves='9999'/></filter>",
        "<pattern id='p'><rect fill='url(#p)'/></pattern>",
        "<mask id='m'><rect mask='url(#m)'/></mask>",
        "<svg><svg/></svg>",
        "<a href='http://x'><rect/></a>",
        "<style>@import 'http://x'</style>",
        "<style>* { fill: url(http://x) }</style>",
        "<style>rect { animation: x 1s infinite }</style>",
        "<style>rect { f\\69lter: blur(9999px) }</style>",
    ],
)
def test_what_no_plot_is_made_of_goes_with_all_it_holds(inside: str) -> None:
    assert drawing(f"<g>{inside}</g>") == drawing("<g></g>")


@pytest.mark.parametrize(
    "attribute",
    [
        "onload='x()'",
        "filter='url(#f)'",
        "mask='url(#m)'",
        "fill='url(http://x)'",
        "fill='url(http://x) url(#a)'",
        "href='http://x'",
        "xlink:href='#a'",
    ],
)
def test_attributes_that_act_or_lead_elsewhere_go(attribute: str) -> None:
    assert drawing(f"<rect {attribute}/>") == drawing("<rect/>")


def uses(levels: int) -> str:
    inside = '<defs><g id="a0"><rect width="1" height="1"/></g>'
    for level in range(1, levels):
        inside += f'<g id="a{level}">{f"""<use xlink:href="#a{level - 1}"/>""" * 10}</g>'
    return f'{inside}</defs><use xlink:href="#a{levels - 1}"/>'


@pytest.mark.parametrize(
    "inside",
    [
        uses(9),
        uses(1),
        '<g id="a"><rect/></g><path id="a" d=""/><use href="#a"/>',  # the first of two ids counts in a browser
        '<use href="#nowhere"/>',
        f'<path id="a" d="{"M 0 0 " * 1_000}"/>{"<use href=" + chr(34) + "#a" + chr(34) + "/>"}' * 1_000,
        f'<clipPath id="a">{"<rect/>" * 10_000}</clipPath>' + '<rect clip-path="url(#a)"/>' * 10_000,
        "<g>" * 100 + "</g>" * 100,
        "<g>",
        "&undeclared;",
        "<![CDATA[",
    ],
)
def test_a_drawing_that_would_keep_a_browser_busy_or_is_no_xml_is_not_shown(inside: str) -> None:
    assert drawing(inside) is None


def test_a_picture_in_a_drawing_is_looked_at_as_any_other() -> None:
    small, fake = base64.b64encode(png(4, 3)).decode(), base64.b64encode(b"<script>").decode()
    inside = "".join(
        f'<image href="data:image/{kind};base64,{data}"/>' for kind, data in (("png", small), ("png", fake))
    )
    nested = base64.b64encode(PLOT.encode()).decode()
    inside += f'<image href="data:image/svg+xml;base64,{nested}"/><image href="http://x"/>'
    uri = image_uri("image/svg+xml", f"{HEAD}{inside}</svg>")
    assert uri is not None
    plain = base64.b64decode(uri.partition(",")[2]).decode()
    assert re.findall(r"<image[^>]*>", plain) == [f'<image href="data:image/png;base64,{small}">', *["<image>"] * 3]


def test_a_fill_that_is_not_shown_is_not_black() -> None:
    shown = drawing('<rect style="stroke: #000; fill: url(#hatch); filter: blur(9px); opacity: 0.5"/>')
    assert shown is not None
    assert '<rect style="stroke: #000;fill: #b0b0b0;; opacity: 0.5">' in shown


def test_clips_of_clips_are_not_followed() -> None:
    nested = '<clipPath id="a" clip-path="url(#b)"><rect clip-path="url(#b)"/><use href="#c"/></clipPath>'
    assert drawing(nested) == drawing('<clipPath id="a"><rect/></clipPath>')


def test_entities_cannot_be_declared() -> None:
    assert plain_svg('<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>') is None
    assert plain_svg('<svg><!DOCTYPE svg [<!ENTITY a "aaaa">]>&a;</svg>') is None


@pytest.mark.parametrize("side", ["1e9", "99999", "-1", "calc(1px)", "1e9px"])
def test_a_side_beyond_all_screens_is_left_to_the_page(side: str) -> None:
    plain = plain_svg(f'<svg xmlns="{SVG}" width="{side}" height="10"><rect width="99999"/></svg>')
    assert plain is not None
    assert re.match(r"<svg [^>]*>", plain)[0].count("width") == 0  # type: ignore[index]


@pytest.mark.parametrize(
    "inside", ["<g/>" * 400_000, "<g>" * 500_000, f'<path d="{"M 0 0 " * 300_000}"/>', "&amp;" * 300_000]
)
def test_two_megabytes_are_read_in_time(inside: str) -> None:
    began = time.process_time()
    drawing(inside)
    assert time.process_time() - began < 3
