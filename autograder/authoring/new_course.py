"""`autograder init`: a small whole course, one lab and one quiz, that works from its first minute."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.authoring.new_lab import new_lab
from autograder.course import open_course
from autograder.errors import UsageError

TEMPLATES = Path(__file__).parent / "templates" / "course"
LAB, QUIZ = "first_lab", "first_quiz"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FILES = {
    "course.toml": "course/course.toml",
    "first_quiz.toml": f"course/quizzes/{QUIZ}.toml",
    "nbgrader_config.py": "nbgrader_config.py",
    "gitignore": ".gitignore",
}
MORNING, EVENING = "T00:00:00Z", "T23:59:00Z"


def new_course(folder: Path, course_id: str, title: str, today: datetime) -> Path:
    """Write the folder of a new course; the folder.

    The lab and the quiz count from today on; the lab is due in two weeks, the quiz in three.

    Args:
        folder: It is not there yet, or empty.
        course_id: What nbgrader calls the course.
        title: What people call it.
        today: The present moment.

    Raises:
        UsageError: The folder holds something, or the id is no good.
    """
    if not ID.fullmatch(course_id):
        raise UsageError(
            "expected the id of a course: letters, digits, dots, hyphens and underscores, a letter or digit first, at "
            f"most 64 (deep-learning), received {course_id!r}; choose one with --id"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"expected a new or empty folder, found something in {folder}; choose another one. An nbgrader course that "
            "exists needs none of this: run `autograder grade` in it"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "COURSE_ID": json.dumps(course_id),
        "COURSE_TITLE": json.dumps(title, ensure_ascii=False),
        "TERM": str(today.year),
        "RELEASED": _day(today, 0) + MORNING,
        "LAB_DUE": _day(today, 14) + EVENING,
        "QUIZ_DUE": _day(today, 21) + EVENING,
    }
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        made = Path(scratch) / "course"
        for template, name in FILES.items():
            text = (TEMPLATES / f"{template}.template").read_text(encoding="utf-8")
            for word, value in values.items():
                text = text.replace(word, value)
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        new_lab(open_course(made), LAB)
        if folder.exists():
            folder.rmdir()
        shutil.move(made, folder)
    return folder


def _day(today: datetime, days: int) -> str:
    return (today.astimezone(UTC) + timedelta(days=days)).date().isoformat()
