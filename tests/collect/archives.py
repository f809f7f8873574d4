"""Archives to collect from: honest ones, and zip files written byte by byte where no program would write them."""

from __future__ import annotations

import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.course import Course

Member = tuple[zipfile.ZipInfo | str, bytes]


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """Return a zip file of these."""
    return zipped_members(
        [(name, content.encode() if isinstance(content, str) else content) for name, content in files.items()]
    )


def zipped_members(members: list[Member]) -> bytes:
    """Return a zip file of these members, whose names and attributes are anything."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def special(name: str, kind: int) -> zipfile.ZipInfo:
    """Return the head of a member that is no file: stat.S_IFLNK, stat.S_IFIFO, ..."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o644) << 16
    return info


def link(name: str) -> zipfile.ZipInfo:
    """Return the head of a symbolic link."""
    return special(name, stat.S_IFLNK)


def renamed(archive: bytes, old: bytes, new: bytes) -> bytes:
    """Return the zip file with one name replaced, byte by byte: names that zipfile itself would not write."""
    assert len(old) == len(new)
    assert old in archive
    return archive.replace(old, new)


def tarred(members: list[tuple[tarfile.TarInfo | str, bytes]], mode: str = "w:gz") -> bytes:
    """Return a tar file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for info, content in members:
            if isinstance(info, str):
                info = tarfile.TarInfo(info)
            if info.isreg():
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def released_notebook(course: Course, name: str = "sums", edit: Callable[[dict], None] | None = None) -> bytes:
    """Return the notebook students got."""
    document = json.loads((course.root / "release" / "sums" / f"{name}.ipynb").read_text())
    if edit is not None:
        edit(document)
    return json.dumps(document).encode()


def answered(course: Course, source: str, name: str = "sums") -> bytes:
    """Return the notebook with an answer in it."""

    def edit(document: dict) -> None:
        cell = next(c for c in document["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == "double")
        cell["source"] = source

    return released_notebook(course, name, edit)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
