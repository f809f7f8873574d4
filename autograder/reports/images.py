"""Images of a notebook's outputs: looked at byte by byte, kept as data URIs or not at all."""

from __future__ import annotations

import base64
import binascii
import struct

from autograder.reports.svg import plain_svg

IMAGE_BYTES = 2_000_000
"""The largest image a page takes in, in bytes."""
IMAGE_PIXELS = 25_000_000
"""The largest image a browser is asked to decode, in pixels (a 20,000 x 20,000 PNG is 40 KB and 1.6 GB in memory)."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What is needed to draw the picture. Text chunks, animation (acTL) and whatever follows IEND stay behind.
_PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs", b"sRGB", b"gAMA"})
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})


def image_uri(mime: str, encoded: str) -> str | None:
    """The data URI of an image output, or None where the bytes are not the small, plain image they are called.

    Args:
        mime: `image/png`, `image/jpeg` or `image/svg+xml`; anything else is None.
        encoded: Base64, or for SVG the source text.
    """
    if mime == "image/svg+xml":
        return _svg_uri(encoded)
    if len(encoded) > IMAGE_BYTES * 4 // 3 + 100_000:
        return None
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) > IMAGE_BYTES:
        return None
    kept = {"image/png": _plain_png, "image/jpeg": _plain_jpeg}.get(mime, lambda _: None)(data)
    return None if kept is None else f"data:{mime};base64,{base64.b64encode(kept).decode('ascii')}"


def _plain_png(data: bytes) -> bytes | None:
    if not data.startswith(_PNG_SIGNATURE):
        return None
    kept = [_PNG_SIGNATURE]
    position = len(_PNG_SIGNATURE)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind = data[position + 4 : position + 8]
        end = position + 12 + length
        if end > len(data) or (position == len(_PNG_SIGNATURE)) != (kind == b"IHDR"):
            return None
        if kind == b"IHDR" and (length != 13 or not _fits(*struct.unpack_from(">II", data, position + 8))):
            return None
        if kind in _PNG_CHUNKS:
            kept.append(data[position:end])
        if kind == b"IEND":
            return b"".join(kept)
        position = end
    return None


def _plain_jpeg(data: bytes) -> bytes | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    end = data.rfind(b"\xff\xd9")
    position = 2
    while 0 <= position + 9 <= end:
        marker, kind, length = struct.unpack_from(">BBH", data, position)
        if marker != 0xFF or length < 2:
            return None
        if kind in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return data[: end + 2] if _fits(width, height) else None
        position += 2 + length
    return None


def _svg_uri(source: str) -> str | None:
    drawing = plain_svg(source, image_uri) if len(source) <= IMAGE_BYTES else None
    return (
        None if drawing is None else f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode('ascii')}"
    )


def _fits(width: int, height: int) -> bool:
    return 0 < width * height <= IMAGE_PIXELS
