"""Recovering: automatic marks from the ledger, and a damaged gradebook from its last backup.

Everything is tried on a copy first, so that a person can see what would change; nothing is ever deleted.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.course.gradebook_trouble import BUSY_SECONDS, gradebook_error
from autograder.errors import AutograderError, GradebookError, UsageError
from autograder.grading.durable import sync
from autograder.grading.gradebook_copy import copy_gradebook, with_gradebook
from autograder.grading.gradebook_file import STAMP, GradebookFile, trouble_with
from autograder.grading.ledger import Entry, Ledger, Reading
from autograder.grading.marks import record_marks
from autograder.grading.prepare import without_known_warning
from autograder.grading.salvage import SIDE_FILES, Salvage, overlay
from autograder.grading.scribe import Scribe
from autograder.grading.store import Store

Value = float | str | None
Key = tuple[str, str, str, str, str]
_CELLS = """
SELECT s.student_id, a.name, n.name, c.name, t.{columns} FROM {table} t
JOIN base_cell c ON c.id = t.cell_id JOIN submitted_notebook sn ON sn.id = t.notebook_id
JOIN notebook n ON n.id = sn.notebook_id JOIN submitted_assignment s ON s.id = sn.assignment_id
JOIN assignment a ON a.id = s.assignment_id
"""
_PENALTIES = """
SELECT s.student_id, a.name, n.name, '', sn.late_submission_penalty FROM submitted_notebook sn
JOIN notebook n ON n.id = sn.notebook_id JOIN submitted_assignment s ON s.id = sn.assignment_id
JOIN assignment a ON a.id = s.assignment_id
"""
# What a reader of the list is told of, and the question that finds it.
QUERIES = {
    "automatic mark": _CELLS.format(table="grade", columns="auto_score"),
    "mark by hand": _CELLS.format(table="grade", columns="manual_score"),
    "extra credit": _CELLS.format(table="grade", columns="extra_credit"),
    "automatic comment": _CELLS.format(table="comment", columns="auto_comment"),
    "comment by hand": _CELLS.format(table="comment", columns="manual_comment"),
    "late penalty": _PENALTIES,
}

# Tables of nbgrader's in which people enter something, in words.
_ENTERED = {
    "grade": "marks",
    "comment": "comments",
    "submitted_assignment": "extensions",
    "assignment": "due dates",
    "student": "students' names",
}
_ALL_LOST = (
    "what people entered since {backup} is missing, marks and comments above all: no file is left to read it from. "
    "Enter it again, or put a copy of the gradebook from elsewhere in its place and run `autograder grade`"
)
_ASIDE = "what people entered since {backup} is only in the gradebook that is put aside: look there, and enter it again"


@dataclass(frozen=True)
class Change:
    """One entry of the gradebook before and after; None where there is none."""

    what: str
    student: str
    assignment: str
    notebook: str
    cell: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Plan:
    """What recovering would do.

    Attributes:
        trouble: What is wrong with the gradebook's file; "" when it is sound.
        backup: The backup that takes its place; None when it is sound.
        changes: What differs from the gradebook, or from the backup where that takes its place.
        results: Submissions whose result file is gone and comes back from the ledger.
        notes: Sentences on what is not, or cannot be, put right.
        unfinished: Whether one of them asks for more than this command can do.
    """

    trouble: str
    backup: Path | None
    changes: tuple[Change, ...]
    results: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    unfinished: bool

    @property
    def empty(self) -> bool:
        """Whether everything is as the ledger has it."""
        return not self.trouble and not self.changes and not self.results


@dataclass(frozen=True)
class Recovery:
    """A plan, made on a copy that `carry_out` uses. Made by `prepare_recovery`."""

    course: Course
    file: GradebookFile
    reading: Reading
    wanted: tuple[str, ...]
    plan: Plan
    copy: Path

    def carry_out(self) -> Path | None:
        """Do what the plan says.

        Returns:
            Where the damaged gradebook lies now; None where there was none.

        Raises:
            AutograderError: It could not be done; what was there is still there.
        """
        scribe = Scribe.of(self.course, "recover")
        if not self.plan.trouble:
            scribe.catch_up()
        aside = None
        if self.plan.trouble:
            aside = self._exchange()
        elif self.plan.changes:
            self.file.back_up(datetime.now(UTC))
            record_entries(self.course, entries_to_record(self.file.path, self.reading, self.wanted))
        store = Store(self.course.results)
        for student, assignment in self.plan.results:
            entry = self.reading.last[student, assignment]
            store.write(store.result_path(student, assignment), entry.result)
        scribe.note_recovered()
        return aside

    def _exchange(self) -> Path | None:
        path = self.file.path
        word = "replaced" if path.exists() and not trouble_with(path) else "damaged"
        aside = path.with_name(f"{path.name}.{word}-{datetime.now(UTC):{STAMP}}")
        try:
            new = path.with_name(f".{path.name}.recovered")
            shutil.copyfile(self.copy, new)
            if path.exists():
                shutil.copymode(path, new)
            sync(new)
            # The journal first: beside another gradebook, SQLite would write its pages into that.
            for suffix in (*SIDE_FILES, ""):
                if (side := path.with_name(path.name + suffix)).exists():
                    side.rename(aside.with_name(aside.name + suffix))
            new.replace(path)
            sync(path.parent)
        except OSError as error:
            raise AutograderError(
                f"expected to put the recovered gradebook in place at {path}, received {error}; permit it or free "
                "space, then run the same command again: nothing was deleted"
            ) from error
        return aside if aside.exists() else None


@contextmanager
def prepare_recovery(course: Course, assignments: Sequence[str], chosen: Path | None = None) -> Iterator[Recovery]:
    """Find out what is wrong and what would put it right; no other grader may be at work meanwhile.

    Args:
        course: The course.
        assignments: Only the marks of these; all when empty.
        chosen: A backup that takes the gradebook's place, whatever state that is in.

    Raises:
        UsageError: The gradebook is no file, an assignment is in neither ledger nor gradebook, or `chosen` is no
            sound gradebook.
        GradebookError: The gradebook is damaged and there is no backup.
    """
    file = GradebookFile.of(course)
    if file is None:
        raise UsageError(
            "expected a gradebook in a SQLite file, found another database; back it up and restore it with its own "
            "tools, then grade again with --force"
        )
    store = Store(course.results)
    with store.locked(), TemporaryDirectory(dir=course.results, prefix=".recovering-") as scratch:
        reading = Ledger(store.ledger).read()
        wanted = _wanted(reading, assignments)
        copy = Path(scratch) / "gradebook.db"
        damage = trouble_with(file.path) if file.path.exists() else "there is no such file"
        trouble = damage or file.emptied() or ("another one was chosen" if chosen is not None else "")
        if trouble:
            backup = file.newest_sound_backup() if chosen is None else _sound(chosen)
            if backup is None:
                raise GradebookError(_no_backup(file, trouble, reading))
            shutil.copyfile(backup, copy)
            if file.path.exists() and damage and chosen is None:
                salvage = overlay(file.path, copy, Path(scratch))
                notes, lost = _said_of(salvage, backup), bool(_of_people(salvage))
            elif damage or chosen is None:
                notes, lost = [_ALL_LOST.format(backup=backup.name)], True
            else:
                notes, lost = [_ASIDE.format(backup=backup.name)], True
        else:
            backup, notes, lost = None, [], False
            copy_gradebook(file.path, copy)
        before = contents(backup or file.path)
        unreleased = record_entries(with_gradebook(course, copy), entries_to_record(copy, reading, wanted))
        if found := trouble_with(copy):
            raise GradebookError(f"expected a sound gradebook from the backup {backup}, received: {found}")
        if reading.spoilt:
            lines = ", ".join(map(str, reading.spoilt[:10]))
            notes.append(f"lines of {store.ledger} that cannot be read were passed over: {lines}")
        notes.extend(
            f"expected {one} in the gradebook, found marks for it only in the ledger; release it again "
            f"(`autograder release {one} --force` or `nbgrader generate_assignment {one} --force`), then run "
            f"`autograder recover {one}`"
            for one in unreleased
        )
        missing = tuple(one for one in reading.last if one[1] in wanted and store.read(store.result_path(*one)) is None)
        plan = Plan(
            trouble,
            backup,
            tuple(_differences(before, contents(copy))),
            missing,
            tuple(notes),
            unfinished=lost or bool(unreleased),
        )
        yield Recovery(course, file, reading, wanted, plan, copy)


def _sound(chosen: Path) -> Path:
    if not chosen.is_file():
        raise UsageError(f"expected a gradebook as --backup, found no file at {chosen}")
    if trouble := trouble_with(chosen):
        raise UsageError(f"expected a sound gradebook as --backup, found in {chosen}: {trouble}; choose another one")
    return chosen


def entries_to_record(path: Path, reading: Reading, wanted: Sequence[str]) -> list[Entry]:
    """The ledger's last marks of each submission that the gradebook in `path` may not have as they were saved."""
    found = contents(path)
    by_submission: dict[tuple[str, str], dict[Key, Value]] = {}
    for key, value in found.items():
        by_submission.setdefault((key[1], key[2]), {})[key] = value
    return [
        entry
        for submission, entry in reading.marks.items()
        if entry.assignment in wanted and not _is_recorded(entry, by_submission.get(submission, {}))
    ]


def record_entries(course: Course, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Write entries of the ledger into the gradebook, one transaction each, as `save` had.

    Returns:
        Assignments that the gradebook does not have; their marks wait in the ledger.
    """
    try:
        with course.gradebook() as gradebook, without_known_warning():
            released = {str(assignment.name) for assignment in gradebook.assignments}
            for entry in entries:
                if entry.assignment not in released:
                    continue
                arrived = {} if entry.arrived is None else {"timestamp": datetime.fromisoformat(entry.arrived)}
                gradebook.update_or_create_student(entry.student)
                gradebook.update_or_create_submission(entry.assignment, entry.student, **arrived)  # type: ignore[arg-type]
                record_marks(course, gradebook, entry.result, entry.comments, settled=True)
                gradebook.db.commit()
    except SQLAlchemyError as error:
        raise gradebook_error(
            course.db_url, "to write the ledger's marks", error, "what was written is right"
        ) from error
    return tuple(sorted({entry.assignment for entry in entries} - released))


def contents(path: Path) -> dict[Key, Value]:
    """All marks, comments and penalties of a gradebook: by kind, student, assignment, notebook and cell."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as database:
        return {
            (what, str(student), str(assignment), str(notebook), str(cell)): value
            for what, query in QUERIES.items()
            for student, assignment, notebook, cell, value in database.execute(query)
        }


def _is_recorded(entry: Entry, found: dict[Key, Value]) -> bool:
    scores = {(one.notebook, cell.cell): cell.score for one in entry.result.notebooks for cell in one.cells}
    there = {key[3:]: value for key, value in found.items() if key[0] == "automatic mark"}
    said = {key[3:]: value for key, value in found.items() if key[0] == "automatic comment" and value is not None}
    comments = {(name, cell): text for name, cells in entry.comments.items() for cell, text in cells.items()}
    late = entry.result.late_seconds > 0 or any(
        key[0] == "late penalty" and value is not None for key, value in found.items()
    )
    return scores == there and comments == said and not late


def _differences(before: dict[Key, Value], after: dict[Key, Value]) -> Iterator[Change]:
    for key in sorted({*before, *after}, key=lambda key: (key[2], key[1], *key)):
        if before.get(key) != after.get(key):
            yield Change(*key, before.get(key), after.get(key))


def _wanted(reading: Reading, assignments: Sequence[str]) -> tuple[str, ...]:
    known = sorted({assignment for _, assignment in reading.last})
    for one in assignments:
        if one not in known:
            raise UsageError(
                f"expected an assignment of the ledger, received {one!r}; it has {', '.join(known) or 'none'}"
            )
    return tuple(assignments) or tuple(known)


def _said_of(salvage: Salvage, backup: Path) -> list[str]:
    rows = sum(salvage.read.values())
    notes = [f"{rows} rows of the damaged gradebook could be read and stand over those of {backup.name}"]
    if damaged := _of_people(salvage):
        owners = ", ".join(f"{student} ({assignment})" for student, assignment in salvage.unread[:20])
        more = f" and {len(salvage.unread) - 20} more" if len(salvage.unread) > 20 else ""
        notes.append(
            f"{', '.join(damaged)} could not all be read; what people entered there since {backup.name} is missing: "
            f"look after {owners + more if owners else 'what was entered since'}, and enter it again"
        )
    return notes


def _of_people(salvage: Salvage) -> list[str]:
    """What of the damaged parts people enter: the rest follows from the release and the ledger."""
    return list(dict.fromkeys(_ENTERED[table] for table in salvage.damaged if table in _ENTERED))


def _no_backup(file: GradebookFile, trouble: str, reading: Reading) -> str:
    labs = sorted({assignment for _, assignment in reading.marks})
    aside = f"move {file.path.name} aside, " if file.path.exists() else ""
    return (
        f"expected a sound gradebook at {file.path} or a backup in {file.backups}, found neither ({trouble}); {aside}"
        f"release the assignments again (`autograder release {' '.join(labs) or 'LAB'} --force` or "
        f"`nbgrader generate_assignment`), then run `autograder recover`: the ledger has the automatic marks of "
        f"{len(reading.marks)} submissions"
    )
