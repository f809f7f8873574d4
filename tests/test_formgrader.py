"""The formgrader's Autograde button, pressed over HTTP in a real Jupyter server on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, open_course
from tests.grading.conftest import released_sums  # noqa: F401 - a fixture, shared
from tests.grading.courses import ASSIGNMENT, answer, submit
from tests.test_nbgrader_plugin import CHECKS

CONFIG = """
from autograder.nbgrader_plugin import configure
c = get_config()
c.CourseDirectory.course_id = "arithmetic"
configure(c)
"""
PATIENCE_SECONDS = 60


@pytest.fixture
def course(released_sums: Path, tmp_path: Path) -> Course:  # noqa: F811
    root = tmp_path / "course"
    shutil.copytree(released_sums, root)
    (root / "reference" / ASSIGNMENT).mkdir(parents=True)
    (root / "reference" / ASSIGNMENT / "checks.py").write_text(CHECKS)
    (root / "course.toml").write_text("[sandbox]\npreload = []\n")
    (root / "nbgrader_config.py").write_text(CONFIG)
    return open_course(root)


@pytest.fixture
def server(course: Course, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A Jupyter server with the formgrader in the course's folder: its address and token."""
    runtime = tmp_path / "runtime"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")}
    environment |= {"HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(runtime)}
    extension = "nbgrader.server_extensions.formgrader=True"
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ServerApp.port=0"]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--ip=127.0.0.1", f"--ServerApp.jpserver_extensions={extension}"],
            cwd=course.root,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield _ready(process, runtime, tmp_path / "server.log")
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def _ready(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            found: dict[str, Any] = json.loads(path.read_text())
            return found
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def press(server: dict[str, Any], path: str) -> Any:
    request = urllib.request.Request(  # noqa: S310 - of the server just started, on loopback
        f"{server['url']}formgrader/api/{path}", method="POST", headers={"Authorization": f"token {server['token']}"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:  # noqa: S310 - likewise
        return json.load(reply)


def test_the_button_runs_our_grader(course: Course, server: dict[str, Any]) -> None:
    # nbgrader's own rules would give full marks: the visible test holds, and the hidden one has been talked over
    submit(course, "ann", answer("def double(number):\n    return 4 if number == 2 else -6"))
    submit(course, "bob", answer())
    for student, score in (("ann", 0.0), ("bob", 4.0)):
        outcome = press(server, f"submission/{ASSIGNMENT}/{student}/autograde")
        assert outcome["success"], outcome
        with course.gradebook() as gradebook:
            assert gradebook.find_grade("double-tests", "sums", ASSIGNMENT, student).auto_score == score
            comment = gradebook.find_comment("double", "sums", ASSIGNMENT, student).auto_comment
        assert (score == 4.0) == (comment is None or "Not yet" not in comment)
