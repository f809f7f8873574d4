r"""How learning platforms name what they hand out, and who a file is from.

Moodle, a folder for each student (3.1 and later) or all in one:
    Ada Lovelace_1327627_assignsubmission_file_/lab.ipynb
    Ada Lovelace_1327627_assignsubmission_file_lab.ipynb
Canvas, always in one: sortable name, LATE where it is, user, attachment (rising: the higher is newer), file:
    lovelaceada_340934_208490284_lab.ipynb
    lovelaceada_LATE_340934_208490284_lab-1.ipynb
    anon_aB3dE_208490284_lab.ipynb
Plain: `ada/lab.ipynb`, `ada.ipynb`, `ada_lab.ipynb`, `ada.zip`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal

from nbgrader.utils import parse_utc

from autograder.collect.archive import Entry, Refusal
from autograder.collect.names import NameRefusedError, checked_path, visible
from autograder.errors import UsageError

Format = Literal["moodle", "canvas", "plain", "pattern"]
MOODLE = re.compile(r"(?P<name>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<plugin>[a-z]+)_?(?P<file>.*)")
CANVAS = re.compile(
    r"(?P<name>\w+?)(?P<late>_LATE)?_(?P<id>\d+)_(?:(?P<rank>\d+)_(?P<file>.+)|(?P<online>text|link)\.html)"
)
CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?anon_(?P<id>[^\W_]+)_(?:(?P<rank>\d+)_(?P<file>.+)|(?P<online>text|link)\.html)"
)
ARCHIVE = re.compile(r"\.(zip|tar|tgz|tar\.gz|rar|7z)$", re.IGNORECASE)
AGAIN = re.compile(r"-\d+$")
HYPHENS = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[-_T ](\d{1,2})-(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
GROUPS = ("student_id", "file_id", "first_name", "last_name", "email", "timestamp")
NO_FILE = "text typed into the platform; only files are collected"


@dataclass(frozen=True)
class Sender:
    """Whom a file is from, as the archive has it: an id, a name, an address, or some of them."""

    id: str = ""
    name: str = ""
    email: str = ""

    def __str__(self) -> str:
        """All that is known, fit to be shown."""
        return visible(", ".join(dict.fromkeys(one for one in (self.name, self.id, self.email) if one)))


@dataclass(frozen=True)
class Piece:
    """One file of one student.

    Attributes:
        sender: Whom it is from.
        path: Where it belongs in the submission.
        entry: The file in the archive.
        rank: Of two for one place, the higher is newer; None where nothing says which.
        late: Whether the platform calls it late.
        timestamp: When it was handed in, in UTC without tzinfo; None when the name does not say.
    """

    sender: Sender
    path: PurePosixPath
    entry: Entry
    rank: float | None = None
    late: bool = False
    timestamp: datetime | None = None


@dataclass(frozen=True)
class Names:
    """What an assignment is called: by which a plain name's parts are told apart."""

    assignment: str
    notebooks: Collection[str]
    archive: str


Reader = Callable[[Entry], Piece | None]


def detect(entries: Sequence[Entry]) -> Format:
    """Return the format that most of the names have; plain where neither platform's is in the majority."""
    formats: Mapping[Format, Callable[[PurePosixPath], object]] = {"moodle": _match_moodle, "canvas": _match_canvas}
    for name, match in formats.items():
        if 2 * sum(match(entry.path) is not None for entry in entries) > len(entries):
            return name
    return "plain"


def read_names(
    entries: Sequence[Entry], format_: Format, names: Names, pattern: str = ""
) -> tuple[list[Piece], list[Refusal]]:
    """Tell whose each file is.

    Args:
        entries: The archive's files.
        format_: How they are named.
        names: What the assignment and its notebooks are called.
        pattern: For the format "pattern", nbgrader's regular expression with its named groups.

    Returns:
        The files of students, and those whose name does not say whose they are.

    Raises:
        UsageError: The pattern is none, or lacks the group `student_id`.
    """
    readers: Mapping[Format, Callable[[], Reader]] = {
        "moodle": lambda: _moodle,
        "canvas": lambda: lambda entry: _canvas(entry, names),
        "plain": lambda: _plain_reader(entries, names),
        "pattern": lambda: _pattern_reader(pattern),
    }
    reader = readers[format_]()
    pieces, refused = [], []
    for entry in entries:
        try:
            piece = reader(entry)
        except NameRefusedError as reason:
            refused.append(Refusal(visible(str(entry.path)), str(reason)))
            continue
        if piece is None:
            refused.append(Refusal(visible(str(entry.path)), f"its name does not say whose it is (format: {format_})"))
        else:
            pieces.append(piece)
    return pieces, refused


def _match_moodle(path: PurePosixPath) -> re.Match[str] | None:
    match = MOODLE.fullmatch(path.parts[0])
    # A folder's name ends where a file's name would go on.
    return match if match and bool(match["file"]) == (len(path.parts) == 1) else None


def _moodle(entry: Entry) -> Piece | None:
    match = _match_moodle(entry.path)
    if match is None:
        return None
    if match["plugin"] != "file":
        raise NameRefusedError(NO_FILE)
    path = PurePosixPath(match["file"] or PurePosixPath(*entry.path.parts[1:]))
    return Piece(Sender(match["id"] or "", match["name"]), path, entry)


def _match_canvas(path: PurePosixPath) -> re.Match[str] | None:
    name = path.parts[0]
    return (CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name)) if len(path.parts) == 1 else None


def _canvas(entry: Entry, names: Names) -> Piece | None:
    match = _match_canvas(entry.path)
    if match is None:
        return None
    if match["online"]:
        raise NameRefusedError(NO_FILE)
    path = PurePosixPath(match["file"])
    # Canvas numbers a file handed in again: lab-1.ipynb. Where that is how a released notebook is called, it stays.
    original = AGAIN.sub("", path.stem)
    if path.stem not in names.notebooks and original in names.notebooks:
        path = path.with_name(original + path.suffix)
    name = "" if match.re is CANVAS_ANONYMOUS else match["name"]
    return Piece(Sender(match["id"], name), path, entry, float(match["rank"]), bool(match["late"]))


def _plain_reader(entries: Sequence[Entry], names: Names) -> Reader:
    # A folder around all students' folders is known by its name, never by there being only one.
    around = {"submitted", "submissions", names.archive, names.assignment} - {""}
    tops = {entry.path.parts[0] for entry in entries}
    wrapped = len(tops) == 1 and tops <= around and all(len(entry.path.parts) > 1 for entry in entries)

    def read(entry: Entry) -> Piece | None:
        parts = entry.path.parts[1:] if wrapped else entry.path.parts
        if len(parts) > 1:
            return Piece(Sender(parts[0]), PurePosixPath(*parts[1:]), entry)
        name = parts[0]
        suffix = match.group() if (match := ARCHIVE.search(name)) else PurePosixPath(name).suffix
        stem = name.removesuffix(suffix)
        if suffix != ".ipynb" and match is None:
            return None
        if stem in (*names.notebooks, names.assignment):
            raise NameRefusedError("it is called as the assignment is, and does not say whose it is")
        for ending in sorted((*names.notebooks, names.assignment), key=len, reverse=True):
            if stem.endswith(f"_{ending}"):
                return Piece(Sender(stem.removesuffix(f"_{ending}")), PurePosixPath(f"{ending}{suffix}"), entry)
        return Piece(Sender(stem), PurePosixPath(name), entry)

    return read


def _pattern_reader(pattern: str) -> Reader:
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"expected a regular expression as --pattern, received {pattern!r}: {error}") from error
    if "student_id" not in expression.groupindex:
        raise UsageError(
            f"expected a --pattern with the named group (?P<student_id>...) and perhaps {', '.join(GROUPS[1:])}, "
            f"received {pattern!r}"
        )

    def read(entry: Entry) -> Piece | None:
        match = expression.match(str(entry.path))
        if match is None or not match["student_id"]:
            return None
        groups = {name: match.groupdict().get(name) or "" for name in GROUPS}
        path = PurePosixPath(entry.path.name)
        if groups["file_id"]:
            path = checked_path(groups["file_id"])
            path = path.with_suffix(entry.path.suffix)
        timestamp = _time(groups["timestamp"])
        name = f"{groups['first_name']} {groups['last_name']}".strip()
        rank = timestamp.timestamp() if timestamp else None
        return Piece(Sender(groups["student_id"], name, groups["email"]), path, entry, rank, timestamp=timestamp)

    return read


def _time(text: str) -> datetime | None:
    """Read when something was handed in, as UTC; in a file's name a time has hyphens where others have colons."""
    if not text:
        return None
    hyphens = HYPHENS.fullmatch(text)  # dateutil would take what comes after the hour for an offset from UTC
    try:
        timestamp: datetime = parse_utc("{}-{}-{} {}:{}:{}".format(*hyphens.groups("0")) if hyphens else text)
    except (ValueError, OverflowError, TypeError) as error:
        raise NameRefusedError(f"expected a time where the pattern has `timestamp`, found {visible(text)}") from error
    return timestamp
