"""A student's .tar or .tar.gz, held to what is asked of a zip. Nothing is extracted by name."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from autograder.collect.archive import (
    CHUNK_BYTES,
    Archive,
    ArchiveRefusedError,
    BoundedFile,
    Entry,
    MemberRefusedError,
    Refusal,
)
from autograder.collect.names import NameRefusedError, checked_path, folded, is_litter, visible

GZIP = b"\x1f\x8b"
DAMAGED = "a tar file that is damaged or was cut off"


class TarArchive(Archive):
    """A tar file, plain or through gzip, whose members are checked before one of them is read."""

    def __init__(self, path: Path, scratch: Path, ignored: Sequence[str], most: int, max_files: int) -> None:
        """Open the tar file at `path`.

        Args:
            path: Where it lies.
            scratch: A path for what gzip hides, which is unpacked first, and counted.
            ignored: Further patterns of names that are litter.
            most: How many bytes it may have, unpacked.
            max_files: How many members it may have.

        Raises:
            ArchiveRefusedError: It is no tar file, or one that must not be unpacked.
            OSError: `scratch` cannot be written.
        """
        with path.open("rb") as file:
            packed = file.read(2) == GZIP
        if packed:
            _gunzip(path, scratch, most)
        self._file = BoundedFile(scratch if packed else path)
        try:
            self._tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115 - closed with the archive
            self._check(ignored, max_files)
        except (tarfile.TarError, EOFError, ValueError, UnicodeError) as error:
            self._file.close()
            raise ArchiveRefusedError(f"{DAMAGED}: {visible(str(error))}") from error
        except BaseException:
            self._file.close()
            raise

    def open(self, entry: Entry) -> IO[bytes]:
        """Open a file for reading."""
        content = self._tar.extractfile(entry.handle)
        if content is None:
            raise MemberRefusedError("neither a file nor a folder")
        return content

    def close(self) -> None:
        """Close the file."""
        self._tar.close()
        self._file.close()

    def _check(self, ignored: Sequence[str], max_files: int) -> None:
        entries, refused, seen = [], [], set[str]()
        for count, member in enumerate(self._members()):
            if count >= max_files:
                raise ArchiveRefusedError(f"more than {max_files:,} members")
            try:
                path = checked_path(member.name)
                if is_litter(path, ignored):
                    self.litter += not member.isdir()
                    continue
                if member.isdir():
                    continue
                if member.issym() or member.islnk():
                    raise MemberRefusedError("a link, and links are not followed")
                if not member.isreg() or member.issparse():
                    raise MemberRefusedError("neither an ordinary file nor a folder")
                if folded(path) in seen:
                    raise MemberRefusedError("another member has this name, or one that differs only in case")
            except (NameRefusedError, MemberRefusedError) as reason:
                if member.name not in ("", "."):
                    refused.append(Refusal(visible(member.name), str(reason)))
                continue
            seen.add(folded(path))
            entries.append(Entry(path, member.size, member))
        self.entries, self.refused = tuple(entries), tuple(refused)

    def _members(self) -> Iterator[tarfile.TarInfo]:
        while (member := self._tar.next()) is not None:
            yield member


def _gunzip(path: Path, target: Path, most: int) -> None:
    left = most
    try:
        with gzip.open(path) as source, target.open("xb") as sink:
            while chunk := source.read(CHUNK_BYTES):
                left -= len(chunk)
                if left < 0:
                    raise ArchiveRefusedError(f"it unpacks to more than {most:,} bytes")
                sink.write(chunk)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ArchiveRefusedError(f"{DAMAGED}: {visible(str(error))}") from error
