"""Which pages need not be drawn again: what they show, and how it is shown, is what it was."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from autograder import __version__
from autograder.results import SubmissionResult

LIBRARIES = ("jinja2", "markdown-it-py", "nh3", "pygments")
PAGES: TypeAdapter[dict[str, tuple[str, int, int]]] = TypeAdapter(dict[str, tuple[str, int, int]])


class DrawnPages:
    """The pages of one assignment: what each was drawn from, and its file's size and time.

    A page that was changed or removed since is drawn again, and so is all of it by another version of the code.

    Args:
        path: Where that is kept.
        shown: What all pages show alike.
    """

    def __init__(self, path: Path, shown: Sequence[object]) -> None:
        self._path = path
        self._shown = _digest([_code(), list(shown)])
        self._pages = _read(path)
        self._changed = False

    def origin(self, result: SubmissionResult, notebooks: str) -> str:
        """The digest of everything a page is drawn from.

        Args:
            result: What the page says.
            notebooks: The digest of the notebooks on it.
        """
        return _digest([self._shown, notebooks, result.model_dump_json()])

    def is_current(self, page: Path, origin: str) -> bool:
        """Whether the page is there, as it was drawn from just that."""
        return self._pages.get(str(page)) == (origin, *_stamp(page))

    def note(self, page: Path, origin: str) -> None:
        """Keep what a page was drawn from."""
        self._pages[str(page)] = (origin, *_stamp(page))
        self._changed = True

    def keep(self) -> None:
        """Write it down for the next time."""
        if self._changed:
            with contextlib.suppress(OSError):  # without it, every page is drawn again
                self._path.write_bytes(PAGES.dump_json(self._pages))


def notebooks_digest(paths: Mapping[str, Path]) -> str:
    """The digest of notebooks, by name; of those that are there."""
    return _digest(
        {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if path.exists()}
    )


def _read(path: Path) -> dict[str, tuple[str, int, int]]:
    try:
        return PAGES.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}


def _stamp(page: Path) -> tuple[int, int]:
    try:
        status = page.stat()
    except OSError:
        return (0, 0)
    return status.st_size, status.st_mtime_ns


@functools.cache
def _code() -> str:
    """The digest of all that draws pages: our own files, and the versions of the libraries."""
    package = Path(__file__).parent
    files = sorted(path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    texts = [[str(path.relative_to(package)), hashlib.sha256(path.read_bytes()).hexdigest()] for path in files]
    return _digest([__version__, texts, [importlib.metadata.version(name) for name in LIBRARIES]])


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
