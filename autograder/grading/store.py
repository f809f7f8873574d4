"""Where results lie: one JSON file per submission, put in place whole, and what is still on its way beside them."""

from __future__ import annotations

import fcntl
import glob
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from pydantic import ValidationError

from autograder.errors import AutograderError, UsageError
from autograder.grading.durable import write_durably
from autograder.results import SubmissionResult

STAGING = ".staging"


@dataclass(frozen=True)
class Store:
    """The results folder of a course.

    A result is `<student>/<assignment>.json` once the gradebook has its marks; until then it lies in `.staging`
    together with the executed notebooks, so that a run that was killed in between loses nothing.
    """

    folder: Path

    @property
    def ledger(self) -> Path:
        """Every finished result, a line each."""
        return self.folder / "ledger.jsonl"

    @property
    def changes(self) -> Path:
        """Every change of a mark, a line for each act on a submission."""
        return self.folder / "changes.jsonl"

    @property
    def staging(self) -> Path:
        """Prepared submissions, `<student>/<assignment>/` each."""
        return self.folder / STAGING

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second grader out, and clear away what a killed one was preparing.

        Raises:
            UsageError: Another grader is at work on these results.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("w")
        except OSError as error:
            raise AutograderError(
                f"expected to write to {self.folder}, received {error}; permit it or name another folder with "
                "--results, then run the same command again: nothing was changed"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"expected to be the only grader at work on {self.folder}, found another one; wait until it is done"
                ) from None
            for folder in self.staging.glob(".preparing-*"):
                shutil.rmtree(folder, ignore_errors=True)
            for half in (*self.folder.glob("*/.*.tmp"), *self.staging.glob("*/.*.tmp")):
                half.unlink(missing_ok=True)
            yield
            if self.staging.is_dir() and not any(self.staging.iterdir()):
                self.staging.rmdir()

    def result_path(self, student: str, assignment: str) -> Path:
        """The finished result's file."""
        return self.folder / student / f"{assignment}.json"

    def pending_path(self, student: str, assignment: str) -> Path:
        """The result's file while its marks are not yet in the gradebook."""
        return self.staging / student / f"{assignment}.json"

    def executed_folder(self, student: str, assignment: str) -> Path:
        """Where a worker puts the executed notebooks of a submission."""
        return self.staging / student / f"{assignment}.executed"

    def prepared_path(self, assignment: str) -> Path:
        """What preparing the submissions of an assignment followed from, and what came of it."""
        return self.folder / f".{assignment}.prepared.json"

    def read(self, path: Path) -> SubmissionResult | None:
        """The result in `path`; None where there is none, or none of this version."""
        try:
            return SubmissionResult.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def all(self, assignment: str) -> list[SubmissionResult]:
        """Every finished result of an assignment, by student id."""
        found = (self.read(path) for path in sorted(self.folder.glob(f"*/{glob.escape(assignment)}.json")))
        return [result for result in found if result is not None]

    def all_pending(self, assignment: str | None) -> list[SubmissionResult]:
        """Every result of an assignment, or of all when None, that is still on its way, by student id."""
        name = "*" if assignment is None else glob.escape(assignment)
        found = (self.read(path) for path in sorted(self.staging.glob(f"*/{name}.json")))
        return [result for result in found if result is not None]

    def write(self, path: Path, result: SubmissionResult) -> None:
        """Write a result whole or not at all.

        Raises:
            AutograderError: It cannot be written; nothing has changed.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, (result.model_dump_json(indent=1) + "\n").encode())
        except OSError as error:
            raise AutograderError(
                f"expected to write {path}, received {error}; free space or permit it, then run the same command "
                "again: what is graded stays graded"
            ) from error

    def executed(self, student: str, assignment: str, names: tuple[str, ...]) -> dict[str, NotebookNode] | None:
        """The executed notebooks a worker left, by name; None unless all are there and whole."""
        found = read_notebooks(self.executed_folder(student, assignment), names)
        return found if len(found) == len(names) else None

    def clear(self, student: str, assignment: str) -> None:
        """Remove what was on its way for a submission."""
        self.pending_path(student, assignment).unlink(missing_ok=True)
        for folder in (self.executed_folder(student, assignment), self.staging / student / assignment):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (self.staging / student, self.staging):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def read_notebooks(folder: Path, names: Sequence[str]) -> dict[str, NotebookNode]:
    """The notebooks in `folder` by name, of those that are there and whole."""
    found = {}
    for name in names:
        with suppress(FileNotFoundError, ValueError, RecursionError):
            found[name] = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    return found
