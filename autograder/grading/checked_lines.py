"""Files of JSON lines that are only ever added to, each line on the disk before anybody goes by it.

A line begins with the SHA-256 of what follows, so that one that was torn by a crash or damaged later is known as such
and passed over.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from autograder.errors import AutograderError
from autograder.grading.durable import sync
from autograder.results import Record

PREFIX = b'{"sha256":"'
HEAD = len(PREFIX) + 64 + 2
CHUNK_BYTES = 2**16


def line_of(record: Record) -> bytes:
    """A record as a line, its checksum in front."""
    rest = record.model_dump_json().encode()[1:] + b"\n"
    return PREFIX + hashlib.sha256(rest).hexdigest().encode() + b'",' + rest


def record_in(line: bytes) -> bytes:
    """A line's record as JSON, without the checksum."""
    return b"{" + line[HEAD:]


def plain(line: bytes) -> dict[str, Any] | None:
    """A line as plain JSON; None where it is not as it was written."""
    if line[len(PREFIX) : HEAD - 2] != hashlib.sha256(line[HEAD:]).hexdigest().encode():
        return None
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return found


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line with its number, counted from 1; none where there is no file.

    Raises:
        AutograderError: It is there and cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield from enumerate(file, start=1)
    except FileNotFoundError:
        return
    except OSError as error:
        raise AutograderError(f"expected to read {path}, received {error}; permit it, then retry") from error


def lines_from(path: Path, start: int) -> Iterator[bytes]:
    """The whole lines from byte `start` on: a last one that a crash tore is not among them, and is written over.

    Raises:
        AutograderError: The file is there and cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            yield from (line for line in file if line.endswith(b"\n"))
    except FileNotFoundError:
        return
    except OSError as error:
        raise AutograderError(f"expected to read {path}, received {error}; permit it, then retry") from error


def append(path: Path, content: bytes) -> None:
    """Add whole lines, and have them on the disk before returning.

    Raises:
        AutograderError: They cannot be written; the file is as it was.
    """
    try:
        _append(path, content)
    except OSError as error:
        raise AutograderError(
            f"expected to write {path}, received {error}; free space or permit it, then run the same command again: "
            "what is graded stays graded"
        ) from error


def _append(path: Path, content: bytes) -> None:
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if not new else "x+b", buffering=0) as file:
        whole = _whole_bytes(file)
        try:
            file.truncate(whole)  # a line that a crash tore was written for nothing: nobody has gone by it
            file.seek(whole)
            left = memoryview(content)
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(whole)
            raise
    if new:
        sync(path.parent)


def _whole_bytes(file: BinaryIO) -> int:
    """Where the last whole line ends."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - CHUNK_BYTES)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
