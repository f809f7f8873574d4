"""Collecting: an archive from a learning platform in, nbgrader's submitted/<student>/<assignment>/ out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from autograder.collect.archive import Archive, ArchiveRefusedError
from autograder.collect.names import folded, visible
from autograder.collect.naming import Format, Names, Piece, Sender, detect, read_names
from autograder.collect.notebooks import Recognised, Released, recognise
from autograder.collect.outcome import Became, Collection, Options, Row
from autograder.collect.placing import REPLACED, UNCLEAR, Places, compare, lay_out, put_in_place, same_files
from autograder.collect.roster import Directory, NoRoster, UnknownSenderError, read_roster
from autograder.collect.submission import Gatherer, Sizes
from autograder.collect.zip_archive import ZipArchive
from autograder.course import Course
from autograder.errors import CollectError, UsageError
from autograder.grading.prepare import is_full
from autograder.grading.specification import read_specification

KILOBYTE = 1000


def collect(course: Course, archive: Path, assignment: str | None = None, options: Options | None = None) -> Collection:
    """Collect the submissions of an assignment from an archive.

    Raises:
        UsageError: The archive, the assignment or the roster does not exist, or the pattern is none.
        CollectError: The archive cannot be taken at all, or the disk is full.
    """
    assignment, released = _assignment(course, assignment)
    if not archive.is_file():
        raise UsageError(f"expected a zip file as --zip, found none at {archive}")
    coursedir = course.coursedir()
    try:
        with ZipArchive(archive, coursedir.ignore) as opened:
            names = Names(assignment, {one.name for one in released}, archive.stem)
            return _Collector(course, assignment, released, options or Options()).collect(opened, names)
    except ArchiveRefusedError as reason:
        raise CollectError(f"expected a zip file of submissions, received {archive.name}: {reason}") from reason
    except OSError as error:
        if not is_full(error):
            raise CollectError(
                f"expected to read {archive} and to write below {course.root}, received {error}; permit it, then run "
                "the command again: what is collected stays"
            ) from error
        raise CollectError(
            f"expected room on the disk of {course.root}, received {error.strerror}; free some, or make it "
            "writable, and run the command again: what is collected stays, and nothing is there by halves"
        ) from error


class _Collector:
    """One run over one archive."""

    def __init__(self, course: Course, assignment: str, released: Sequence[Released], options: Options) -> None:
        coursedir = course.coursedir()
        self.places = Places(course, assignment)
        self.course = course
        self.assignment = assignment
        self.released = released
        self.options = options
        self.ignored = coursedir.ignore
        self.litter = 0
        self.sizes = Sizes(
            notebook=course.max_notebook_bytes,
            file=coursedir.max_file_size * KILOBYTE,
            total=max(coursedir.max_dir_size * KILOBYTE, course.max_notebook_bytes),
        )

    def collect(self, archive: Archive, names: Names) -> Collection:
        """Find out whose everything is, and put it in its place."""
        given: Format | None = "pattern" if self.options.pattern else self.options.format
        format_ = given or detect(archive.entries)
        pieces, refused = read_names(archive.entries, format_, names, self.options.pattern)
        roster_path = self.options.roster or _course_roster(self.course)
        directory: Directory = NoRoster()
        if roster_path is not None:
            people = {piece.sender.name for piece in pieces}
            blind = len(people) == 1 and len({piece.sender for piece in pieces}) > 1
            directory = read_roster(roster_path, format_, blind)
        students, rows = _by_student(pieces, directory)
        self.litter = archive.litter
        with self.places.staging(self.options.dry_run) as staging:
            for number, (student, own) in enumerate(students.items()):
                folder = staging / str(number)
                folder.mkdir()
                rows.append(self._take(archive, student, own, folder))
        return Collection(
            assignment=self.assignment,
            format=format_,
            detected=given is None,
            roster=roster_path,
            rows=tuple(sorted(rows, key=lambda row: (row.student == "", row.student, row.sender))),
            refused=(*archive.refused, *refused),
            litter=self.litter,
            timed=any(piece.timestamp for piece in pieces),
            dry_run=self.options.dry_run,
        )

    def _take(self, archive: Archive, student: str, pieces: Sequence[Piece], folder: Path) -> Row:
        newest, notes = _newest(pieces)
        if any(piece.late for piece in pieces):
            notes.append("late, says the platform; by how much it does not say")
        (folder / "files").mkdir()
        gatherer = Gatherer(folder / "files", self.sizes, self.ignored, len(self.released))
        gathered = gatherer.gather(archive, newest)
        self.litter += gathered.litter
        recognised = recognise(gathered.files, self.released)
        notes += [*gathered.notes, *recognised.notes]
        timestamp = max((piece.timestamp for piece in newest if piece.timestamp), default=None)
        lay_out(recognised.files, folder / "submission", timestamp)
        became, aside = self._place(student, folder / "submission", recognised, timestamp)
        if recognised.problem:
            notes.insert(0, recognised.problem)
            if self.places.submitted(student).exists():
                notes.append("what was there before is still in its place")
        return Row(
            student=student,
            sender=str(pieces[0].sender),
            became=became,
            num_files=len(recognised.files),
            notes=tuple(notes),
            refused=tuple(gathered.refused),
            aside=aside,
        )

    def _place(
        self, student: str, staged: Path, recognised: Recognised, timestamp: datetime | None
    ) -> tuple[Became, Path | None]:
        place = self.places.submitted(student)
        if recognised.problem:
            unclear = self.places.beside(UNCLEAR, student) if recognised.files else None
            if unclear is not None and not self.options.dry_run and not same_files(staged, unclear):
                put_in_place(staged, unclear, self.places.beside(REPLACED, student))
            return "needs you", unclear
        became = compare(staged, place, timestamp, self.options.replace)
        aside = self.places.beside(REPLACED, student) if became == "replaced" else None
        if became in ("new", "replaced") and not self.options.dry_run:
            put_in_place(staged, place, self.places.beside(REPLACED, student))
        return became, aside


def _by_student(pieces: Sequence[Piece], directory: Directory) -> tuple[dict[str, list[Piece]], list[Row]]:
    """Group the pieces by student; whoever is not known, or cannot be told from another, gets a row instead."""
    senders: dict[Sender, list[Piece]] = {}
    for piece in pieces:
        senders.setdefault(piece.sender, []).append(piece)
    found: dict[str, list[Sender]] = {}
    rows = []
    for sender, own in senders.items():
        try:
            found.setdefault(directory.student(sender), []).append(sender)
        except UnknownSenderError as reason:
            rows.append(Row("", str(sender), "needs you", len(own), (str(reason),)))
    students = {}
    for student, several in found.items():
        if len(several) == 1:
            students[student] = senders[several[0]]
            continue
        listed = " and ".join(f"({sender})" for sender in several)
        problem = f"expected one sender for a student, found {listed}; say in the roster who is who"
        rows += [Row(student, str(one), "needs you", len(senders[one]), (problem,)) for one in several]
    return students, rows


def _newest(pieces: Sequence[Piece]) -> tuple[list[Piece], list[str]]:
    """Of several files for one place the newest, where something says which that is; and what was left."""
    places: dict[str, list[Piece]] = {}
    for piece in pieces:
        places.setdefault(folded(piece.path), []).append(piece)
    newest, notes = [], []
    for several in places.values():
        ranks = Counter(piece.rank for piece in several)
        if None in ranks or max(ranks.values()) > 1:
            newest += several  # the first is taken, the others are refused by name
            continue
        *older, latest = sorted(several, key=lambda piece: piece.rank or 0.0)
        newest.append(latest)
        if older:
            left = ", ".join(visible(str(piece.entry.path)) for piece in older)
            notes.append(
                f"{visible(str(latest.path))} was handed in {len(several)} times; the newest is taken, not {left}"
            )
    return newest, notes


def _assignment(course: Course, assignment: str | None) -> tuple[str, tuple[Released, ...]]:
    with course.gradebook() as gradebook:
        known = [str(one.name) for one in gradebook.assignments]
        if assignment is None and len(known) == 1:
            assignment = known[0]
        if assignment is None or assignment not in known:
            received = "none" if assignment is None else repr(assignment)
            todo = "release it first, with `autograder release` or `nbgrader generate_assignment`"
            if assignment is None and known:
                todo = "name the one that the files are for"
            raise UsageError(
                f"expected the name of a released assignment ({', '.join(known) or 'none is released'}), received "
                f"{received}; {todo}"
            )
        specification = read_specification(course, gradebook, assignment)
    released = tuple(Released(one.name, frozenset(cell.grade_id for cell in one.cells)) for one in specification)
    return assignment, released


def _course_roster(course: Course) -> Path | None:
    path = course.root / "course" / "roster.csv"
    return path if path.is_file() else None
