"""The other of the two recipes: the same tests of walls and slots, as a user without rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

USER = 1234
ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.getuid() != 0, reason="the tests already run as an ordinary user")
def test_walls_and_slots_hold_for_an_ordinary_user_too() -> None:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv (package util-linux) is not installed")
    command = [setpriv, f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    variables = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    # that it can be started is not enough: it has to start others, and to find its packages
    code = "import autograder, numpy, pytest, subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"
    reach = [*command, sys.executable, "-c", code]
    if subprocess.run(reach, env=variables, cwd=ROOT, capture_output=True, check=False).returncode != 0:
        pytest.skip(f"user {USER} cannot reach {sys.executable} and the packages")
    probe = [*command, "bwrap", "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "true"]
    if subprocess.run(probe, env=variables, cwd=ROOT, capture_output=True, check=False).returncode != 0:
        pytest.skip("this system forbids user namespaces to ordinary programs")
    base = Path(tempfile.mkdtemp(prefix="autograder-tests-"))  # pytest's own folders let only root in
    os.chown(base, USER, USER)
    modules = [str(Path(__file__).parent / name) for name in ("test_walls.py", "test_slot.py")]
    options = ["-q", "-p", "no:cacheprovider", "--basetemp", str(base / "t"), *modules]
    try:
        done = subprocess.run(
            [*command, sys.executable, "-m", "pytest", *options],
            env=variables | {"TMPDIR": str(base), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
    finally:
        shutil.rmtree(base)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
