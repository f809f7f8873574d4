"""The leak scan: nothing an instructor hides may be in what students get."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.hidden import Hidden, digest, hidden_of
from autograder.authoring.hidden_arrays import HiddenArray, hidden_arrays, read_arrays
from autograder.authoring.lab import Lab
from autograder.authoring.phrases import collapse, occurs

MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
GRADER_IMPORT = re.compile(r"^\s*(from|import)\s+autograder\b", re.MULTILINE)
# Folders that mean nothing as somebody's home, and that a lab may well speak of.
COMMON_FOLDERS = frozenset({"/", "/home", "/tmp", "/usr", "/var"})  # noqa: S108 - names to leave out, not to open
MAX_QUOTE = 80


@dataclass(frozen=True)
class Leak:
    """Something hidden that was found in a release.

    Attributes:
        file: Path in the released folder; `archive.zip/member` within an archive.
        cell: The notebook cell's grade_id, or its number (from 1) and id where it has none; None outside cells.
        what: What it is, quoted where it is text.
    """

    file: str
    cell: str | None
    what: str

    def __str__(self) -> str:
        where = self.file if self.cell is None else f"{self.file}, cell {self.cell}"
        return f"{where}: {self.what}"


def scan_release(folder: Path, lab: Lab, private_paths: Sequence[Path] = ()) -> list[Leak]:
    """Search a released folder for what `lab` hides.

    Args:
        folder: What students would get.
        lab: The lab it was made from.
        private_paths: Folders of the instructor's whose paths must not be told, besides the lab's and the home folder.

    Returns:
        The leaks, by file and cell.

    Raises:
        AuthoringError: The lab's own hidden arrays cannot be read.
    """
    private = {
        str(path)
        for own in (lab.folder, lab.folder.parent, Path.home(), *private_paths)
        for path in (own, own.resolve())
    }
    scan = _Scan(hidden_of(lab), hidden_arrays(lab.data_folder), tuple(sorted(private - COMMON_FOLDERS, reverse=True)))
    leaks: list[Leak] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            leaks.append(Leak(name, None, "a link; expected files only"))
        elif path.is_file():
            leaks += scan.file(name, path.read_bytes())
    return leaks


@dataclass(frozen=True)
class _Scan:
    hidden: Hidden
    arrays: tuple[HiddenArray, ...]
    private_paths: tuple[str, ...]

    def file(self, name: str, content: bytes) -> Iterator[Leak]:
        """Search one file, members of archives included."""
        for what in self._text(name, as_code=False):
            yield Leak(name, None, f"its name: {what}")
        if source := self.hidden.digests.get(digest(content)):
            yield Leak(name, None, f"a copy of the instructor's {source}")
        if zipfile.is_zipfile(io.BytesIO(content)):
            yield from self._archive(name, content)
        yield from self._released_arrays(name, content)
        if name.endswith(".ipynb"):
            yield from self._notebook(name, content)
            return
        try:
            text = content.decode()
        except UnicodeDecodeError:
            # Sentences of source code do not survive in a binary file, paths and names do.
            text, is_text = content.decode("latin-1"), False
        else:
            text, is_text = text.replace("\r\n", "\n"), True
        for what in self._text(text, as_code=is_text and name.endswith(".py"), phrases=is_text):
            yield Leak(name, None, what)
        if is_text:
            yield from (Leak(name, None, what) for what in self._data_lines(text))

    def _archive(self, name: str, content: bytes) -> Iterator[Leak]:
        if name.endswith(".npz"):
            return  # its members are arrays, which are looked at as such
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                if member.endswith("/"):
                    continue
                try:
                    inner = archive.read(member)
                except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
                    yield Leak(name, None, f"the member {member} cannot be read, so not searched: {error}")
                else:
                    yield from self.file(f"{name}/{member}", inner)

    def _released_arrays(self, name: str, content: bytes) -> Iterator[Leak]:
        try:
            released = read_arrays(name, content)
        except ValueError as error:
            yield Leak(name, None, f"{error}; save plain arrays, so that they can be searched")
            return
        for member, array in released.items():
            for hidden in self.arrays:
                if count := hidden.found_in(array):
                    rows = f"{count} of its rows" if hidden.hashes.size > 1 else "it"
                    yield Leak(name, None, f"hidden data: {hidden.label} ({rows} in {member!r})")

    def _notebook(self, name: str, content: bytes) -> Iterator[Leak]:
        try:
            notebook = json.loads(content)
            cells = list(notebook["cells"])
            if not all(isinstance(cell, dict) for cell in cells):
                raise ValueError("a cell that is no object")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            yield Leak(name, None, f"no notebook that can be read, so not searched: {error}")
            return
        for what in self._text("\n".join(_strings({**notebook, "cells": []})), as_code=False):
            yield Leak(name, None, f"notebook metadata: {what}")
        for number, cell in enumerate(cells, start=1):
            yield from self._cell(name, number, cell)

    def _cell(self, name: str, number: int, cell: dict[str, Any]) -> Iterator[Leak]:
        grade_id = _at(cell, "metadata", "nbgrader", "grade_id")
        where = str(grade_id or f"number {number} ({cell.get('id', 'without an id')})")
        source = "".join(_strings(cell.get("source")))
        found = list(self._text(source, as_code=cell.get("cell_type") == "code"))
        left = {collapse(line) for line in source.split("\n")} & self.hidden.own_lines.get(str(grade_id), frozenset())
        if left and not any(f"the solution of {grade_id!r}" in what for what in found):
            found.append(f"the solution of {grade_id!r}: {_quote(min(left))}")
        found += self._data_lines(source)
        if cell.get("outputs") or cell.get("execution_count") is not None:
            found.append("an output or execution count; expected none in a release")
        rest = {key: value for key, value in cell.items() if key not in ("source", "id")}
        found += [f"metadata or output: {what}" for what in self._text("\n".join(_strings(rest)), as_code=False)]
        yield from (Leak(name, where, what) for what in found)

    def _text(self, text: str, as_code: bool, phrases: bool = True) -> Iterator[str]:
        if marker := MARKER.search(text):
            yield f"the marker {marker.group()!r}"
        if as_code and GRADER_IMPORT.search(text):
            yield "an import of autograder, which students do not have"
        for path in self.private_paths:
            if re.search(rf"(?<![\w.]){re.escape(path)}(?![\w-])", text):
                yield f"the instructor's path {path}"
                break
        for name in self.hidden.names:
            if occurs(name.text, text):
                yield f"{name.source}: {name.text}"
        if phrases:
            # JSON and other quoting put backslashes before quotes.
            flat = collapse(text.replace("\\n", "\n").replace('\\"', '"').replace("\\'", "'"))
            yield from self._phrases(collapse(text), flat)

    def _phrases(self, *texts: str) -> Iterator[str]:
        found: dict[str, list[str]] = {}
        for phrase in self.hidden.phrases:
            if any(occurs(phrase.text, text) for text in texts):
                found.setdefault(phrase.source, []).append(phrase.text)
        for source, lines in found.items():
            yield f"{source}: {_quote(lines[0])}{_and_more(len(lines) - 1)}"

    def _data_lines(self, text: str) -> Iterator[str]:
        if not self.hidden.data_lines:
            return
        lines = [line for line in map(collapse, text.split("\n")) if line in self.hidden.data_lines]
        if lines:
            yield f"{self.hidden.data_lines[lines[0]]}: {_quote(lines[0])}{_and_more(len(lines) - 1)}"


def _at(value: object, *keys: str) -> object:
    """What a JSON value holds at a path of keys; None where there is no such place."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _strings(value: object) -> Iterator[str]:
    """Every string in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _quote(text: str) -> str:
    short = text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 3] + "..."
    return f'"{short}"' if "`" in short else f"`{short}`"


def _and_more(number: int) -> str:
    return f" and {number} more line{'s' if number > 1 else ''}" if number else ""
