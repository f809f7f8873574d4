"""What pages have `make` run: `make` knows it, and what it would start is there. Most of it takes minutes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.pages import PAGES, ROOT, commands
from tests.shown.page import typed
from tests.typist import PROGRAMS, in_bash

LINES = sorted({line for page in PAGES for line in commands(page) if line.startswith("make ")})


@pytest.mark.parametrize("line", LINES)
def test_make_finds_what_a_page_has_it_run(line: str, tmp_path: Path) -> None:
    done = in_bash(line.replace("make ", f"make --dry-run --directory {ROOT} ", 1), tmp_path, tmp_path)
    assert done.returncode == 0, done.stderr
    started = re.findall(r"\.venv/bin/(\w+)(?: -m ([\w.]+)| (\S+\.py))?", done.stdout)
    for program, module, script in started:
        assert (PROGRAMS / program).is_file()
        assert not module or find_spec(module)
        assert not script or (ROOT / script).is_file()
    for word in re.findall(r'ARGS="(.+)"', line):
        assert word in done.stdout


def test_contributing_has_the_code_formatted_before_a_commit(tmp_path: Path, home: Path) -> None:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "untidy.py").write_text('"""Untidy."""\nimport os, sys\nprint( os, sys )\n')
    # As if all were set up: setting it up would install packages.
    with typed("CONTRIBUTING.md", home, instead={"make format": "make --old-file=setup format"}) as page:
        page.type(tmp_path, "make format")
    assert (tmp_path / "untidy.py").read_text() == '"""Untidy."""\n\nimport os\nimport sys\n\nprint(os, sys)\n'
    assert subprocess.run([PROGRAMS / "ruff", "format", "--check", tmp_path], capture_output=True).returncode == 0
