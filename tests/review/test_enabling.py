"""The extension is known to Jupyter where the package is installed, off, and switched on by Jupyter's own command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "autograder" / "review" / "config" / "autograder.review.json"


def extensions(path: Path) -> dict[str, bool]:
    found: dict[str, bool] = json.loads(path.read_text())["ServerApp"]["jpserver_extensions"]
    return found


def test_installing_the_package_leaves_the_review_off():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["data-files"]
    assert settings == {"etc/jupyter/jupyter_server_config.d": [str(SHIPPED.relative_to(ROOT))]}
    assert extensions(SHIPPED) == {"autograder.review": False}


def test_jupyter_knows_the_review_here():
    # an ordinary installation puts the file there, and `make setup` does for an editable one
    assert (Path(sys.prefix) / "etc" / "jupyter" / "jupyter_server_config.d" / SHIPPED.name).is_file()


def test_jupyters_own_command_switches_it_on(tmp_path: Path):
    folder = tmp_path / "jupyter_server_config.d"
    folder.mkdir()
    shutil.copy(SHIPPED, folder)
    command = [sys.executable, "-m", "jupyter", "server", "extension", "enable", "--user", "autograder.review"]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    assert "successfully enabled" in done.stdout + done.stderr
    assert extensions(folder / SHIPPED.name) == {"autograder.review": True}
