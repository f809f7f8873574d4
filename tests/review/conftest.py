"""One course, made once; servers of copies of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from . import classroom, servers


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as it was made; nobody changes it."""
    return classroom.make(tmp_path_factory.mktemp("made") / "course").root


@pytest.fixture(scope="session")
def looked_at(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A server that knows persons by name, for tests that change no marks."""
    with _server_of(made, tmp_path_factory.mktemp("looked-at"), servers.NAMED) as running:
        yield running


@pytest.fixture(scope="module")
def server(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A server of the module's own that knows persons by name."""
    with _server_of(made, tmp_path_factory.mktemp("named"), servers.NAMED) as running:
        yield running


@pytest.fixture(scope="module")
def shared(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A server with one token for everybody."""
    with _server_of(made, tmp_path_factory.mktemp("shared"), servers.SHARED) as running:
        yield running


def _server_of(made: Path, folder: Path, settings: dict[str, dict[str, Any]]) -> AbstractContextManager[servers.Server]:
    shutil.copytree(made, folder / "course")
    return servers.running(folder / "course", folder / "server", settings)
