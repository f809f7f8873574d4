"""The gradebook as `autograder status` reads it: opened so that nothing can be written, and not made where none is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.course.gradebook_trouble import gradebook_error
from autograder.grading.given import Given, given_in


@dataclass(frozen=True)
class GradebookReading:
    """What the gradebook has.

    Attributes:
        given: What people gave and what waits for them, by assignment and student.
        trouble: Why it could not be read, as a sentence; "" where it could, or there is none yet.
    """

    given: Mapping[str, Mapping[str, Given]]
    trouble: str = ""


def read_gradebook(course: Course) -> GradebookReading:
    """Read what the gradebook has of every assignment it knows."""
    try:
        with _connected(course) as connection:
            if connection is None:
                return GradebookReading({})
            names = [str(name) for (name,) in connection.execute(text("SELECT name FROM assignment ORDER BY name"))]
            return GradebookReading({name: given_in(connection, name) for name in names})
    except (SQLAlchemyError, OSError, ValueError, TypeError) as error:  # SQLite keeps any text where a number should be
        return GradebookReading({}, str(gradebook_error(course.db_url, "to read nbgrader's gradebook", error)))


@contextmanager
def _connected(course: Course) -> Iterator[Connection | None]:
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        path = Path(url.database)
        if not path.exists():
            yield None
            return
        url = (
            make_url("sqlite://")
            .set(database=path.absolute().as_uri())
            .update_query_dict({"mode": "ro", "uri": "true"})
        )
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
