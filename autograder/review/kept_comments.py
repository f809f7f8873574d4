"""Comments to use again: `course/comments.txt`, a line each, which people may edit as they like."""

from __future__ import annotations

from pathlib import Path

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.durable import write_durably

MOST_COMMENTS = 500
COMMENT_CHARACTERS = 10_000


def comments_file(course: Course) -> Path:
    """Where they are: beside course.toml."""
    folder = course.root / "course"
    return (folder if folder.is_dir() else course.root) / "comments.txt"


def kept_comments(course: Course) -> list[str]:
    """The comments, the newest last; none where there is no file.

    Raises:
        AutograderError: The file cannot be read.
    """
    path = comments_file(course)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise AutograderError(
            f"expected comments to use again in {path}, a line each in UTF-8, received {error}; correct the file"
        ) from error
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))[-MOST_COMMENTS:]


def keep_comment(course: Course, comment: str) -> None:
    """Add a comment, as one line, unless it is there.

    Raises:
        AutograderError: The file cannot be read or written.
    """
    line = " ".join(comment.split())
    known = kept_comments(course)
    if not line or line in known:
        return
    path = comments_file(course)
    try:
        text = path.read_bytes() if path.exists() else b""
        text += b"" if not text or text.endswith(b"\n") else b"\n"
        write_durably(path, text + f"{line}\n".encode("utf-8", "replace"))
    except OSError as error:
        raise AutograderError(
            f"expected to write {path}, received {error}; permit it; the mark and the comment are saved"
        ) from error
