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
        lines: Commands; `autograder` runs in this process, other programs by bash, and what they print is printed.
        folder: Where the shell is at first.
        home: Of whoever types.
        codes: Exit codes that are not 0, by command.

    Returns:
        Where the shell is in the end.
    """
    for line in lines:
        for command in line.split(" && "):
            words = shlex.split(command, comments=True)
            expected = (codes or {}).get(line, 0)
            if words[0] == "cd":
                folder = folder / words[1]
            elif words[0] == "autograder":
                words = [str(home / word[2:]) if word.startswith("~/") else word for word in words]
                with chdir(folder):
                    assert run(*words[1:]) == expected, line
            else:
                done = in_bash(command, folder, home)
                sys.stdout.write(done.stdout)
                assert done.returncode == expected, f"{line}\n{done.stderr}"
    return folder


def in_bash(command: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Have bash run a command in a folder: it finds this project's programs, and no settings of Jupyter's or make's."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "MAKE"))}
    environment |= {"HOME": str(home), "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    words = ["bash", "-o", "pipefail", "-c", command]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
