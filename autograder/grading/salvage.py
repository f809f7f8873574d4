"""What can still be read of a damaged SQLite gradebook, row by row, laid over its last backup."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDE_FILES = ("-journal", "-wal", "-shm")
SPARE_ROWS = 10_000  # looked for beyond the backup's last row where the table's own end cannot be read
PAGE_SIZE_AT = 16
_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("VARCHAR", (str,)), ("TEXT", (str,)), ("DATETIME", (str,)), ("FLOAT", (float, int)), ("BOOLEAN", (int,)),
)  # fmt: skip


@dataclass(frozen=True)
class Salvage:
    """What came out of a damaged gradebook.

    Attributes:
        read: How many rows could be read, by table.
        damaged: Tables with rows that could not.
        unread: Students and assignments some of whose marks or comments could not be read.
    """

    read: dict[str, int]
    damaged: tuple[str, ...]
    unread: tuple[tuple[str, str], ...]


def overlay(damaged: Path, restored: Path, scratch: Path) -> Salvage:
    """Put every row that `damaged` still yields over those of `restored`.

    Args:
        damaged: The gradebook's file; it is not opened itself, only copied.
        restored: A copy of the last backup, which is changed.
        scratch: A folder for the copy.
    """
    copy = _copy(damaged, restored, scratch)
    read: dict[str, int] = {}
    incomplete = []
    seen: dict[str, set[str]] = {"grade": set(), "comment": set()}
    with closing(sqlite3.connect(restored)) as target:
        for table in _tables(target):
            columns = _columns(target, table)
            last = target.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0  # noqa: S608 - our own names
            rows, whole = _rows(copy, table, [name for name, _ in columns], last + SPARE_ROWS)
            kept = [row for row in rows if _plausible(row, columns)]
            marks = ", ".join("?" * len(columns))
            for row in kept:
                with suppress(sqlite3.Error):  # a row that contradicts the table is no row of it
                    target.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)  # noqa: S608
                    read[table] = read.get(table, 0) + 1
                    if table in seen:
                        seen[table].add(row[0])
            if not whole or len(kept) < len(rows):
                incomplete.append(table)
        _drop_orphans(target)
        unread = _owners_of_unread(target, seen) if incomplete else ()
        target.commit()
    return Salvage(read, tuple(incomplete), unread)


def _copy(damaged: Path, restored: Path, scratch: Path) -> Path:
    """A copy of the damaged file with its journal, and where its first page is lost, with the backup's."""
    copy = scratch / "damaged.db"
    for suffix in ("", *SIDE_FILES):
        side = damaged.with_name(damaged.name + suffix)
        if side.is_file():
            shutil.copyfile(side, copy.with_name(copy.name + suffix))
    if not copy.exists():
        copy.touch()
    if not _opens(copy):
        # The first page holds the list of tables, which changes only when nbgrader's own format does.
        for suffix in SIDE_FILES:
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
        with restored.open("rb") as file:
            header = file.read(PAGE_SIZE_AT + 2)
            size = int.from_bytes(header[PAGE_SIZE_AT:], "big")
            file.seek(0)
            first = file.read(65536 if size == 1 else size)
        with copy.open("r+b") as file:
            file.write(first)
    return copy


def _opens(path: Path) -> bool:
    try:
        with closing(_tolerant(path)) as database:
            return bool(database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'grade'").fetchone()[0])
    except sqlite3.Error:
        return False


def _tolerant(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA writable_schema = ON")  # goes on where the file is shorter than its header says
    return database


def _rows(path: Path, table: str, columns: Sequence[str], bound: int) -> tuple[list[tuple[Any, ...]], bool]:
    """The rows of a table that can be read, and whether those are all."""
    names = ", ".join(columns)
    rows: list[tuple[Any, ...]] = []
    try:
        with closing(_tolerant(path)) as database:
            cursor = database.execute(f"SELECT {names} FROM {table} NOT INDEXED ORDER BY rowid")  # noqa: S608
            while (row := cursor.fetchone()) is not None:
                rows.append(row)
            return rows, True
    except (sqlite3.Error, UnicodeDecodeError, OverflowError):
        pass  # page by page, then
    rows = []
    with closing(_tolerant(path)) as database:
        for number in _numbers(database, table, bound):
            with suppress(sqlite3.Error, UnicodeDecodeError, OverflowError):
                found = database.execute(f"SELECT {names} FROM {table} NOT INDEXED WHERE rowid = ?", (number,))  # noqa: S608
                rows.extend(found.fetchall())
    return rows, False


def _numbers(database: sqlite3.Connection, table: str, bound: int) -> Iterator[int]:
    """The row numbers worth asking for, one after the other."""
    with suppress(sqlite3.Error):
        bound = database.execute(f"SELECT max(rowid) FROM {table} NOT INDEXED").fetchone()[0] or bound  # noqa: S608
    yield from range(1, min(bound, 10_000_000) + 1)


def _tables(database: sqlite3.Connection) -> list[str]:
    """The tables of nbgrader's; the version of its format is the backup's."""
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'")
    return [str(name) for (name,) in found]


def _columns(database: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    return [(str(row[1]), str(row[2]).upper()) for row in database.execute(f"PRAGMA table_info({table})")]


def _plausible(row: tuple[Any, ...], columns: Sequence[tuple[str, str]]) -> bool:
    """Whether each value is of its column's type: what lies on a damaged page may be read and be nonsense."""
    for value, (_, declared) in zip(row, columns, strict=True):
        types = next((types for prefix, types in _TYPES if declared.startswith(prefix)), None)
        if value is not None and types is not None and not isinstance(value, types):
            return False
    return True


def _drop_orphans(database: sqlite3.Connection) -> None:
    while orphans := database.execute("PRAGMA foreign_key_check").fetchall():
        for table, number, *_ in orphans:
            database.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))  # noqa: S608 - SQLite's own names


def _owners_of_unread(database: sqlite3.Connection, seen: dict[str, set[str]]) -> tuple[tuple[str, str], ...]:
    owners: set[tuple[str, str]] = set()
    for table, ids in seen.items():
        query = (
            f"SELECT t.id, s.student_id, a.name FROM {table} t "  # noqa: S608 - our own names
            "JOIN submitted_notebook n ON n.id = t.notebook_id "
            "JOIN submitted_assignment s ON s.id = n.assignment_id JOIN assignment a ON a.id = s.assignment_id"
        )
        owners.update((str(student), str(name)) for one, student, name in database.execute(query) if one not in ids)
    return tuple(sorted(owners))
