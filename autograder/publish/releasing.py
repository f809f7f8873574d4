"""Releases to students: made and searched, then as zip files, through nbgrader's exchange, or only rehearsed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.authoring import rehearse, release, search_release
from autograder.course import Course
from autograder.errors import PublishError
from autograder.publish.bundle import Bundle, pack, released_files, require_place
from autograder.publish.exchange import CourseExchange

Offered = Literal["no", "new", "same", "replaced"]


@dataclass(frozen=True)
class ReleaseOptions:
    """How a release goes out.

    Attributes:
        force: Replace an earlier release, and what students could fetch.
        place: The zip file, or the folder for it; None where none is wanted.
        exchange: Whether students are to fetch it from nbgrader's exchange.
        dry_run: Only make and search it aside, and say what would go where.
    """

    force: bool = False
    place: Path | None = None
    exchange: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Outcome:
    """One lab after its release.

    Attributes:
        lab: Its name.
        folder: What students get.
        status: "released", or "kept" where an earlier release was there and was not to be replaced.
        files: The names of the files in it.
        bundle: The zip file; None where none was wanted.
        offered: What became of it in the exchange.
        exchange: The exchange's folder.
    """

    lab: str
    folder: Path
    status: Literal["released", "kept"]
    files: tuple[str, ...]
    bundle: Bundle | None
    offered: Offered
    exchange: Path


def release_to_students(course: Course, labs: Sequence[str], options: ReleaseOptions) -> Iterator[Outcome]:
    """Release labs, one after the other.

    Raises:
        UsageError: As `release` raises it, or one zip file is named for several labs.
        AuthoringError: As `release` raises it.
        LeakError: A release, or an earlier one that was to go out now, shows what is hidden.
        PublishError: It cannot be put into the exchange; it is in the release folder all the same.
        AutograderError: The zip file cannot be written; likewise.
    """
    if options.place is not None:
        require_place(options.place, len(labs))
    exchange = CourseExchange.of(course)
    if options.exchange and exchange.missing and not _can_be_made(exchange):
        raise PublishError(exchange.missing)
    for name in labs:
        yield _dry(course, name, options, exchange) if options.dry_run else _real(course, name, options, exchange)


def _real(course: Course, name: str, options: ReleaseOptions, exchange: CourseExchange) -> Outcome:
    (released,) = release(course, [name], force=options.force)
    if released.status == "kept" and (options.place is not None or options.exchange):
        search_release(course, name)
    outcome = _outcome(course, name, released.folder, released.folder, released.status, options, exchange)
    if outcome.bundle is not None:
        outcome.bundle.write()
    if outcome.offered in ("new", "replaced"):
        exchange.release_assignment(name, force=options.force)
    return outcome


def _dry(course: Course, name: str, options: ReleaseOptions, exchange: CourseExchange) -> Outcome:
    final = course.release_folder(name)
    with rehearse(course, name) as made:
        if final.is_dir() and not options.force:
            search_release(course, name)
            return _outcome(course, name, final, final, "kept", options, exchange)
        return _outcome(course, name, made, final, "released", options, exchange)


def _outcome(
    course: Course,
    name: str,
    content: Path,
    folder: Path,
    status: Literal["released", "kept"],
    options: ReleaseOptions,
    exchange: CourseExchange,
) -> Outcome:
    ignored = course.coursedir().ignore
    files = tuple(path.relative_to(content).as_posix() for path in released_files(content, ignored))
    bundle = None if options.place is None else pack(content, options.place, ignored)
    offered = _offered(exchange, name, content, options) if options.exchange else "no"
    return Outcome(name, folder, status, files, bundle, offered, exchange.root)


def _offered(exchange: CourseExchange, name: str, content: Path, options: ReleaseOptions) -> Offered:
    there = exchange.folder / "outbound" / name
    if not there.is_dir():
        return "new"
    if _files(there) == _files(content):
        return "same"
    if not options.force:
        raise PublishError(
            f"expected {there} to be as the release is, found other files there, which students may have fetched; "
            "run the same command with --force to replace them"
        )
    return "replaced"


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _can_be_made(exchange: CourseExchange) -> bool:
    """Whether nbgrader makes the exchange's folder by itself: whoever may write beside it."""
    return bool(exchange.course.course_id) and not exchange.root.exists() and os.access(exchange.root.parent, os.W_OK)
