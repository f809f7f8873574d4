"""A release as one zip file, for a learning platform: the students' notebook and its data, nothing else."""

from __future__ import annotations

import fnmatch
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.reports import write_whole

# The first moment a zip file can hold: the same files give the same bytes, whenever they are packed.
MOMENT = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644
UNIX = 3
LITTER = (".ipynb_checkpoints", "__pycache__", "*.pyc", ".DS_Store", "timestamp.txt", "submission_secret.txt")


@dataclass(frozen=True)
class Bundle:
    """A release as a zip file.

    Attributes:
        path: Where it lies, or would.
        content: Its bytes.
    """

    path: Path
    content: bytes

    def write(self) -> None:
        """Put the file in place whole.

        Raises:
            AutograderError: It cannot be written.
        """
        write_whole(self.path, self.content, "the zip file", "permit it or choose another place")


def pack(folder: Path, place: Path, ignored: Sequence[str] = ()) -> Bundle:
    """Pack a released folder, everything in one folder of its name.

    The bytes follow from names and contents alone: entries are in order, of one date and mode, and not compressed, as
    compression differs from one version of its library to the next.

    Args:
        folder: What students get.
        place: The zip file, or the folder it goes into under the release's name.
        ignored: Patterns of names that are left out, besides what editors and Python leave.
    """
    path = place if place.suffix == ".zip" else place / f"{folder.name}.zip"
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for file in released_files(folder, ignored):
            entry = zipfile.ZipInfo(f"{folder.name}/{file.relative_to(folder).as_posix()}", MOMENT)
            entry.create_system = UNIX
            entry.external_attr = READABLE << 16
            archive.writestr(entry, file.read_bytes())
    return Bundle(path, written.getvalue())


def require_place(place: Path, number: int) -> None:
    """Refuse one zip file for several releases: each has one of its own.

    Raises:
        UsageError: A file is named, and there are several.
    """
    if number > 1 and place.suffix == ".zip":
        raise UsageError(
            f"expected a folder for the zip files of {number} releases, received {place}; name a folder, in which each "
            "has a file of its own"
        )


def released_files(folder: Path, ignored: Sequence[str] = ()) -> Iterator[Path]:
    """The files of a released folder that students get, in order; links and litter are none.

    Args:
        folder: The folder.
        ignored: Patterns of names that are left out, besides what editors and Python leave.
    """
    ignored = (*LITTER, *ignored)
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        parts = path.relative_to(folder).parts
        litter = any(fnmatch.fnmatchcase(part, pattern) for part in parts for pattern in ignored)
        if path.is_file() and not path.is_symlink() and not litter:
            yield path
