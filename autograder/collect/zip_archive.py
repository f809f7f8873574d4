"""A zip file, the platform's or a student's: its list of members is judged before one of them is opened."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from autograder.collect.archive import (
    MEBIBYTE,
    UNPACKING_ERRORS,
    Archive,
    ArchiveRefusedError,
    BoundedFile,
    Entry,
    MemberRefusedError,
    Refusal,
)
from autograder.collect.names import NameRefusedError, checked_path, folded, is_litter, visible

MAX_MEMBERS = 20_000
# Text shrinks tenfold, an array of zeros a thousandfold. Small files may; what is large has to look like work.
MAX_RATIO, RATIO_FREE_BYTES = 200, 16 * MEBIBYTE
MAX_ARCHIVE_RATIO, ARCHIVE_RATIO_FREE_BYTES = 100, 2**30
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED, PATCHED, STRONGLY_ENCRYPTED, UTF8 = 0x1, 0x20, 0x40, 0x800
LOCAL_HEADER_BYTES = 30


class ZipArchive(Archive):
    """A zip file whose members are checked before one of them is opened."""

    def __init__(self, path: Path, ignored: Sequence[str] = (), most: int | None = None) -> None:
        """Open the zip file at `path`.

        Args:
            path: Where it lies.
            ignored: Further patterns of names that are litter.
            most: How many bytes its files may have in all; without it, a multiple of the archive's size.

        Raises:
            ArchiveRefusedError: It is no zip file, or one that must not be unpacked.
        """
        self._file = BoundedFile(path)
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._check(path.stat().st_size, ignored, most)
        except UNPACKING_ERRORS as error:
            self._file.close()
            raise ArchiveRefusedError(_what_is_wrong(path, error)) from error
        except BaseException:
            self._file.close()
            raise

    def open(self, entry: Entry) -> IO[bytes]:
        """Open a file for reading."""
        return self._zip.open(entry.handle)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def _check(self, archive_bytes: int, ignored: Sequence[str], most: int | None) -> None:
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise ArchiveRefusedError(f"{len(members):,} members, expected at most {MAX_MEMBERS:,}")
        _refuse_overlaps(members, archive_bytes)
        total = sum(member.file_size for member in members)
        if most is None:
            most = max(ARCHIVE_RATIO_FREE_BYTES, MAX_ARCHIVE_RATIO * archive_bytes)
        if total > most:
            raise ArchiveRefusedError(f"it unpacks to {total:,} bytes, expected at most {most:,} of one its size")
        entries, refused, seen = [], [], set[str]()
        for member in members:
            name = decoded_name(member)
            try:
                path = checked_path(name)
                if is_litter(path, ignored):
                    self.litter += not name.endswith("/")
                    continue
                _refuse_kind(member)
                if name.endswith("/"):
                    continue
                if folded(path) in seen:
                    raise MemberRefusedError("another member has this name, or one that differs only in case")
            except (NameRefusedError, MemberRefusedError) as reason:
                refused.append(Refusal(visible(name), str(reason)))
                continue
            seen.add(folded(path))
            entries.append(Entry(path, member.file_size, member))
        self.entries, self.refused = tuple(entries), tuple(refused)


def decoded_name(member: zipfile.ZipInfo) -> str:
    """Return a member's whole name: zipfile ends it at a NUL, and reads as cp437 what many write as UTF-8."""
    name = member.orig_filename
    if member.flag_bits & UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _refuse_kind(member: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise MemberRefusedError("a link, and links are not followed")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise MemberRefusedError("neither a file nor a folder")
    if member.flag_bits & (ENCRYPTED | STRONGLY_ENCRYPTED):
        raise MemberRefusedError("encrypted; ask for it without a password")
    if member.flag_bits & PATCHED or member.compress_type not in METHODS:
        raise MemberRefusedError("compressed in an unusual way; ask for an ordinary zip")
    if member.file_size > max(RATIO_FREE_BYTES, MAX_RATIO * member.compress_size):
        raise MemberRefusedError(
            f"{member.file_size:,} bytes packed into {member.compress_size:,}: a bomb, by its size"
        )


def _refuse_overlaps(members: Sequence[zipfile.ZipInfo], archive_bytes: int) -> None:
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < end:
            raise ArchiveRefusedError("its members overlap: no program packs that way, and what unpacks it runs full")
        end = member.header_offset + LOCAL_HEADER_BYTES + member.compress_size
        if end > archive_bytes:
            raise ArchiveRefusedError("members that lie beyond its end; it may have been cut off: download it again")


def _what_is_wrong(path: Path, error: Exception) -> str:
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        return "an empty file; download it again"
    if start == b"PK\x03\x04" and isinstance(error, zipfile.BadZipFile):
        return "a zip file that is damaged or was cut off (its list of members is missing); download it again"
    if start[:2] == b"PK":
        return f"a zip file that cannot be read: {visible(str(error))}"
    return "something else than a zip file"
