"""Recognising a submission whose result stands without preparing it again.

Preparing takes nbgrader a tenth of a second, which is most of what an unchanged class costs. What comes of it follows
from what was handed in, from what was released, from the assignment's own files, from the configuration and from the
packages: a digest of all of these is kept beside the results, with the digests of what was prepared. Where any of it
has changed, or cannot be told, the submission is prepared.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from nbgrader.utils import find_all_files
from pydantic import TypeAdapter, ValidationError

from autograder.course import Course, Submission
from autograder.grading.basis import Basis
from autograder.grading.durable import write_durably
from autograder.grading.key import SubmissionDigests, versions
from autograder.grading.prepare import seconds_late
from autograder.grading.recorded import Recorded, automatic_marks, read_recorded
from autograder.grading.specification import read_specification
from autograder.results import Record, SubmissionResult

# What nbgrader is told to do at sanitising that its configuration only names: the code may have changed.
FOREIGN = ("preprocessors", "hook", "exporter_class")


class Entry(Record):
    """What is kept of one submission.

    Attributes:
        origin: The digest of everything that preparing it followed from.
        files: As `SubmissionDigests` has it.
        content: Likewise.
    """

    origin: str
    files: str
    content: str


ENTRIES: TypeAdapter[dict[str, Entry]] = TypeAdapter(dict[str, Entry])


class Shortcut:
    """The submissions of one assignment, as they were when they were last prepared.

    Args:
        course: The course.
        basis: What the assignment is judged by.
        path: Where they are kept.
    """

    def __init__(self, course: Course, basis: Basis, path: Path) -> None:
        self._course, self._basis, self._path = course, basis, path
        self._entries = _read(path)
        self._changed = False
        # a quiz's questions are put beside what was handed in, and follow from more than is looked at here
        self._open = basis.drawing is None and not any(_foreign(course.config))

    def stands(self, submission: Submission, handed_in: str, known: SubmissionResult) -> bool:
        """Whether a result is certainly still true, its marks and notebooks where they belong.

        Args:
            submission: What was handed in.
            handed_in: Its digest.
            known: The result that stands.

        Raises:
            GradebookError: The gradebook cannot be read.
        """
        entry = self._entries.get(submission.student)
        if not self._open or not handed_in or entry is None or entry.origin != self._origin(submission, handed_in):
            return False
        recorded = self._recorded.get(submission.student)
        if recorded is None or submission.timestamp not in (None, recorded.arrived):
            return False
        late = seconds_late(self._course, submission, recorded.arrived, recorded.late_seconds)
        digests = SubmissionDigests(entry.files, entry.content)
        return (
            known.key == self._basis.identity(submission.student, digests).key
            and known.status != "could_not_judge"
            and known.late_seconds == late
            and recorded.marks == automatic_marks(known)
            and self._course.folder("autograded", known.student, known.assignment).is_dir()
        )

    def note(self, submission: Submission, handed_in: str, digests: SubmissionDigests) -> None:
        """Keep what came of preparing a submission."""
        if not self._open or not handed_in:
            return
        entry = Entry(origin=self._origin(submission, handed_in), files=digests.files, content=digests.content)
        self._changed = self._changed or self._entries.get(submission.student) != entry
        self._entries[submission.student] = entry

    def keep(self) -> None:
        """Write down what was noted, for the next run."""
        if self._changed:
            # without it, the next run prepares every submission
            with contextlib.suppress(OSError):
                write_durably(self._path, ENTRIES.dump_json(self._entries, indent=1) + b"\n")

    @cached_property
    def _recorded(self) -> Mapping[str, Recorded]:
        return read_recorded(self._course, self._basis.assignment)

    def _origin(self, submission: Submission, handed_in: str) -> str:
        return _digest([handed_in, str(submission.timestamp), submission.notes, self._common])

    @cached_property
    def _common(self) -> str:
        """What preparing any submission of the assignment follows from."""
        course, assignment = self._course, self._basis.assignment
        with course.gradebook() as gradebook:
            released = read_specification(course, gradebook, assignment)
        source, ignored = course.source_folder(assignment), course.coursedir().ignore
        files = sorted(Path(file) for file in find_all_files(str(source), [*ignored, "*.ipynb"]))
        beside = [[str(file.relative_to(source)), hashlib.sha256(file.read_bytes()).hexdigest()] for file in files]
        settings = [_set_in(course.config), course.max_notebook_bytes, sorted(versions().items())]
        return _digest([repr(released), beside, settings])


def _read(path: Path) -> dict[str, Entry]:
    try:
        return ENTRIES.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}  # then everything is prepared


def _foreign(config: Mapping[str, Any]) -> Iterator[str]:
    """The settings that name code of the course's own."""
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _foreign(value)
        elif any(name.endswith(word) for word in FOREIGN):
            yield name


def _set_in(config: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a configuration sets, in a fixed order, but where the gradebook lies: what is in it is looked at.

    traitlets makes an empty section of each one that it is asked about.
    """
    found: list[tuple[str, Any]] = []
    for name, value in sorted(config.items()):
        if name == "db_url":
            continue
        if not isinstance(value, Mapping):
            found.append((name, repr(value)))
        elif inner := _set_in(value):
            found.append((name, inner))
    return found


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
