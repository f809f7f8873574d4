"""A folder as bytes, for machines that share no file system: paths and contents, and nothing a reader would obey."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath


def pack(folder: Path, leave_out: Collection[str] = ()) -> bytes:
    """The files and folders of `folder`, but those right in it whose names are left out; links stay behind."""
    parcel = io.BytesIO()
    with tarfile.open(fileobj=parcel, mode="w") as archive:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if relative.parts[0] in leave_out or "__pycache__" in relative.parts or path.is_symlink():
                continue
            if path.is_file() or path.is_dir():
                archive.add(path, arcname=str(relative), recursive=False)
    return parcel.getvalue()


def unpack(parcel: bytes, folder: Path) -> None:
    """Write what `pack` took into `folder`, which is made.

    Raises:
        ValueError: An entry is no file or folder, or would lie outside.
    """
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(parcel), mode="r") as archive:
        for entry in archive:
            relative = PurePosixPath(entry.name)
            if relative.is_absolute() or ".." in relative.parts:
                raise ValueError(f"expected a path within the parcel, received {entry.name!r}")
            path = folder / relative
            if entry.isdir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            content = archive.extractfile(entry) if entry.isreg() else None
            if content is None:
                raise ValueError(f"expected only files and folders in the parcel, received {entry.name!r}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read())
            path.chmod(entry.mode & 0o777)
            os.utime(path, (entry.mtime, entry.mtime))
