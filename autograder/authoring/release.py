"""Releasing labs: nbgrader's own generate_assignment, searched for leaks before students can get it."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException

from autograder.authoring.build import build
from autograder.authoring.lab import Lab
from autograder.authoring.leaks import Leak, scan_release
from autograder.authoring.reading import read_lab
from autograder.authoring.stamp import stamp_release
from autograder.course import Course
from autograder.errors import AuthoringError, LeakError, UsageError
from autograder.quizzes import is_quiz, write_table

# An answer of a quiz is a value and no code: it is left out by leaving the dots, and raises nothing.
ANSWER_STUB = "# write it in place of the dots"


class _Rehearsal(GenerateAssignment):
    """generate_assignment without its traces: neither the gradebook nor the course's hooks hear of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.no_database = True
        self.preprocessors = [one for one in self.preprocessors if _class_name(one) != "SaveCells"]

    def run_pre_convert_hook(self) -> None:
        """Do nothing."""

    def run_post_convert_hook(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Released:
    """A lab after its release.

    Attributes:
        lab: Its name.
        folder: What students get.
        status: "released", or "kept" where an earlier release was there and `force` was not given.
    """

    lab: str
    folder: Path
    status: Literal["released", "kept"]


def release(course: Course, labs: Sequence[str], force: bool = False) -> list[Released]:
    """Release labs of a course.

    nbgrader works in a folder aside. It is searched for leaks, and only a clean one takes the place of an earlier
    release. A first pass without gradebook and hooks is searched before the real one, so that a leak leaves no
    trace; the second search covers what the course's hooks may have added.

    Args:
        course: The course; its source folder must be as `build` made it.
        labs: Names of labs.
        force: Replace an earlier release.

    Raises:
        UsageError: The course has no reference folder, or a lab does not exist.
        AuthoringError: The source folder has drifted from the lab, or nbgrader cannot make the release.
        LeakError: A release would show what is hidden; it lists every place. Labs before it stay released.
    """
    reference = _reference(course)
    return [_release_lab(course, read_lab(reference / name), force) for name in labs]


@contextmanager
def rehearse(course: Course, name: str) -> Iterator[Path]:
    """The folder students would get, made and searched as for a release, but leaving no trace; gone at the end.

    Raises:
        UsageError: The course has no reference folder, or no such lab.
        AuthoringError: The source folder has drifted from the lab, or nbgrader cannot make the release.
        LeakError: The release would show what is hidden.
    """
    lab = read_lab(_reference(course) / name)
    _expect_built(course, lab)
    with _staged(course, lab, _Rehearsal) as folder:
        yield folder


def search_release(course: Course, name: str) -> Path:
    """Search an earlier release again, before it goes anywhere: files may have been added since. Its folder.

    Raises:
        UsageError: The course has no reference folder, no such lab, or it has not been released.
        LeakError: It shows what is hidden.
    """
    lab = read_lab(_reference(course) / name)
    folder = course.release_folder(lab.name)
    if not folder.is_dir():
        raise UsageError(f"expected a release of {name} in {folder}, found none; `autograder release {name}` makes it")
    _search(course, lab, folder)
    return folder


def _search(course: Course, lab: Lab, folder: Path) -> None:
    leaks = scan_release(folder, lab, private_paths=[course.root])
    if leaks:
        raise LeakError(_leak_message(lab, leaks))


def _reference(course: Course) -> Path:
    if course.reference is None:
        raise UsageError(
            f"expected a folder of labs, {course.root / 'reference'}, found none; a release is searched for what the "
            "lab hides, so it needs the lab (`nbgrader generate_assignment` releases notebooks without one)"
        )
    return course.reference


def _release_lab(course: Course, lab: Lab, force: bool) -> Released:
    final = course.release_folder(lab.name)
    if final.exists() and not force:
        return Released(lab.name, final, "kept")
    _expect_built(course, lab)
    with _staged(course, lab, _Rehearsal):
        pass
    with course.gradebook():
        pass  # nbgrader opens it by itself later, but needs help to create a new one
    with _staged(course, lab, GenerateAssignment) as staged:
        _replace(final, staged)
    return Released(lab.name, final, "released")


def _expect_built(course: Course, lab: Lab) -> None:
    source = course.source_folder(lab.name)
    for change in build([lab.name], lab.folder.parent, source.parent, check=True)[0].changes:
        raise AuthoringError(
            f"expected {source} as the lab {lab.name} makes it, found {change.path.name} {change.what}; "
            + (
                "delete it or move it to the lab's files/"
                if change.what == "stray"
                else f"run `autograder build {lab.name}`"
            )
        )


@contextmanager
def _staged(course: Course, lab: Lab, converter_class: type[GenerateAssignment]) -> Iterator[Path]:
    """Run a converter into a folder aside, search the outcome, and clear up."""
    step = Path(tempfile.mkdtemp(prefix=".release-", dir=course.root)).name
    coursedir = course.coursedir(release_directory=step, assignment_id=lab.name, notebook_id="*")
    folder = Path(os.path.normpath(coursedir.format_path(step, ".", lab.name)))
    config = deepcopy(course.config)
    if is_quiz(lab.folder):
        config.ClearSolutions.code_stub = {"python": ANSWER_STUB}
    try:
        _convert(converter_class(coursedir=coursedir, config=config), lab)
        if is_quiz(lab.folder):
            write_table(course, lab.folder, course.release_folder(lab.name), folder)
        stamp_release(course, lab.name, folder)
        _search(course, lab, folder)
        yield folder
    finally:
        shutil.rmtree(course.root / step, ignore_errors=True)
        for parent in (folder, *folder.parents):
            if step in parent.as_posix().removeprefix(course.root.as_posix()):
                shutil.rmtree(parent, ignore_errors=True)


def _convert(converter: GenerateAssignment, lab: Lab) -> None:
    """Run nbgrader's converter, its log kept for the message.

    Raises:
        AuthoringError: It failed; the message has the last thing it said.
    """
    log = _Log()
    converter.log = log.logger
    try:
        converter.start()
    except NbGraderException as error:
        raise AuthoringError(
            f"expected nbgrader to make the release of {lab.name}, received: {log.cause() or error}"
        ) from error


class _Log:
    """A logger nobody else hears, and what was said to it."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.logger = logging.Logger("autograder.release", logging.WARNING)
        handler = logging.Handler()
        handler.emit = lambda record: self.messages.append(record.getMessage())  # type: ignore[method-assign]
        self.logger.addHandler(handler)

    def cause(self) -> str:
        """The last line of the traceback nbgrader logged, if it did."""
        for message in self.messages:
            if message.startswith("Traceback"):
                return message.strip().splitlines()[-1]
        return ""


def _leak_message(lab: Lab, leaks: Sequence[Leak]) -> str:
    number = "1 leak" if len(leaks) == 1 else f"{len(leaks)} leaks"
    return "\n".join([f"{lab.name} is not released, expected nothing hidden in it, found {number}:", *map(str, leaks)])


def _replace(final: Path, staged: Path) -> None:
    """Put the staged folder in place; an earlier one comes back if that fails."""
    final.parent.mkdir(parents=True, exist_ok=True)
    earlier = staged.with_name(f"{staged.name}.earlier")
    if final.exists():
        final.rename(earlier)
    try:
        staged.rename(final)
    except OSError:
        if earlier.exists():
            earlier.rename(final)
        raise


def _class_name(preprocessor: object) -> str:
    name = preprocessor if isinstance(preprocessor, str) else getattr(preprocessor, "__name__", "")
    return name.rsplit(".", 1)[-1]
