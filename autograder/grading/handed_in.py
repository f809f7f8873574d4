"""What was handed in, as one digest: a file exchanged under an existing result shows."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

CHUNK_BYTES = 2**20
# Beyond these, names and sizes still count: what nobody can have handed in must not hold up the class.
MAX_BYTES = 2**30
MAX_FILES = 100_000


def handed_in_digest(folder: Path) -> str:
    """Return the SHA-256 over names and bytes of the files below `folder`; "" where they cannot be read.

    Links are not followed: where they lead counts, not what lies there. `timestamp.txt` at the top says when the files
    were handed in and is no part of them.
    """
    digest = hashlib.sha256()
    left = MAX_BYTES
    try:
        for count, path in enumerate(_files(folder)):
            if count >= MAX_FILES:
                break
            name = os.fsencode(path.relative_to(folder))
            kind, read = _describe(path, left)
            left -= read
            digest.update(f"{len(name)}:".encode() + name + kind)
    except (OSError, RecursionError):  # os.walk calls itself for each folder in a folder
        return ""
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=_raise):
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        found.extend(Path(parent) / name for name in (*files, *links))
    return sorted(path for path in found if path != folder / "timestamp.txt")


def _raise(error: OSError) -> None:
    raise error


def _describe(path: Path, left: int) -> tuple[bytes, int]:
    """What a file adds to the digest, and how many bytes were read for it; never waits for a pipe or a device."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return b" link " + os.fsencode(path.readlink()) + b"\n", 0
    if not stat.S_ISREG(status.st_mode):
        return f" special {stat.S_IFMT(status.st_mode):o}\n".encode(), 0
    if status.st_size > left:
        return f" large {status.st_size}\n".encode(), 0
    content = hashlib.sha256()
    size = 0
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        while size <= status.st_size and (chunk := file.read(CHUNK_BYTES)):
            content.update(chunk)
            size += len(chunk)
    return f" file {size} {content.hexdigest()}\n".encode(), size
