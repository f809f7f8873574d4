"""What went wrong with nbgrader's gradebook, in a sentence that says what to do about it."""

from __future__ import annotations

from sqlalchemy.engine import make_url

from autograder.errors import GradebookError

# SQLite waits this long for a lock before it gives up: the formgrader holds one for moments only.
BUSY_SECONDS = 30.0
MAX_LINE = 300

# What SQLite says, and the way out.
_REMEDIES = (
    (
        "database is locked",
        "another program has held it for longer than {busy:.0f} s: stop whatever else writes to the gradebook (an open "
        "transaction of a database browser, a hung formgrader), then run the same command again; what is graded stays "
        "graded",
    ),
    ("readonly database", "permit writing to the file and to its folder, then run the same command again"),
    ("unable to open", "permit reading and writing the file and its folder, then run the same command again"),
    ("is full", "free space on its disk, then run the same command again; what is graded stays graded"),
    ("disk I/O error", "look after its disk, then run the same command again; what is graded stays graded"),
    (
        "isoformat",
        "correct that moment with a database browser, or put a backup in its place (`autograder recover --backup "
        "FILE`)",
    ),
    ("malformed", "run `autograder recover`, which puts the last backup and the ledger's marks in its place"),
    ("not a database", "run `autograder recover`, which puts the last backup and the ledger's marks in its place"),
)


def gradebook_error(db_url: str, expected: str, error: Exception, outcome: str = "") -> GradebookError:
    """Return what to raise for an error of the database.

    Args:
        db_url: The gradebook's URL.
        expected: What was to be done, as "to save the marks of ada".
        error: What SQLAlchemy or the system raised.
        outcome: How things stand now, as "nothing was changed".
    """
    said = first_line(error)
    remedy = next(
        (text.format(busy=BUSY_SECONDS) for words, text in _REMEDIES if words in said),
        "if nbgrader was upgraded, back the file up and run `nbgrader db upgrade`",
    )
    stand = f"{outcome}: " if outcome else ""
    return GradebookError(
        f"expected {expected} ({shown(db_url)}), received {type(error).__name__}: {said}; {stand}{remedy}"
    )


def patient(db_url: str) -> str:
    """The URL with which SQLite waits for another program's lock instead of giving up after 5 s."""
    url = make_url(db_url)
    if url.get_backend_name() != "sqlite" or "timeout" in url.query:
        return db_url
    return url.update_query_dict({"timeout": f"{BUSY_SECONDS:g}"}).render_as_string(hide_password=False)


def shown(db_url: str) -> str:
    """The URL as a person may read it."""
    return str(make_url(db_url).set(query={}))


def first_line(error: BaseException) -> str:
    """Return what an error says in one line of at most 300 characters; of a database error, what the database said."""
    original = getattr(error, "orig", None) or error
    line = (str(original).strip().splitlines() or [type(original).__name__])[0]
    return line if len(line) <= MAX_LINE else f"{line[: MAX_LINE - 1]}…"
