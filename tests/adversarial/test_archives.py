"""Hostile archives: what is refused, what is kept, and that nothing lands anywhere else."""

from __future__ import annotations

import shutil
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.collect import Options, collect
from autograder.collect.table import collection_lines
from autograder.course import Course, open_course
from autograder.errors import CollectError
from tests.adversarial.archives import NEXT, PACKAGES, STUDENT, Package
from tests.collect.archives import answered, tree
from tests.grading.conftest import released_sums  # noqa: F401 - a fixture, shared

MOST_SECONDS = 2.0  # of work: how long it takes on a busy machine says nothing
MOST_MIB = 32
ANSWER = "def double(number):\n    return 2 * number"


@pytest.fixture
def course(released_sums: Path, tmp_path: Path) -> Course:  # noqa: F811
    root = tmp_path / "course"
    shutil.copytree(released_sums, root)
    return open_course(root)


@pytest.fixture(params=PACKAGES, ids=lambda package: f"{package.number} {package.sentence}")
def package(request: pytest.FixtureRequest) -> Package:
    chosen: Package = request.param
    return chosen


@pytest.fixture
def archive(package: Package, course: Course, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "handed_out.zip"
    path.write_bytes(package.build(answered(course, ANSWER)))
    before = {name for name in tree(tmp_path) if not name.startswith("course/submitted/")}
    yield path
    after = {name for name in tree(tmp_path) if not name.startswith("course/submitted/")}
    assert after == before
    assert not [path for path in tmp_path.rglob("*") if path.is_symlink()]


def test_a_package(package: Package, archive: Path, course: Course) -> None:
    begun = time.process_time()
    if package.whole:
        with pytest.raises(CollectError, match=package.whole):
            collect(course, archive)
        assert time.process_time() - begun < MOST_SECONDS
        assert not (course.root / "submitted").exists() or not list((course.root / "submitted").iterdir())
        return
    collection = collect(course, archive)
    assert time.process_time() - begun < MOST_SECONDS
    rows = {row.student: row for row in collection.rows}
    refusals = [one for row in collection.rows for one in row.refused] + list(collection.refused)
    lines = sorted(f"{one.name}: {one.reason}" for one in refusals)
    assert len(lines) == len(package.refused), lines
    for words in package.refused:
        assert any(words in line for line in lines), lines
    place = course.root / "submitted" / STUDENT / "sums"
    assert (frozenset(tree(place)) if place.exists() else None) == package.kept
    if STUDENT in rows:
        assert package.noted in "; ".join(rows[STUDENT].notes)
    assert collection.complete == (not package.refused and package.kept is not None)
    assert tree(course.root / "submitted" / NEXT / "sums")["sums.ipynb"] == answered(course, ANSWER)
    assert "".join(collection_lines(collection)).isprintable()


@pytest.mark.parametrize("sentence", [one.sentence for one in PACKAGES if one.number == 52])
def test_an_archive_takes_little_memory(sentence: str, course: Course, tmp_path: Path) -> None:
    (package,) = (one for one in PACKAGES if one.sentence == sentence)
    path = tmp_path / "handed_out.zip"
    path.write_bytes(package.build(answered(course, ANSWER)))
    tracemalloc.start()
    try:
        if package.whole:
            with pytest.raises(CollectError):
                collect(course, path, "sums", Options(dry_run=True))
        else:
            collect(course, path, "sums", Options(dry_run=True))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_MIB * 2**20
