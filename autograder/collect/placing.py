"""Putting a submission in its place: whole or not at all, and what was there before is kept."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path, PurePosixPath
from typing import Literal

from autograder.collect.submission import TIMESTAMP
from autograder.course import Course, read_timestamp
from autograder.errors import UsageError
from autograder.grading.handed_in import handed_in_digest

# Hidden names, which nbgrader's `submitted/*/<assignment>` does not match.
STAGING, REPLACED, UNCLEAR = ".collecting", ".replaced", ".unclear"
AT_FDCWD, RENAME_EXCHANGE = -100, 2
State = Literal["new", "replaced", "unchanged", "older", "differs"]


@dataclass(frozen=True)
class Places:
    """Where the submissions of one assignment lie, and what is beside them."""

    course: Course
    assignment: str

    def submitted(self, student: str) -> Path:
        """Where nbgrader looks for a submission."""
        return self.course.folder("submitted", student, self.assignment)

    def beside(self, hidden: str, student: str) -> Path:
        """The same in a hidden folder, on the same file system."""
        coursedir = self.course.coursedir()
        step = f"{coursedir.submitted_directory}/{hidden}"
        return Path(coursedir.format_path(step, student, self.assignment))

    def _base(self) -> Path:
        coursedir = self.course.coursedir()
        path = coursedir.format_path(f"{coursedir.submitted_directory}/{STAGING}", ".", ".")
        return Path(os.path.normpath(path))

    @contextmanager
    def staging(self, dry_run: bool) -> Iterator[Path]:
        """Give a folder for what is not in place yet, to one command at a time; nothing of it stays.

        Raises:
            UsageError: Another command collects in this course.
        """
        if dry_run:
            with tempfile.TemporaryDirectory(prefix="autograder-collect-") as scratch:
                yield Path(scratch)
            return
        lock = os.open(self.course.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError as error:
                raise UsageError(
                    f"expected to be the only command that collects in {self.course.root}, found another; wait for it"
                ) from error
            base = self._base()
            shutil.rmtree(base, ignore_errors=True)  # what a killed command left
            base.mkdir(parents=True)
            try:
                yield base
            finally:
                shutil.rmtree(base, ignore_errors=True)
        finally:
            os.close(lock)


def lay_out(files: Mapping[PurePosixPath, Path], folder: Path, timestamp: datetime | None) -> None:
    """Move the files into `folder` under their names, and write when they were handed in where that is known."""
    folder.mkdir(parents=True)
    for path, file in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        file.rename(folder / path)
    if timestamp is not None:
        (folder / TIMESTAMP).write_text(f"{timestamp.isoformat(' ')} UTC", encoding="utf-8")


def compare(staged: Path, place: Path, timestamp: datetime | None, replace: bool) -> State:
    """Return what is to become of a submission, given what is in its place.

    The one that is there is replaced when the new one differs and was handed in later, or when `replace` says so.
    """
    if not os.path.lexists(place):
        return "new"
    earlier = _timestamp(place)
    same = same_files(staged, place)
    if same and (timestamp is None or earlier is not None):
        return "unchanged"
    if replace or (timestamp is not None and (timestamp > earlier if earlier else same)):
        return "replaced"
    return "older" if timestamp and earlier else "differs"


def same_files(one: Path, other: Path) -> bool:
    """Return whether two folders hold the same files, but for when they were handed in; a link holds none."""
    if other.is_symlink() or not other.is_dir():
        return False
    digest = handed_in_digest(one)
    return digest != "" and digest == handed_in_digest(other)


def put_in_place(staged: Path, place: Path, aside: Path) -> None:
    """Put the staged folder at `place`; what is there goes to a new folder in `aside`, in one step."""
    if not os.path.lexists(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(place)
        return
    aside.mkdir(parents=True, exist_ok=True)
    number = 1
    while os.path.lexists(aside / str(number)):
        number += 1
    staged.rename(aside / str(number))
    _exchange(aside / str(number), place)


def _exchange(one: Path, other: Path) -> None:
    rename = ctypes.CDLL(None, use_errno=True).renameat2
    if rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return
    number = ctypes.get_errno()
    if number not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        raise OSError(number, os.strerror(number), str(other))
    # A file system that cannot exchange (NFS): two steps, both of which leave every file somewhere.
    between = one.with_name(f"{one.name}-new")
    one.rename(between)
    other.rename(one)
    between.rename(other)


def _timestamp(folder: Path) -> datetime | None:
    try:
        return read_timestamp(folder)
    except ValueError:
        return None
