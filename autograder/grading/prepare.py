"""Preparing one submission: nbgrader's own sanitising, from a copy of what was handed in, into a staging folder."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.writers.files import FilesWriter
from nbgrader.api import InvalidEntry
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.converters.base import BaseConverter
from nbgrader.utils import find_all_files
from sqlalchemy.exc import OperationalError, SAWarning, SQLAlchemyError
from traitlets.config import Config

from autograder.course import Course, Submission, late_by
from autograder.course.gradebook_trouble import first_line, gradebook_error, patient
from autograder.errors import AutograderError
from autograder.grading.intake import NotReadableError, Sizes, copy_submission, read_notebook
from autograder.grading.restore import restore
from autograder.grading.score import score_missing
from autograder.grading.specification import NotebookSpecification, read_specification
from autograder.results import NotebookResult

KILOBYTE = 1000


@dataclass(frozen=True)
class Prepared:
    """A submission ready to be executed.

    Attributes:
        submission: What was handed in.
        folder: The staged files: notebooks under the released specification, the student's other files, and the
            instructor's files over them.
        notebooks: The staged notebooks, by name.
        late_seconds: How late it was handed in, extensions counted; 0 when in time or unknown.
        notes: Sentences for the TA: what was left out, restored or put back.
        missing: The (zero) results of released notebooks that were not handed in.
    """

    submission: Submission
    folder: Path
    notebooks: tuple[Path, ...]
    late_seconds: float = 0.0
    notes: tuple[str, ...] = ()
    missing: tuple[NotebookResult, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A submission that cannot be graded; `reason` says expected, found, what to do. Earlier marks are untouched."""

    submission: Submission
    reason: str


def prepare(course: Course, submission: Submission, staging: Path) -> Prepared | Refused:
    """Stage one submission in `staging/<student>/<assignment>/`, replacing what an earlier call left there.

    The gradebook gets the rows nbgrader gives it at this point (student, submission, timestamp); marks are only
    touched by `save`.

    Raises:
        GradebookError: The gradebook cannot be read or written: no submission can be prepared.
        UsageError: The assignment is not for Python.
    """
    try:
        staging.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=staging, prefix=".preparing-") as scratch:
            return _prepare(course, submission, staging, Path(scratch))
    except AutograderError:
        raise
    except SQLAlchemyError as error:
        raise gradebook_error(course.db_url, "to read and write the gradebook", error) from error
    except InvalidEntry as error:
        if not isinstance(error.__context__, OperationalError):  # nbgrader's word for that, too
            return _not_sanitised(submission, error)
        raise gradebook_error(course.db_url, "to write the gradebook", error.__context__) from error
    except NotReadableError as error:
        return Refused(submission, str(error))
    except OSError as error:
        if is_full(error):  # no fault of this submission's: none can be prepared, and none is to be marked for it
            raise AutograderError(
                f"expected room on the disk of {staging}, received {first_line(error)}; free some, or make it "
                "writable, then run the same command again: what is graded stays graded"
            ) from error
        return Refused(
            submission,
            f"expected to copy the submission to {staging}, received {first_line(error)}; permit it, then retry",
        )
    except Exception as error:  # noqa: BLE001 - nbgrader raises bare exceptions; one submission must not stop the others
        return _not_sanitised(submission, error)


def _not_sanitised(submission: Submission, error: Exception) -> Refused:
    return Refused(
        submission,
        f"expected a submission nbgrader can sanitise, received {type(error).__name__}: {str(error)[:300]}; look "
        f"at {submission.folder}, or ask the student to hand it in again",
    )


def record_arrival(course: Course, submission: Submission) -> None:
    """Give a submission its rows in the gradebook, without marks: it then waits for a person in the formgrader.

    Raises:
        GradebookError: The gradebook cannot be written.
    """
    known: dict[str, Any] = {} if submission.timestamp is None else {"timestamp": submission.timestamp}
    try:
        with course.gradebook() as gradebook, without_known_warning():
            gradebook.update_or_create_student(submission.student)
            gradebook.update_or_create_submission(submission.assignment, submission.student, **known)
    except (SQLAlchemyError, InvalidEntry) as error:
        raise gradebook_error(course.db_url, f"to enter {submission.student} as handed in", error) from error


def put_back_arrival(course: Course, submission: Submission, arrived: datetime | None) -> None:
    """Have the gradebook say again when the work was handed in whose marks it has; `arrived` in UTC without tzinfo.

    Raises:
        GradebookError: The gradebook cannot be written.
    """
    try:
        with course.gradebook() as gradebook:
            row: Any = gradebook.find_submission(submission.assignment, submission.student)
            row.timestamp = arrived
            gradebook.db.commit()
    except SQLAlchemyError as error:
        doing = f"to put back when {submission.student} had handed in"
        raise gradebook_error(course.db_url, doing, error) from error


def seconds_late(course: Course, submission: Submission, arrived: datetime | None, by_nbgrader: float) -> float:
    """How late a submission was handed in; where course.toml has a due date, it decides, as it does for marks.

    Args:
        course: The course.
        submission: The submission.
        arrived: When the gradebook says it was handed in: in UTC, without saying so.
        by_nbgrader: How late that was by nbgrader's own due date.
    """
    moment = None if arrived is None else arrived.replace(tzinfo=UTC)
    late = late_by(course, submission.assignment, submission.student, moment)
    return by_nbgrader if late is None else late.total_seconds()


@contextmanager
def without_known_warning() -> Iterator[None]:
    """Nbgrader's add_submission makes SQLAlchemy warn of rows that it goes on to add a few lines later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def is_full(error: OSError) -> bool:
    """Whether an error says that the disk takes no more; shutil keeps only the words of the errors it collects."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) or os.strerror(errno.ENOSPC) in str(error)


def _prepare(course: Course, submission: Submission, staging: Path, scratch: Path) -> Prepared | Refused:
    with course.gradebook() as gradebook:
        released = read_specification(course, gradebook, submission.assignment)
    intake, staged = scratch / "intake", scratch / "staged"
    intake.mkdir()
    left_out = _take_in(course, submission, intake)
    notes = [*submission.notes, *(f"{path}: {reason}" for path, reason in left_out.items())]
    found, missing = [], []
    for specification in released:
        path = intake / f"{specification.name}.ipynb"
        if path.exists():
            notebook = read_notebook(path)
            notes.extend(restore(notebook, specification, add_missing=_adds_missing_cells(course)))
            path.write_text(nbformat.writes(notebook), encoding="utf-8")
            found.append(specification)
        elif path.name in left_out:
            return Refused(
                submission, f"{path.name}: {left_out[path.name]}; ask the student to hand in the notebook itself"
            )
        else:
            missing.append(specification)
    if not found:
        return Refused(submission, _no_notebook(submission, released, intake))
    notes.extend(f"expected {one.name}.ipynb, found none in the submission; counted as 0" for one in missing)
    notes.extend(_ignored_notebooks(intake, released))
    converter = Sanitise(course, submission, intake, staged)
    try:
        converter.sanitise([str(intake / f"{one.name}.ipynb") for one in found])
    except NbGraderException as error:
        return Refused(submission, f"expected nbgrader to take the submission, received: {error}")
    with course.gradebook() as gradebook:
        row: Any = gradebook.find_submission(submission.assignment, submission.student)
        late_seconds = seconds_late(course, submission, row.timestamp, float(row.total_seconds_late))
    folder = staging / submission.student / submission.assignment
    _replace(staged, folder)
    return Prepared(
        submission=submission,
        folder=folder,
        notebooks=tuple(folder / f"{one.name}.ipynb" for one in found),
        late_seconds=late_seconds,
        notes=tuple(notes),
        missing=tuple(score_missing(one) for one in missing),
    )


class Sanitise(Autograde):
    """The first half of nbgrader's Autograde for one submission, from and to folders of our choice.

    nbgrader finds this class's settings under `Autograde` and `BaseConverter`, as for its own.
    """

    def __init__(self, course: Course, submission: Submission, source: Path, destination: Path) -> None:
        config = Config(deepcopy(course.config))
        # `restore` has put missing cells back already; nbgrader's own way fails when the cell before is read-only.
        config.OverwriteCells.add_missing_cells = False
        coursedir = course.coursedir(student_id=submission.student, assignment_id=submission.assignment)
        coursedir.db_url = patient(coursedir.db_url)
        super().__init__(coursedir=coursedir, config=config)
        self.db_url = coursedir.db_url
        self.submission = submission
        self.source = source
        self.destination = destination

    def sanitise(self, notebooks: list[str]) -> None:
        """Write the sanitised notebooks and the files beside them to the destination."""
        self.notebooks = notebooks
        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)
        self.run_pre_convert_hook()
        with without_known_warning():
            self.init_assignment(self.submission.assignment, self.submission.student)
        for notebook in self.notebooks:
            self.convert_single_notebook(notebook)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Run the sanitising preprocessors only; execution happens in the sandbox."""
        self._sanitizing = True
        self._init_preprocessors()
        BaseConverter.convert_single_notebook(self, notebook_filename)

    def init_single_notebook_resources(self, notebook_filename: str) -> dict[str, Any]:
        """Return nbgrader's resources from what is known, not by matching paths: an id may hold any character."""
        name = Path(notebook_filename).stem
        return {
            "unique_key": name,
            "output_files_dir": f"{name}_files",
            "nbgrader": {
                "student": self.submission.student,
                "assignment": self.submission.assignment,
                "notebook": name,
                "db_url": self.db_url,
            },
        }

    def _format_source(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        return str(self.source)

    def _format_dest(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        return str(self.destination)


def _adds_missing_cells(course: Course) -> bool:
    return bool(course.config.OverwriteCells.get("add_missing_cells", True))


def _take_in(course: Course, submission: Submission, intake: Path) -> dict[str, str]:
    coursedir = course.coursedir()
    sizes = Sizes(
        notebook=course.max_notebook_bytes,
        file=coursedir.max_file_size * KILOBYTE,
        total=max(coursedir.max_dir_size * KILOBYTE, course.max_notebook_bytes),
    )
    left_out = copy_submission(submission.folder, intake, sizes, coursedir.ignore)
    if submission.timestamp is None:
        # What cannot be read now would stop nbgrader later, when it looks at the autograded folder.
        (intake / "timestamp.txt").unlink(missing_ok=True)
    source = course.source_folder(submission.assignment)
    for name in find_all_files(str(source), [*coursedir.ignore, "*.ipynb"]):
        relative = Path(name).relative_to(source)
        for place in [intake / parent for parent in relative.parents if parent != Path()]:
            if place.is_file():
                place.unlink()
                left_out[str(place.relative_to(intake))] = "expected a folder of the assignment, found a file; left out"
        if (intake / relative).is_dir():
            shutil.rmtree(intake / relative)
            left_out[str(relative)] = "expected a file of the assignment, found a folder; left out"
    return left_out


def _no_notebook(submission: Submission, released: tuple[NotebookSpecification, ...], intake: Path) -> str:
    if not released:
        return (
            f"expected notebooks of {submission.assignment!r} in the gradebook, found none; run "
            f"`autograder release {submission.assignment}` or `nbgrader generate_assignment {submission.assignment}`"
        )
    names = " or ".join(f"{one.name}.ipynb" for one in released)
    others = sorted(path.name for path in intake.glob("*.ipynb"))
    found = f"only {', '.join(others)}" if others else "no notebook"
    return (
        f"expected {names} in the submission, found {found}; rename the file if that is it, or ask the student for it"
    )


def _ignored_notebooks(intake: Path, released: tuple[NotebookSpecification, ...]) -> list[str]:
    known = {one.name for one in released}
    return [
        f"expected only released notebooks, found {path.name}; not graded"
        for path in sorted(intake.glob("*.ipynb"))
        if path.stem not in known
    ]


def _replace(new: Path, place: Path) -> None:
    if place.exists():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    new.rename(place)
