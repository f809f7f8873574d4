"""Feedback to students: our pages into nbgrader's feedback folder, and from there through its exchange."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from nbgrader.converters import GenerateFeedback

from autograder.course import Course, is_over, last_due
from autograder.errors import PublishError
from autograder.publish.choosing import SECRET_FILE, TIMESTAMP_FILE, Choice, choose, secret_of
from autograder.publish.exchange import CourseExchange
from autograder.reports import executed_notebooks, render_feedback, titles_of
from autograder.results import SubmissionResult

Became = Literal["new", "changed", "same"]


@dataclass(frozen=True)
class FeedbackOptions:
    """How feedback goes out.

    Attributes:
        students: Only these; all when empty.
        waiting: Also pages on which a person has yet to decide something.
        dry_run: Only say what would be done.
    """

    students: tuple[str, ...] = ()
    waiting: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Page:
    """One student's page.

    Attributes:
        result: What it is about.
        folder: Where it lies, once for each notebook, as nbgrader has feedback.
        became: Whether it is new there, another one than before, or the same.
        fetchable: Whether the student can fetch it from the exchange (in a dry run: will be able to).
        trouble: Why not, as a sentence; "" where there is no exchange, or nothing went wrong.
    """

    result: SubmissionResult
    folder: Path
    became: Became
    fetchable: bool
    trouble: str = ""


@dataclass(frozen=True)
class Published:
    """What came of an assignment's feedback.

    Attributes:
        assignment: The assignment.
        pages: The pages that are out, by student id.
        left_out: Who has none, and why.
        exchange: Where students fetch pages from; None where the course has no exchange.
        no_exchange: Why there is none, as a sentence.
        open_until: The latest date somebody can still hand in by; None once it is over for everybody.
        dry_run: Whether nothing was written.
    """

    assignment: str
    pages: tuple[Page, ...]
    left_out: tuple[Choice, ...]
    exchange: Path | None
    no_exchange: str
    open_until: datetime | None
    dry_run: bool

    @property
    def complete(self) -> bool:
        """Whether everybody who handed in has a page, and everything went through that could."""
        return not self.left_out and not any(page.trouble for page in self.pages)


def publish_feedback(course: Course, assignment: str, options: FeedbackOptions, now: datetime) -> Published:
    """Render each student's page as it stands now, put it where nbgrader has feedback, and release it.

    Pages are those of students: without grader faults and flags, and with what is right and why only once the
    assignment is over for everybody.

    Raises:
        UsageError: Nobody has handed it in, or a student who was asked for has not.
        GradebookError: The gradebook cannot be read.
        PublishError: The exchange that the course names is not there, or may not be written to.
    """
    exchange = CourseExchange.of(course)
    if exchange.chosen and exchange.missing:
        raise PublishError(exchange.missing)
    choices = choose(course, assignment, options.students, waiting=options.waiting)
    work = _Work(course, assignment, exchange if exchange.usable else None, options.dry_run, now)
    pages = tuple(work.publish(choice) for choice in choices if not choice.left_out)
    due = last_due(course, assignment)
    return Published(
        assignment=assignment,
        pages=pages,
        left_out=tuple(choice for choice in choices if choice.left_out),
        exchange=exchange.root if exchange.usable else None,
        no_exchange="" if exchange.usable else exchange.missing,
        open_until=due if due is not None and now <= due else None,
        dry_run=options.dry_run,
    )


class _Work:
    """The pages of one assignment, one after the other."""

    def __init__(
        self, course: Course, assignment: str, exchange: CourseExchange | None, dry_run: bool, now: datetime
    ) -> None:
        self.course, self.assignment, self.exchange, self.dry_run = course, assignment, exchange, dry_run
        self.titles = titles_of(course, assignment)
        self.explained = is_over(course, assignment, now.astimezone(UTC))
        converter = GenerateFeedback(coursedir=course.coursedir(), config=deepcopy(course.config))
        self.permissions = int(converter.permissions)

    def publish(self, choice: Choice) -> Page:
        result, secret = _result(choice), secret_of(choice.folder)
        names = _notebooks(choice)
        html = render_feedback(
            result, executed_notebooks(self.course, result), self.titles, explained=self.explained
        ).encode()
        folder = self.course.folder("feedback", choice.student, self.assignment)
        files = {f"{name}.html": html for name in names}
        beside = dict(_beside(choice.folder, secret))
        became = _compared(folder, files)
        known = bool(beside) and self.exchange is not None
        trouble = ""
        if self.exchange is not None and not beside:
            trouble = f"was not handed in through the exchange: hand out {folder}"
        if not self.dry_run:
            try:
                self._write(folder, files | beside)
                if self.exchange is not None and beside:
                    self._release(self.exchange, choice.student, secret, files)
            except PublishError as error:
                trouble = str(error)
        return Page(result, folder, became, known and not trouble, trouble)

    def _release(self, exchange: CourseExchange, student: str, secret: str, files: dict[str, bytes]) -> None:
        exchange.release_feedback(self.assignment, student)
        for name, content in files.items():
            place = exchange.feedback_file(secret, name.removesuffix(".html"))
            if not place.is_file() or place.read_bytes() != content:
                raise PublishError("nbgrader did not put the page into the exchange: hand it out another way")

    def _write(self, folder: Path, files: dict[str, bytes]) -> None:
        """Put the folder in place whole: nbgrader releases every page in it, so no older one may stay."""
        new, old = (folder.with_name(f".{folder.name}.{what}") for what in ("new", "old"))
        try:
            for left in (new, old):
                shutil.rmtree(left, ignore_errors=True)
            new.mkdir(parents=True)
            for name, content in files.items():
                (new / name).write_bytes(content)
                (new / name).chmod(self.permissions)
            if folder.exists():
                folder.rename(old)
            new.rename(folder)
        except OSError as error:
            with suppress(OSError):
                if old.exists() and not folder.exists():
                    old.rename(folder)
            raise PublishError(
                f"expected to write {folder}, received {error.strerror}; free space or permit it, then run the same "
                "command again"
            ) from error
        finally:
            for left in (new, old):
                shutil.rmtree(left, ignore_errors=True)


def _result(choice: Choice) -> SubmissionResult:
    if choice.result is None:
        raise ValueError(f"{choice.student} has no result, and was to be left out")
    return choice.result


def _notebooks(choice: Choice) -> Sequence[str]:
    """The names a student's notebooks have: each gets the page, since nbgrader shows feedback by notebook."""
    handed_in = sorted(path.stem for path in choice.folder.glob("*.ipynb"))
    return handed_in or [one.notebook for one in _result(choice).notebooks] or [_result(choice).assignment]


def _beside(work: Path, secret: str) -> Iterator[tuple[str, bytes]]:
    """What nbgrader needs beside a page to release it: when the work came, and what the exchange knows it by."""
    moment = work / TIMESTAMP_FILE
    if secret and moment.is_file() and not moment.is_symlink():
        yield TIMESTAMP_FILE, moment.read_bytes()
        yield SECRET_FILE, secret.encode()


def _compared(folder: Path, files: dict[str, bytes]) -> Became:
    there = sorted(path.name for path in folder.glob("*.html"))
    if not there:
        return "new"
    same = there == sorted(files) and all((folder / name).read_bytes() == content for name, content in files.items())
    return "same" if same else "changed"
