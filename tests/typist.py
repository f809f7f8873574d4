"""Types the commands of a page as a person would, one after the other, at one shell."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import chdir
from pathlib import Path

from tests.command_line import run

PROGRAMS = Path(sys.executable).parent


def type_lines(lines: Iterable[str], folder: Path, home: Path, codes: Mapping[str, int] | None = None) -> Path:
    """Type lines in a folder.

    Args:
        lines: Commands; `autograder` runs in this process.
        folder: Where the shell is at first.
        home: Of whoever types.
        codes: Exit codes that are not 0, by command.

    Returns:
        Where the shell is in the end.
    """
    for line in lines:
        words = shlex.split(line)
        expected = (codes or {}).get(line, 0)
        if words[0] == "cd":
            folder = folder / words[1]
        elif words[0] == "autograder":
            with chdir(folder):
                assert run(*words[1:]) == expected, line
        else:
            program = str(PROGRAMS / words[0]) if words[0] == "nbgrader" else words[0]
            environment = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")}
            environment |= {"HOME": str(home), "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
            done = subprocess.run([program, *words[1:]], cwd=folder, env=environment, capture_output=True, text=True)
            assert done.returncode == expected, f"{line}\n{done.stderr}"
    return folder
