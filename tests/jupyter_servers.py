"""A real Jupyter server on loopback, with settings of its own and none of the machine's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0
NBGRADERS = ("formgrader", "validate_assignment", "assignment_list", "course_list")
# Extensions that environments enable, and that take seconds to load.
OTHERS = (
    *("jupyterlab", "jupyterlab_jupytext", "jupyter_lsp", "jupyter_server_terminals", "notebook", "notebook_shim"),
    *(f"nbgrader.server_extensions.{one}" for one in NBGRADERS),
)


@contextmanager
def running(
    root: Path,
    folder: Path,
    settings: Mapping[str, Mapping[str, Any]],
    *,
    extensions: Mapping[str, bool],
    program: str = "jupyter_server",
    home: Path | None = None,
) -> Iterator[tuple[str, Path]]:
    """Run a server; its address, which ends with "/", and its log.

    Args:
        root: The folder it serves and works in.
        folder: Where its own files go: settings, runtime, log.
        settings: Its settings, by class.
        extensions: Which of its extensions are on; the others as the environment has them.
        program: The module that is run: "jupyter_server" or "jupyterlab".
        home: The home of whom it runs for; as in the environment when None.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": 0,
            "open_browser": False,
            "allow_root": True,
            "root_dir": str(root),
            "jpserver_extensions": dict(extensions),
            "log_level": "WARN",
        }
    }
    merged = {name: {**own.get(name, {}), **settings.get(name, {})} for name in {*own, *settings}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(merged))
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_NO_CONFIG": "",
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **({"HOME": str(home)} if home is not None else {}),
    }
    environment.pop("JUPYTER_TOKEN", None)
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", program], env=environment, cwd=root, stdout=output, stderr=output
        )
    try:
        yield _url(process, folder / "runtime", log), log
    finally:
        process.terminate()
        process.wait(timeout=30)


def _url(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Where the server answers, once it does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                url = str(json.loads(path.read_text())["url"])
                requests.get(f"{url}api", timeout=5)
            except (ValueError, requests.RequestException):
                continue
            return url.replace("localhost", "127.0.0.1")
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))
