"""What a killed grader could not clear away: slot folders and control groups whose owner is gone.

Both carry the pid of the process that made them in their name.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from autograder.sandbox.cgroup import places

PREFIX = "autograder-slot-"
_OWNER = re.compile(r"autograder-(?:slot-)?(\d+)-")


def sweep() -> None:
    """Remove the leftovers of graders that no longer run, of this user's."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if _is_orphan(folder.name) and folder.lstat().st_uid == os.getuid():
                shutil.rmtree(folder)
    for place in places():
        for folder in place.glob("autograder-*-*"):
            with contextlib.suppress(OSError):  # somebody else's, or a process is still leaving it
                if _is_orphan(folder.name):
                    folder.rmdir()


def _is_orphan(name: str) -> bool:
    match = _OWNER.match(name)
    return match is not None and not Path(f"/proc/{match[1]}").exists()
