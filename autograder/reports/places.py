"""Where each page lies, and how others link to it: names from outside never become paths or addresses unseen."""

from __future__ import annotations

from urllib.parse import quote

from autograder.errors import UsageError

MARKS_TABLE = "marks.csv"
"""The file of the class's marks, beside the overview."""

TRANSCRIPTS = "transcripts"
"""The folder of transcripts in the reports' folder, beside those of the assignments."""

CLASS_PAGE = "class.html"
"""The page about the class over all assignments, in the reports' folder."""

_RESERVED = frozenset({"", ".", ".."})


def page_path(student: str, assignment: str) -> str:
    """The path of a student's page, relative to the reports' folder.

    Raises:
        UsageError: A name that would lead out of the folder or that no file can have.
    """
    return f"{_file_name(student, 'student id')}/{_file_name(assignment, 'assignment name')}.html"


def page_link(student: str, assignment: str) -> str:
    """The relative link to a student's page from the reports' folder, quoted, so that no name can be a scheme."""
    return link_to(page_path(student, assignment))


def transcript_path(student: str) -> str:
    """The path of a student's transcript, relative to the reports' folder.

    Raises:
        UsageError: An id that would lead out of the folder or that no file can have.
    """
    return f"{TRANSCRIPTS}/{_file_name(student, 'student id')}.html"


def link_to(path: str, up: int = 0) -> str:
    """The relative link to a path of the reports' folder, quoted, so that no name can be a scheme.

    Args:
        path: The path, relative to the reports' folder.
        up: How many folders below the reports' folder the page lies that has the link.
    """
    return f"./{'../' * up}{quote(path, safe='/')}"


def _file_name(name: str, what: str) -> str:
    unusable = name in _RESERVED or any(character in "/\\" or ord(character) < 32 for character in name)
    try:
        too_long = len(name.encode()) > 200
    except UnicodeEncodeError:
        unusable, too_long = True, False
    if unusable or too_long:
        raise UsageError(
            f"expected a {what} that can name a file (no path separators or control characters, at most 200 bytes), "
            f"received {name[:80]!a}; rename it in the course"
        )
    return name
