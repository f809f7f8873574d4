"""A released course to collect into, and what the archive of one run is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autograder.collect import Collection, Options, collect
from autograder.course import Course, open_course
from tests.collect.archives import answered, zipped
from tests.grading.conftest import released, released_sums  # noqa: F401 - fixtures, shared

ANSWER = "def double(number):\n    return 2 * number"
Collect = Callable[..., Collection]


@pytest.fixture
def course(released_sums: Path, tmp_path: Path) -> Course:  # noqa: F811
    """Return a course whose assignment `sums` has one notebook of that name."""
    root = tmp_path / "course"
    shutil.copytree(released_sums, root)
    return open_course(root)


@pytest.fixture
def two_notebooks(released: Path, tmp_path: Path) -> Course:  # noqa: F811
    """Return a course whose assignment `sums` has the notebooks `sums` and `extra`, with the same cells."""
    root = tmp_path / "two"
    shutil.copytree(released, root)
    return open_course(root)


@pytest.fixture
def notebook(course: Course) -> bytes:
    """Return a notebook somebody has worked on."""
    return answered(course, ANSWER)


@pytest.fixture
def run(course: Course, tmp_path: Path) -> Collect:
    """Collect these files, zipped."""

    def call(files: Mapping[str, bytes | str] | bytes, options: Options | None = None) -> Collection:
        path = tmp_path / "downloaded.zip"
        path.write_bytes(files if isinstance(files, bytes) else zipped(files))
        return collect(course, path, "sums", options or Options())

    return call
