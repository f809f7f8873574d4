"""Reading archives that nobody vouches for: bounded before anything is unpacked, and never by the names they bring."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Any

from autograder.collect.names import visible

MEBIBYTE = 2**20
CHUNK_BYTES = MEBIBYTE
# zipfile reads the list of members into memory: 4 MiB hold some 40,000, and are refused before they are read.
MAX_DIRECTORY_BYTES = 4 * MEBIBYTE
UNPACKING_ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    UnicodeDecodeError,
    ValueError,
)


class ArchiveRefusedError(Exception):
    """Why nothing of an archive is taken."""


class MemberRefusedError(Exception):
    """Why one member of an archive is not taken."""


@dataclass(frozen=True)
class Refusal:
    """Something that was not taken: its name, fit to be shown, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """A file in an archive, as far as its name and size can be taken.

    Attributes:
        path: Its path, checked.
        size: Its size in bytes, as the archive says.
        handle: What the archive finds it by.
    """

    path: PurePosixPath
    size: int
    handle: Any


class Archive(ABC):
    """An opened archive.

    Attributes:
        entries: The files that may be unpacked, in the archive's order.
        refused: The members that may not.
        litter: How many members were dropped as litter.
    """

    entries: tuple[Entry, ...] = ()
    refused: tuple[Refusal, ...] = ()
    litter: int = 0

    @abstractmethod
    def open(self, entry: Entry) -> IO[bytes]:
        """Open a file for reading."""

    @abstractmethod
    def close(self) -> None:
        """Close what is open."""

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def copy(self, entry: Entry, target: Path) -> None:
        """Write one file to `target`, which must not exist. What counts is what is read, not what the archive says.

        Raises:
            MemberRefusedError: It cannot be unpacked; nothing is left at `target`.
            OSError: `target` cannot be written.
        """
        try:
            with target.open("xb") as sink:
                for chunk in self._chunks(entry):
                    sink.write(chunk)
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    def _chunks(self, entry: Entry) -> Iterable[bytes]:
        left = entry.size
        try:
            with self.open(entry) as source:
                while chunk := source.read(CHUNK_BYTES):
                    left -= len(chunk)
                    if left < 0:
                        raise MemberRefusedError(f"more bytes than the {entry.size:,} the archive speaks of")
                    yield chunk
        except UNPACKING_ERRORS as error:
            raise MemberRefusedError(f"damaged: {visible(str(error) or type(error).__name__)}") from error
        if left:
            raise MemberRefusedError(f"damaged: {left:,} of its {entry.size:,} bytes are missing")


class BoundedFile(io.FileIO):
    """A file that gives at most so many bytes at once: a list of members, or a header, that is a bomb itself."""

    def read(self, size: int | None = -1) -> bytes:
        """Read up to `size` bytes; without a size, the rest of the file as far as it is no more than the limit.

        Raises:
            ArchiveRefusedError: More were asked for than any archive needs.
        """
        wanted = MAX_DIRECTORY_BYTES if size is None or size < 0 else size
        if wanted > MAX_DIRECTORY_BYTES:
            raise ArchiveRefusedError(
                f"a list of members of {wanted:,} bytes, expected at most {MAX_DIRECTORY_BYTES:,}"
            )
        return super().read(wanted) or b""
