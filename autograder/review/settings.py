"""What can be configured of the review (`c.AutograderReview` in jupyter_server_config.py), and the course it opens."""

from __future__ import annotations

import threading
from pathlib import Path

from traitlets import List, Unicode
from traitlets.config import LoggingConfigurable

from autograder.course import open_course, settings_path
from autograder.review.desk import Desk

Stamp = tuple[tuple[str, int], ...]


class AutograderReview(LoggingConfigurable):
    """The review's settings, and the desk everything lies on."""

    course = Unicode("", config=True, help="The course's folder; the server's root folder when empty.")
    graders = List(
        Unicode(),
        config=True,
        help="User names that may grade, where Jupyter's identity provider names persons.",
    )
    grader_groups = List(
        Unicode(),
        default_value=None,
        allow_none=True,
        config=True,
        help="Groups whose members may grade; formgrade-<course id>, as nbgrader has it on JupyterHub, when not set.",
    )

    _desk: Desk | None = None
    _stamp: Stamp = ()

    def __init__(self, **traits: object) -> None:
        super().__init__(**traits)
        self._opening = threading.Lock()

    @property
    def root(self) -> Path:
        """The course's folder."""
        server_root = str(getattr(self.parent, "root_dir", "") or ".")
        return Path(server_root, self.course).expanduser().resolve()

    def groups(self) -> list[str]:
        """The groups whose members may grade.

        Raises:
            UsageError: The course, whose id names the default group, cannot be opened.
        """
        if self.grader_groups is not None:
            return list(self.grader_groups)
        course_id = self.desk().course.course_id
        return [f"formgrade-{course_id}"] if course_id else []

    def desk(self) -> Desk:
        """The opened course; opened anew when its settings have changed.

        Raises:
            UsageError: There is no course, or its settings cannot be used.
        """
        with self._opening:
            stamp = _stamp_of(self.root)
            if self._desk is None or stamp != self._stamp:
                self._desk = Desk.of(open_course(self.root))
                self._stamp = stamp
            return self._desk


def _stamp_of(root: Path) -> Stamp:
    """When the files that a course is opened from were last written."""
    paths = [root / "nbgrader_config.py", settings_path(root)]
    return tuple((path.name, path.stat().st_mtime_ns) for path in paths if path is not None and path.exists())
