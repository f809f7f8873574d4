"""Text that a terminal may be given: names of files, metadata and errors come from students."""

from __future__ import annotations

import re

# What a terminal obeys, or a reader cannot see: control characters, marks of direction, characters without a width.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def printable(text: str) -> str:
    """`text` without what a terminal would obey: names of files and metadata come from students."""
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
