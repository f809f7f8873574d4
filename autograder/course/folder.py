"""A course folder: where everything lives and its nbgrader configuration."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_core.application import JupyterApp
from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from nbgrader.utils import parse_utc
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound

from autograder.course.gradebook_trouble import first_line, gradebook_error, patient
from autograder.course.new_gradebook import ask_alembic_as_a_library
from autograder.course.settings import COURSE_FILES, CourseSettings, read_settings
from autograder.errors import UsageError

TIMESTAMP_BYTES = 1024
# Where nbgrader is told to wait for ever. A notebook that never ends would hold its slot for ever.
UNLIMITED_SECONDS = 3600.0

ask_alembic_as_a_library()


class ReadableCourseDirectory(CourseDirectory):
    """nbgrader's CourseDirectory, for which an unreadable timestamp is no timestamp instead of an AttributeError."""

    def get_existing_timestamp(self, dest_path: str) -> datetime | None:
        """Return when the submission at `dest_path` was made, in UTC; None when no (readable) timestamp is there."""
        try:
            return read_timestamp(Path(dest_path))
        except ValueError as error:
            self.log.warning("%s", error)
            return None


@dataclass(frozen=True)
class Course:
    """An opened course.

    Attributes:
        root: The course's folder, absolute.
        course_id: nbgrader's course id; "" in courses that have none.
        title: What people call the course.
        config: The configuration as nbgrader itself would load it in `root`. Copy before changing it.
        reference: The folder of labs with hidden checks, if there is one.
        results: Where the result records go.
        limits: The course's overrides of the sandbox's limits, nbgrader's `Execute.timeout` among them.
        max_notebook_bytes: A submitted notebook above this size is refused.
        preload: Modules every slot imports once and keeps warm.
        hide: Files of installed packages that no submission may read, as patterns below site-packages.
        nbgrader_marks: Whether nbgrader's own rules decide on tests cells without checks.
        settings: course.toml as it is written: weeks, components, assignments and policies are read from here.
    """

    root: Path
    course_id: str
    title: str
    config: Config
    reference: Path | None
    results: Path
    limits: Mapping[str, int | float | str | bool]
    max_notebook_bytes: int
    preload: tuple[str, ...]
    hide: tuple[str, ...]
    nbgrader_marks: bool
    settings: CourseSettings

    def coursedir(self, **traits: Any) -> CourseDirectory:
        """Return a fresh nbgrader CourseDirectory of this course; `traits` override the configuration."""
        coursedir = ReadableCourseDirectory(config=deepcopy(self.config), **{"root": str(self.root), **traits})
        url = make_url(coursedir.db_url)
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            # A relative path means "in the course's root", where nbgrader's commands change to.
            url = url.set(database=str(self.root / url.database))
            coursedir.db_url = url.render_as_string(hide_password=False)
        return coursedir

    @property
    def db_url(self) -> str:
        """The gradebook's URL; a SQLite path in it is absolute."""
        return str(self.coursedir().db_url)

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return nbgrader's folder for a step ("submitted", "autograded", "feedback", ...) of one submission."""
        coursedir = self.coursedir()
        return Path(coursedir.format_path(getattr(coursedir, f"{step}_directory"), student, assignment))

    def source_folder(self, assignment: str) -> Path:
        """Return the folder of the instructor's version of an assignment."""
        return Path(os.path.normpath(self.folder("source", ".", assignment)))

    def release_folder(self, assignment: str) -> Path:
        """Return the folder of the version students get."""
        return Path(os.path.normpath(self.folder("release", ".", assignment)))

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """Open nbgrader's gradebook, which is created when there is none yet.

        Raises:
            GradebookError: The database cannot be opened.
        """
        try:
            gradebook = Gradebook(patient(self.db_url), self.course_id)
        except (SQLAlchemyError, OSError, ValueError) as error:
            raise gradebook_error(self.db_url, "to open nbgrader's gradebook", error) from error
        with gradebook:
            yield gradebook


def open_course(path: Path) -> Course:
    """Open the course in the folder `path`, with the configuration nbgrader would use when started there.

    The course's folder is appended to `sys.path`, so that a configuration may name classes (a late-submission plugin,
    a preprocessor) from modules that lie beside it, as with nbgrader.

    Raises:
        UsageError: No course there, or its course.toml or nbgrader_config.py cannot be used.
    """
    root = path.resolve()
    marks = (*COURSE_FILES, "nbgrader_config.py", "source/")
    if not any((root / mark).exists() for mark in marks):
        found = "a folder without any of them" if root.is_dir() else "no such folder"
        raise UsageError(
            f"expected a course at {path} (a folder with {', '.join(marks[:-1])} or {marks[-1]}), found {found}; "
            "name the course's folder, with --course or, for the review, by c.AutograderReview.course"
        )
    if str(root) not in sys.path:
        sys.path.append(str(root))
    try:
        config = load_nbgrader_config(root)
    except UsageError:
        read_settings(root)  # where that is the trouble, a configuration that reads course.toml fails by it, too
        raise
    if "root" in config.CourseDirectory:
        root = Path(config.CourseDirectory.root)
    return assemble_course(root, config)


def assemble_course(root: Path, config: Config) -> Course:
    """Make the course at `root` from a configuration that is loaded already, and its course.toml if it has one.

    Where both set a limit (nbgrader's `Execute.timeout`, course.toml's `[limits]`), course.toml outweighs it.

    Raises:
        UsageError: The course.toml cannot be used, or contradicts the configuration.
    """
    settings = read_settings(root)
    config = deepcopy(config)
    configured = str(CourseDirectory(config=deepcopy(config), root=str(root)).course_id)
    if settings.id and not configured:
        config.CourseDirectory.course_id = settings.id
    elif settings.id and settings.id != configured:
        raise UsageError(
            f"expected one course id, found {settings.id!r} in course.toml and {configured!r} in nbgrader's "
            "configuration; make them equal"
        )
    course_id = settings.id or configured
    return Course(
        root=root,
        course_id=course_id,
        title=settings.title or course_id or root.name,
        config=config,
        reference=_reference(root, settings.paths.reference),
        results=root / settings.paths.results,
        limits=_limits_of_execution(config) | settings.limits,
        max_notebook_bytes=settings.submissions.max_notebook_mib * 2**20,
        preload=settings.sandbox.preload,
        hide=settings.sandbox.hide,
        nbgrader_marks=settings.grading.nbgrader_marks,
        settings=settings,
    )


def _limits_of_execution(config: Config) -> dict[str, int | float | str | bool]:
    """Translate nbgrader's `Execute.timeout` (seconds for a cell) where the course has set it."""
    timeout = Execute(config=deepcopy(config)).timeout
    if timeout == Execute.timeout.default_value:
        return {}
    cell_seconds = float(timeout) if timeout and timeout > 0 else UNLIMITED_SECONDS
    # nbgrader knows no limit for a whole notebook; this one lets ten cells use up theirs.
    return {"cell_seconds": cell_seconds, "total_seconds": max(300.0, min(10 * cell_seconds, UNLIMITED_SECONDS))}


def load_nbgrader_config(root: Path) -> Config:
    """Load configuration as `nbgrader` does when it is started in `root`: Jupyter's folders first, then the course's.

    Raises:
        UsageError: A configuration file raises an error (nbgrader itself would warn and go on without it).
    """
    app = NbGrader(log_level=logging.CRITICAL, raise_config_file_errors=True)
    # nbgrader's own method asks for the working directory, which belongs to the whole process: leave it alone.
    for name, folders in (
        ("jupyter_config", app.config_file_paths),
        ("nbgrader_config", app.config_file_paths),
        ("nbgrader_config", [str(root)]),
    ):
        try:
            super(JupyterApp, app).load_config_file(name, path=folders)
        except ConfigFileNotFound:
            continue
        except (Exception, SystemExit) as error:
            raise UsageError(
                f"expected {name}.py in {root} or in Jupyter's configuration folders to load, "
                f"received {type(error).__name__}: {first_line(error)}; correct that file"
            ) from error
    if "root" in app.config.CourseDirectory:
        app.config.CourseDirectory.root = os.path.normpath(root / app.config.CourseDirectory.root)
    config: Config = deepcopy(app.config)
    return config


def read_timestamp(folder: Path) -> datetime | None:
    """Read a submission's `timestamp.txt`, as UTC without tzinfo; None when there is none or it is empty.

    Raises:
        ValueError: What is there is no time; the message says what was expected and found.
    """
    path = folder / "timestamp.txt"
    expected = f"expected a time such as '2026-11-02 17:05:00 UTC' in {folder.name}/timestamp.txt"
    remedy = "the submission counts as in time until the file is corrected"
    if not path.is_symlink() and not path.exists():
        return None
    if path.is_symlink() or not path.is_file() or path.stat().st_size > TIMESTAMP_BYTES:
        raise ValueError(f"{expected}, found no small regular file; {remedy}")
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if not text:
        return None
    try:
        timestamp: datetime = parse_utc(text)
    except (ValueError, OverflowError, TypeError) as error:
        raise ValueError(f"{expected}, found {text[:60]!r}; {remedy}") from error
    return timestamp


def _reference(root: Path, named: str | None) -> Path | None:
    folder = root / (named or "reference")
    if folder.is_dir():
        return folder
    if named is None:
        return None
    raise UsageError(
        f"expected the folder that course.toml names as paths.reference, found no folder {folder}; correct it"
    )
