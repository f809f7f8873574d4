"""The file nbgrader keeps its gradebook in: is it sound, and where are its backups?"""

from __future__ import annotations

import filecmp
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url

from autograder.course import Course
from autograder.course.gradebook_trouble import BUSY_SECONDS
from autograder.errors import AutograderError, GradebookError
from autograder.grading.durable import sync

# Whichever rule keeps more: an afternoon of many runs must not push out last week.
KEEP_LAST = 10
KEEP_DAYS = 7
STAMP = "%Y%m%dT%H%M%SZ"
# SQLite's locks do not hold between machines there, and a rename may be seen late.
NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "afs", "ceph", "lustre", "glusterfs")
TABLES = frozenset({"assignment", "student", "submitted_assignment", "submitted_notebook", "grade", "comment"})


@dataclass(frozen=True)
class GradebookFile:
    """A SQLite gradebook.

    Attributes:
        path: The database.
        backups: The folder of its backups, `gradebook-<UTC time>.db`, each checked before it got its name.
    """

    path: Path
    backups: Path

    @classmethod
    def of(cls, course: Course) -> GradebookFile | None:
        """The course's gradebook; None where it is kept in a database that is no file."""
        url = make_url(course.db_url)
        if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
            return None
        return cls(Path(url.database), course.results / "backups")

    def require_sound(self) -> None:
        """Stop before anything is read or written, where there is no gradebook to work with although there was one.

        Raises:
            GradebookError: It is damaged, or gone.
        """
        recover = "run `autograder recover`, which puts the last backup and the ledger's marks in its place"
        if not self.path.exists():
            if self.stored():
                raise GradebookError(
                    f"expected nbgrader's gradebook at {self.path}, found none although there are backups; {recover}"
                )
            return
        if trouble := trouble_with(self.path) or self.emptied():
            raise GradebookError(f"expected a sound gradebook at {self.path}, found: {trouble}; {recover}")

    def emptied(self) -> str:
        """What is wrong with a (sound) gradebook that holds no submission while a backup does; "" elsewhere.

        nbgrader makes a new, empty file where it finds none, whatever it is asked.
        """
        if num_submissions(self.path):
            return ""
        for backup in reversed(self.stored()):
            if not trouble_with(backup) and (number := num_submissions(backup)):
                return (
                    f"it holds no submission, the backup {backup.name} holds {number} (to begin anew, move "
                    f"{self.backups.parent} aside)"
                )
        return ""

    def stored(self) -> list[Path]:
        """The backups, the newest last."""
        return sorted(self.backups.glob("gradebook-*.db"))

    def newest_sound_backup(self) -> Path | None:
        """The last backup that is whole, and holds a submission if any does; None where there is none."""
        sound = [path for path in reversed(self.stored()) if not trouble_with(path)]
        return next((path for path in sound if num_submissions(path)), sound[0] if sound else None)

    def back_up(self, now: datetime) -> Path | None:
        """Copy the (sound) gradebook to the backups, and remove those that are neither recent nor a day's last.

        Args:
            now: The time that goes into the name.

        Returns:
            The backup; None where there is no gradebook yet, or the last backup holds the same.

        Raises:
            AutograderError: It cannot be copied; the earlier backups are as they were.
        """
        if not self.path.exists():
            return None
        temporary = self.backups / ".gradebook.tmp"
        try:
            self.backups.mkdir(parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)
            with (
                closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as source,
                closing(sqlite3.connect(temporary)) as target,
            ):
                source.backup(target)
            stored = self.stored()
            if stored and filecmp.cmp(temporary, stored[-1], shallow=False):
                temporary.unlink()
                return None
            if trouble := trouble_with(temporary):
                raise OSError(f"the copy is damaged: {trouble}")
            sync(temporary)
            place = self.backups / f"gradebook-{_after(stored, now):{STAMP}}.db"
            temporary.replace(place)
            sync(self.backups)
            for path in _superfluous(self.stored()):
                path.unlink()
        except (OSError, sqlite3.Error) as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise AutograderError(
                f"expected to back {self.path} up to {self.backups}, received {error}; free space or permit it, then "
                "run the same command again: nothing was changed"
            ) from error
        return place

    def warning(self) -> str:
        """A sentence where the file lies on a file system that databases are not safe on; "" elsewhere."""
        kind = file_system(self.path)
        if not kind.startswith(NETWORK_FILE_SYSTEMS):
            return ""
        return (
            f"expected the gradebook on a local disk, found {self.path} on {kind}, where SQLite's locks may not hold: "
            "let nobody use the formgrader while this runs, or move the course to a local disk"
        )


def trouble_with(path: Path) -> str:
    """What SQLite finds wrong with a gradebook's file; "" when it is sound.

    Raises:
        GradebookError: It cannot be looked at now: it is locked, or may not be read.
    """
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)
        ) as database:
            found = [str(row[0]) for row in database.execute("PRAGMA integrity_check(3)")]
            tables = {str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.OperationalError as error:
        raise GradebookError(
            f"expected to read {path}, received {error}; permit it, or stop what else uses it, then run the same "
            "command again"
        ) from error
    except sqlite3.DatabaseError as error:
        return str(error)
    if found != ["ok"]:
        return "; ".join(" ".join(one.split()) for one in found)[:300]
    missing = sorted(TABLES - tables)
    return f"it has no table {missing[0]}" if missing else ""


def num_submissions(path: Path) -> int:
    """How many submissions a sound gradebook holds."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as database:
        return int(database.execute("SELECT COUNT(*) FROM submitted_assignment").fetchone()[0])


def file_system(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system a path lies on, as the kernel names it; "" where it does not say."""
    best, kind = "", ""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        _, point, found, *_ = line.split(" ")
        point = point.encode().decode("unicode_escape")  # a blank is \040 there
        if os.path.commonpath([point, path.absolute()]) == point and len(point) >= len(best):
            best, kind = point, found
    return kind


def _after(stored: list[Path], now: datetime) -> datetime:
    """`now`, or a second after the last backup where the clock has been put back: the newest stays the last by name."""
    if stored:
        last = _time_of(stored[-1])
        if last is not None and now.astimezone(UTC).replace(microsecond=0) <= last:
            return last + timedelta(seconds=1)
    return now.astimezone(UTC)


def _time_of(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.stem.removeprefix("gradebook-"), STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _superfluous(stored: list[Path]) -> list[Path]:
    by_day = {path.stem.removeprefix("gradebook-")[:8]: path for path in stored}  # the last of each day
    kept = {*stored[-KEEP_LAST:], *list(by_day.values())[-KEEP_DAYS:]}
    return [path for path in stored if path not in kept]
