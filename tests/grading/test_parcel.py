"""A folder goes into bytes and comes out the same; what would lie elsewhere does not come out at all."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from autograder.grading.parcel import pack, unpack


def test_a_folder_comes_out_as_it_went_in(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "data" / "empty").mkdir(parents=True)
    (folder / "lab.ipynb").write_text("{}")
    (folder / "data" / "käse\n.csv").write_bytes(b"\0\xff")
    (folder / os.fsdecode(b"not-\xff-unicode")).write_text("x")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    unpack(pack(folder), tmp_path / "out")
    assert listing(tmp_path / "out") == listing(folder)


def listing(folder: Path) -> dict[str, tuple[bytes, int, float]]:
    return {
        str(path.relative_to(folder)): (
            path.read_bytes() if path.is_file() else b"",
            path.stat().st_mode,
            path.stat().st_mtime if path.is_file() else 0.0,
        )
        for path in folder.rglob("*")
    }


def test_what_is_left_out_stays_behind_and_so_do_links_and_bytecode(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "deeper").mkdir()
    for name in ("checks.py", "lab.py", "__pycache__/checks.pyc", "deeper/lab.py"):
        (folder / name).write_text("x")
    (folder / "link").symlink_to("/etc/passwd")
    unpack(pack(folder, {"lab.py"}), tmp_path / "out")
    assert sorted(listing(tmp_path / "out")) == ["checks.py", "deeper", "deeper/lab.py"]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("../outside", tarfile.REGTYPE, "expected a path within the parcel, received '../outside'"),
        ("/tmp/outside", tarfile.REGTYPE, "expected a path within the parcel, received '/tmp/outside'"),
        ("link", tarfile.SYMTYPE, "expected only files and folders in the parcel, received 'link'"),
        ("device", tarfile.CHRTYPE, "expected only files and folders in the parcel, received 'device'"),
    ],
)
def test_nothing_is_written_outside_and_no_link_is_made(tmp_path: Path, name: str, kind: bytes, message: str) -> None:
    parcel = io.BytesIO()
    with tarfile.open(fileobj=parcel, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.type = kind
        archive.addfile(entry)
    with pytest.raises(ValueError, match=message):
        unpack(parcel.getvalue(), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
