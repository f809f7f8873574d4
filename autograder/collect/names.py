"""Names inside an archive: which can be the path of a file, which are refused, which are litter of a computer's own."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

# What file systems hold of one name is 255 bytes; a folder of a learning platform's is often long already.
MAX_NAME_BYTES = 240
MAX_PATH_BYTES = 1000
MAX_DEPTH = 20
DRIVE = re.compile(r"[A-Za-z]:")
# What no other system's files can hold, or a shell would act on if anybody ever typed the name there.
FORBIDDEN = frozenset('<>:"|?*;`$\\')
# Controls, invisible marks (those that turn the direction of reading among them), halves of characters, private and
# unassigned characters, line and paragraph separators.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
LITTER = ("__MACOSX", ".DS_Store", "._*", "Thumbs.db", "desktop.ini", "~$*", ".ipynb_checkpoints")


class NameRefusedError(Exception):
    """Why a name is not taken."""


def checked_path(name: str) -> PurePosixPath:
    """Return a member's name as a relative path, its letters composed (NFC); a folder's ends without its slash.

    Raises:
        NameRefusedError: It leads elsewhere, or holds what a file's name should not hold.
    """
    if DRIVE.match(name):
        raise NameRefusedError("a drive's letter stands in front")
    if name.startswith("/"):
        raise NameRefusedError("an absolute path")
    for character in name:
        if unicodedata.category(character) in UNSEEN:
            raise NameRefusedError(f"a character that is not seen ({_code_point(character)})")
        if character in FORBIDDEN:
            raise NameRefusedError(f"the character {character}")
    parts = [unicodedata.normalize("NFC", part) for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise NameRefusedError("a path that leads out of its folder (..)")
    if not parts:
        raise NameRefusedError("no name at all")
    longest = max(len(part.encode()) for part in parts)
    if longest > MAX_NAME_BYTES or len(name.encode()) > MAX_PATH_BYTES:
        raise NameRefusedError(f"longer than {MAX_NAME_BYTES} bytes (a path: {MAX_PATH_BYTES})")
    if len(parts) > MAX_DEPTH:
        raise NameRefusedError(f"more than {MAX_DEPTH} folders deep")
    return PurePosixPath(*parts)


def is_litter(path: PurePosixPath, ignored: Sequence[str] = ()) -> bool:
    """Return whether a computer left this there, or nbgrader ignores it: nobody handed it in on purpose."""
    return any(fnmatch.fnmatchcase(part, pattern) for part in path.parts for pattern in (*LITTER, *ignored))


def folded(path: PurePosixPath) -> str:
    """Return what two paths have in common that some file system takes for one: case and composition."""
    return unicodedata.normalize("NFC", str(path).casefold())


def visible(text: str, most: int = 120) -> str:
    """Return text of a student's so that it can be shown: what is not printable as its code, the rest cut to `most`."""
    shown = "".join(
        one if one.isprintable() else one.encode("unicode_escape", "replace").decode("ascii")
        for one in text[: most + 1]
    )
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
