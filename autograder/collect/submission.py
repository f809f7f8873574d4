"""One student's files out of the archive: unpacked under numbers, counted, their own archive opened once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.collect.archive import Archive, ArchiveRefusedError, Entry, MemberRefusedError, Refusal
from autograder.collect.names import folded, visible
from autograder.collect.naming import ARCHIVE, Piece
from autograder.collect.notebooks import NOTEBOOK
from autograder.collect.tar_archive import TarArchive
from autograder.collect.zip_archive import ZipArchive

TIMESTAMP = PurePosixPath("timestamp.txt")
UNREAD = (".rar", ".7z")
ASK = "ask for a .zip or for the files themselves"


@dataclass(frozen=True)
class Sizes:
    """The most one student may hand in, in bytes: a notebook, another file, all of it; and how many files."""

    notebook: int
    file: int
    total: int
    files: int = 2000


@dataclass
class Gathered:
    """What one student handed in.

    Attributes:
        files: Where each file's content lies, by its path in the submission.
        refused: What was not taken.
        notes: What a person should know.
        litter: How many files of a student's archive were dropped as litter.
    """

    files: dict[PurePosixPath, Path] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    litter: int = 0


class Gatherer:
    """Unpacks the files of one student into a folder, under numbers: no name of a student's is written there."""

    def __init__(self, folder: Path, sizes: Sizes, ignored: Sequence[str], num_notebooks: int) -> None:
        """Start with nothing.

        Args:
            folder: An empty folder.
            sizes: The most that is taken.
            ignored: Further patterns of names that are litter.
            num_notebooks: How many notebooks the assignment has. A student who hands in as many as files has no need
                to have an archive opened: it is a file like others.
        """
        self.gathered = Gathered()
        self._folder = folder
        self._sizes = sizes
        self._ignored = ignored
        self._num_notebooks = num_notebooks
        self._left = sizes.total
        self._count = 0
        self._names: set[str] = set()
        self._folders: set[str] = set()

    def gather(self, archive: Archive, pieces: Sequence[Piece]) -> Gathered:
        """Take the student's files, then what is in an archive of theirs."""
        for piece in _notebooks_first(pieces):
            self._take(archive, piece.entry, piece.path, str(piece.entry.path))
        archives = [path for path in self.gathered.files if ARCHIVE.search(path.name)]
        loose = sum(path.suffix.lower() == NOTEBOOK for path in self.gathered.files)
        for path in archives:
            if path.suffix.lower() in UNREAD:
                self._discard(path, f"a {path.suffix} archive is not read; {ASK}")
            elif loose >= self._num_notebooks:
                self.gathered.notes.append(f"{visible(str(path))} is kept as a file: the notebooks lie beside it")
            else:
                self._unpack(path)
        self._leave_common_folder()
        if TIMESTAMP in self.gathered.files:
            del self.gathered.files[TIMESTAMP]
            self.gathered.notes.append(f"left out the student's own {TIMESTAMP}: it would say when it was handed in")
        return self.gathered

    def _take(self, archive: Archive, entry: Entry, path: PurePosixPath, name: str) -> None:
        try:
            most = self._sizes.notebook if path.suffix.lower() == NOTEBOOK else self._sizes.file
            if entry.size > most:
                raise MemberRefusedError(f"{entry.size:,} bytes, expected at most {most:,}")
            if entry.size > self._left:
                raise MemberRefusedError(f"more than the {self._sizes.total:,} bytes one student may hand in")
            if self._count >= self._sizes.files:
                raise MemberRefusedError(f"more than the {self._sizes.files:,} files one student may hand in")
            if path.suffix.lower() == NOTEBOOK and entry.size == 0:
                raise MemberRefusedError("an empty file; ask the student to hand it in again")
            self._claim(path)
            target = self._folder / str(self._count)
            archive.copy(entry, target)
        except MemberRefusedError as reason:
            self.gathered.refused.append(Refusal(visible(name), str(reason)))
            return
        self._count += 1
        self._left -= entry.size
        self.gathered.files[path] = target

    def _claim(self, path: PurePosixPath) -> None:
        name, parents = folded(path), {folded(parent) for parent in path.parents} - {"."}
        if name in self._names or name in self._folders or parents & self._names:
            raise MemberRefusedError("another of the student's files has this name, or one that differs only in case")
        self._names.add(name)
        self._folders |= parents

    def _unpack(self, path: PurePosixPath) -> None:
        packed = self.gathered.files.pop(path)
        self._names.discard(folded(path))
        try:
            with self._open(path, packed) as archive:
                self.gathered.litter += archive.litter
                self.gathered.refused += [
                    Refusal(f"{visible(str(path))}: {one.name}", one.reason) for one in archive.refused
                ]
                for entry in _notebook_entries_first(archive.entries):
                    name = f"{path}: {entry.path}"
                    if ARCHIVE.search(entry.path.name):
                        reason = f"an archive within an archive is not opened; {ASK}"
                        self.gathered.refused.append(Refusal(visible(name), reason))
                    else:
                        self._take(archive, entry, path.parent / entry.path, name)
        except ArchiveRefusedError as reason:
            self.gathered.refused.append(Refusal(visible(str(path)), str(reason)))
        packed.unlink()

    def _open(self, path: PurePosixPath, packed: Path) -> Archive:
        if path.suffix.lower() == ".zip":
            return ZipArchive(packed, self._ignored, self._sizes.total)
        scratch = packed.with_suffix(".tar")
        try:
            return TarArchive(packed, scratch, self._ignored, self._sizes.total, self._sizes.files)
        except ArchiveRefusedError:
            scratch.unlink(missing_ok=True)
            raise

    def _discard(self, path: PurePosixPath, reason: str) -> None:
        self.gathered.files.pop(path).unlink()
        self.gathered.refused.append(Refusal(visible(str(path)), reason))

    def _leave_common_folder(self) -> None:
        """Take the one folder off that everything lies in: who packs a folder hands in what is in it."""
        left = []
        while self.gathered.files and all(len(path.parts) > 1 for path in self.gathered.files):
            tops = {path.parts[0] for path in self.gathered.files}
            if len(tops) > 1:
                break
            left.append(tops.pop())
            self.gathered.files = {PurePosixPath(*path.parts[1:]): file for path, file in self.gathered.files.items()}
        if left:
            self.gathered.notes.append(f"taken out of the folder {visible('/'.join(left))}")


def _notebooks_first(pieces: Sequence[Piece]) -> list[Piece]:
    """Notebooks in front: where a limit is reached, it is not they that are left out."""
    return sorted(pieces, key=lambda piece: piece.path.suffix.lower() != NOTEBOOK)


def _notebook_entries_first(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.path.suffix.lower() != NOTEBOOK)
