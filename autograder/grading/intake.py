"""Taking in what a student handed in: copies of regular files, and notebooks rebuilt from what is understood."""

from __future__ import annotations

import errno
import fnmatch
import json
import os
import re
import stat
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
TAG = re.compile(r"[^,\n]+")
MAX_FILES = 10_000
MAX_DEPTH = 40  # folders in folders
MAX_CELLS = 2_000  # each is parsed, executed and rendered: a hundred thousand would keep the grader for minutes


class NotReadableError(Exception):
    """A submission cannot be taken in; the message says expected, found, what to do."""


@dataclass(frozen=True)
class Sizes:
    """The most a submission may bring: one notebook, one other file and all files together, in bytes."""

    notebook: int
    file: int
    total: int


def copy_submission(source: Path, destination: Path, sizes: Sizes, ignore: Sequence[str]) -> dict[str, str]:
    """Copy the regular files below `source`, and return what was left out: its path below `source`, and why.

    Links are not followed, and what is a file is asked of the opened file itself: what lies there may change while it
    is copied. Devices, sockets and pipes are left out too.

    Args:
        source: The submitted folder.
        destination: An empty folder.
        sizes: The most that is copied.
        ignore: Patterns of names nbgrader ignores.
    """
    left_out = {}
    total = count = 0
    for relative in _walk(source, ignore):
        path = source / relative
        try:
            content = _read_regular(path, sizes.notebook if path.suffix == ".ipynb" else sizes.file)
            total, count = total + len(content), count + 1
            if total > sizes.total or count > MAX_FILES:
                raise _LeftOutError(f"expected at most {sizes.total:,} bytes in {MAX_FILES:,} files in all, found more")
        except _LeftOutError as reason:
            left_out[printable(relative)] = f"{reason}; left out"
            if total > sizes.total or count > MAX_FILES:
                break
            continue
        target = destination / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return left_out


def printable(path: Path) -> str:
    """Return a path as text that can be written anywhere: a file's name need not be valid UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def read_notebook(path: Path) -> NotebookNode:
    """Read a submitted notebook and rebuild it from the parts that are understood, without outputs.

    Raises:
        NotReadableError: It is no notebook.
    """
    again = "ask the student to open it in Jupyter, save it and hand it in again"
    try:
        text = path.read_bytes().decode("utf-8-sig")
        document = json.loads(text)
        if "\\ud" in text.lower():
            # Half a surrogate pair is legal in JSON and can be written nowhere else.
            document = json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        found = "JSON nested too deeply" if isinstance(error, RecursionError) else f"something else ({error})"
        raise NotReadableError(f"expected a notebook (JSON) in {path.name}, found {found}; {again}") from error
    version = document.get("nbformat") if isinstance(document, dict) else None
    if version == 3:
        document = _upgraded(document, path.name)
    elif version != 4 or isinstance(version, bool):
        found = f"nbformat {version!r}" if isinstance(document, dict) else f"a JSON {type(document).__name__}"
        raise NotReadableError(f"expected a notebook of nbformat 4 in {path.name}, found {found}; {again}")
    cells = document.get("cells")
    if not isinstance(cells, list):
        raise NotReadableError(f"expected a list of cells in {path.name}, found {type(cells).__name__}; {again}")
    if len(cells) > MAX_CELLS:
        raise NotReadableError(
            f"expected at most {MAX_CELLS:,} cells in {path.name}, found {len(cells):,}; ask the student to hand in "
            "the notebook without them"
        )
    rebuilt = []
    for index, cell in enumerate(cells):
        try:
            rebuilt.append(_rebuilt_cell(cell))
        except (KeyError, TypeError, AttributeError) as error:
            raise NotReadableError(
                f"expected cells with type, source and metadata in {path.name}, found something else at cell "
                f"{index + 1}; {again}"
            ) from error
    _give_ids(rebuilt)
    notebook: NotebookNode = nbformat.from_dict({"cells": rebuilt, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return notebook


class _LeftOutError(Exception):
    """Why a file is not copied."""


def _walk(source: Path, ignore: Sequence[str]) -> Iterator[Path]:
    def ignored(name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in ignore)

    for folder, folders, files in os.walk(source, followlinks=False):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in links and not ignored(name))
        if len(Path(folder).relative_to(source).parts) >= MAX_DEPTH:
            links += folders  # named as left out like these: os.walk calls itself for each folder in a folder
            folders[:] = []
        for name in sorted([*files, *links]):
            if not ignored(name):
                yield (Path(folder) / name).relative_to(source)


def _read_regular(path: Path, limit: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _LeftOutError("expected a regular file, found a link, which is not followed") from error
        raise _LeftOutError(f"expected a readable file, received {error.strerror}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise _LeftOutError(f"expected at most {MAX_DEPTH} folders in each other, found more")
        raise _LeftOutError("expected a regular file, found a pipe or a device")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _LeftOutError(f"expected at most {limit:,} bytes, found {status.st_size:,}")
    return content


def _upgraded(document: dict[str, Any], name: str) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about an old notebook, which is what this is
            return dict(nbformat.convert(nbformat.from_dict(document), 4))
    except Exception as error:  # nbformat's converter raises whatever a malformed notebook leads to
        raise NotReadableError(
            f"expected a notebook of nbformat 4 in {name}, found one of nbformat 3 that cannot be upgraded "
            f"({type(error).__name__}); ask the student to open it in Jupyter, save it and hand it in again"
        ) from error


def _rebuilt_cell(cell: Any) -> dict[str, Any]:
    source = cell["source"]
    if isinstance(source, list):
        source = "".join(source)
    if not isinstance(source, str) or cell["cell_type"] not in ("code", "markdown", "raw"):
        raise TypeError
    metadata = cell.get("metadata", {})
    kept = {key: metadata[key] for key in ("nbgrader", "tags") if key in metadata}
    if not isinstance(kept.get("nbgrader", {}), dict):
        del kept["nbgrader"]
    if not _is_tags(kept.get("tags", [])):
        del kept["tags"]
    rebuilt = {"cell_type": cell["cell_type"], "id": cell.get("id"), "metadata": kept, "source": source}
    if cell["cell_type"] == "code":
        rebuilt |= {"outputs": [], "execution_count": None}
    elif attachments := _attachments(cell.get("attachments")):
        rebuilt["attachments"] = attachments
    return rebuilt


def _is_tags(value: Any) -> bool:
    """Whether the notebook's schema takes them: different words, none empty, without a comma."""
    words = isinstance(value, list) and all(isinstance(one, str) and TAG.fullmatch(one) for one in value)
    return words and len(set(value)) == len(value)


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict):
        return {}
    return {
        name: bundle
        for name, bundle in value.items()
        if isinstance(bundle, dict) and all(isinstance(content, str) for content in bundle.values())
    }


def _give_ids(cells: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        proposed = cell["id"]
        if not isinstance(proposed, str) or not CELL_ID.fullmatch(proposed) or proposed in seen:
            proposed = f"cell-{index}"
            while proposed in seen:
                proposed += "-again"
        seen.add(proposed)
        cell["id"] = proposed
