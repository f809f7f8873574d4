"""Images of outputs, byte by byte."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest

from autograder.reports.images import image_uri

from .samples import png


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decoded(uri: str) -> bytes:
    return base64.b64decode(uri.partition(";base64,")[2])


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg(width: int, height: int) -> bytes:
    start = b"\xff\xd8" + b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + bytes(3)
    return start + frame + b"\xff\xda\x00\x02" + b"data" + b"\xff\xd9"


def test_a_png_comes_back_as_it_was() -> None:
    uri = image_uri("image/png", encoded(png(4, 3)))
    assert uri is not None
    assert uri.startswith("data:image/png;base64,")
    assert decoded(uri) == png(4, 3)


def test_text_animation_and_trailing_bytes_of_a_png_stay_behind() -> None:
    plain = png(4, 3)
    header, rest = plain[:33], plain[33:]
    dressed = header + chunk(b"tEXt", b"<script>") + chunk(b"acTL", bytes(8)) + rest + b"<script>alert(1)</script>"
    uri = image_uri("image/png", encoded(dressed))
    assert uri is not None
    assert decoded(uri) == plain


def test_a_jpeg_is_kept_up_to_its_end() -> None:
    uri = image_uri("image/jpeg", encoded(jpeg(8, 6) + b"<html>"))
    assert uri is not None
    assert decoded(uri) == jpeg(8, 6)


@pytest.mark.parametrize(
    ("mime", "data"),
    [
        ("image/png", b"<script>alert(1)</script>"),
        ("image/png", jpeg(8, 6)),
        ("image/png", png(4, 3)[:40]),
        ("image/png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0))),
        ("image/png", b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"") + chunk(b"IEND", b"")),
        ("image/jpeg", jpeg(60_000, 60_000)),
        ("image/jpeg", b"\xff\xd8\xff" + bytes(100)),
        ("image/jpeg", b"\xff\xd8\xff"),
        ("image/gif", b"GIF89a" + bytes(100)),
        ("text/html", b"<p>"),
    ],
)
def test_what_is_not_the_small_plain_image_it_is_called_is_dropped(mime: str, data: bytes) -> None:
    assert image_uri(mime, encoded(data)) is None


def test_what_is_no_base64_is_dropped() -> None:
    assert image_uri("image/png", 'x" onerror="alert(1)') is None


def test_an_svg_becomes_an_image_source() -> None:
    svg = '<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>'
    uri = image_uri("image/svg+xml", svg)
    assert uri is not None
    assert uri.startswith("data:image/svg+xml;base64,")
    assert decoded(uri).startswith(b"<svg ")


def test_an_svg_with_entities_is_dropped() -> None:
    assert image_uri("image/svg+xml", '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>') is None
