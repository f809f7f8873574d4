"""A graded course, made once and copied for each page, and the home of whoever types."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shown.classroom import configure, make_course


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shown") / "course"
    make_course(root)
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """Return a course whose lab `cnn_digits` has been graded, for ada and bela."""
    root = tmp_path / "course"
    shutil.copytree(graded, root)
    configure(root)
    return root


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the home of whoever types, with a folder for what a browser downloads."""
    folder = tmp_path / "home"
    (folder / "Downloads").mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Widen the terminal, so that no sentence is broken."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(autouse=True)
def one_core() -> Iterator[None]:
    """Have one core, so that one sandbox is started where nothing says how many: a start is what takes longest here."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(cores)[os.getpid() % len(cores)]})
    yield
    os.sched_setaffinity(0, cores)
