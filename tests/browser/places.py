"""A new course with nbgrader's exchange, the servers of its staff and of a student, and commands in its folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import jupyter_servers

COURSE_ID, LAB = "dl-27", "first_lab"
TOKEN = "of-the-walk"
# nbgrader's Validate button takes a line on stderr for a failed test, and TensorFlow writes one where there is no GPU.
STUDENTS_SETTINGS = """\
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
c = get_config()
c.Exchange.root = {exchange!r}
c.CourseDirectory.course_id = {course!r}
"""
LAB_SETTINGS = {
    # JupyterLab asks whether it may look for news, over whatever else there is to see.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # It would save while Validate does, and then ask which of the two files is to be kept.
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


@dataclass(frozen=True)
class Places:
    """Where everything is.

    Attributes:
        course: The course's folder.
        student_home: The student's own.
        student_url: JupyterLab, as the student has it.
        staff_url: JupyterLab, as TAs and instructors have it.
    """

    course: Path
    student_home: Path
    student_url: str
    staff_url: str

    def command(self, *words: str) -> str:
        """Run a command of the environment in the course's folder; what it showed."""
        return command(self.course, *words)


@contextmanager
def opened(root: Path) -> Iterator[Places]:
    """Make a course with `autograder init`, release its lab into an exchange, and start both servers."""
    course, home, exchange = root / "course", root / "student", root / "exchange"
    home.mkdir()
    exchange.mkdir()
    exchange.chmod(0o777)
    command(root, "autograder", "init", str(course), "--id", COURSE_ID, "--title", "Deep learning")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"c.Exchange.root = {str(exchange)!r}\n")
    command(course, "autograder", "build")
    settings = root / "student-settings"
    settings.mkdir()
    text = STUDENTS_SETTINGS.format(exchange=str(exchange), course=COURSE_ID)
    (settings / "nbgrader_config.py").write_text(text, encoding="utf-8")
    known = {"IdentityProvider": {"token": TOKEN}}
    (settings / "labconfig").mkdir()
    (settings / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(LAB_SETTINGS), encoding="utf-8")
    lab = {"jupyterlab_jupytext": False, "jupyter_lsp": False}
    with (
        jupyter_servers.running(home, settings, known, extensions=lab, program="jupyterlab", home=home) as (
            student_url,
            _,
        ),
        jupyter_servers.running(
            course,
            root / "staff-settings",
            known,
            extensions={**lab, "autograder.review": True},
            program="jupyterlab",
            home=root,
        ) as (staff_url, _),
    ):
        yield Places(course, home, _base(student_url), _base(staff_url))


def _base(url: str) -> str:
    return url.removesuffix("lab")


def command(folder: Path, name: str, *words: str) -> str:
    """Run a program of this environment.

    Raises:
        AssertionError: It did not end well; with what it showed.
    """
    programs = Path(sys.executable).parent
    environment = {**os.environ, "COLUMNS": "160"}
    done = subprocess.run(
        [str(programs / name), *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"{name} {' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
