"""What a killed grader could not clear away: slot folders and control groups whose owner is gone.

Both carry the pid of the process that made them in their name.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from autograder.sandbox.cgroup import places

PREFIX = "autograder-slot-"
_OWNER = re.compile(r"autograder-(?:slot-)?(\d+)-")


def sweep() -> None:
    """Remove the leftovers of graders that no longer run, of this user's."""
    for folder in _leftovers():
        if _is_orphan(folder):
            with contextlib.suppress(OSError):  # somebody else's, or a process is still leaving it
                _remove(folder)


def remove_left_by(owners: Collection[int], seconds: float) -> None:
    """Remove what these ended processes of ours left; their sandboxes may need up to `seconds` to end."""
    deadline = time.monotonic() + seconds
    while True:
        refused = 0
        for folder in left_by(owners):
            try:
                _remove(folder)
            except OSError:
                refused += 1
        if not refused or time.monotonic() > deadline:
            return
        time.sleep(0.05)


def left_by(owners: Collection[int]) -> list[Path]:
    """The slot folders and control groups that these processes made and that are still there."""
    return [folder for folder in _leftovers() if _owner(folder) in owners]


def _leftovers() -> list[Path]:
    groups = {folder for place in places() for folder in place.glob("autograder-*-*")}
    return [*Path(tempfile.gettempdir()).glob(f"{PREFIX}*"), *sorted(groups)]


def _remove(folder: Path) -> None:
    if not folder.name.startswith(PREFIX):
        folder.rmdir()  # a control group's files are not removed, they go with it
    elif folder.lstat().st_uid == os.getuid():
        shutil.rmtree(folder)


def _owner(folder: Path) -> int | None:
    match = _OWNER.match(folder.name)
    return int(match[1]) if match is not None else None


def _is_orphan(folder: Path) -> bool:
    owner = _owner(folder)
    return owner is not None and not Path(f"/proc/{owner}").exists()
