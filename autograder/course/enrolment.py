"""Who takes the course: `course/roster.csv`, read so that whatever is odd in it is named and nobody is lost."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from autograder.course.folder import Course
from autograder.errors import UsageError


@dataclass(frozen=True)
class Enrolment:
    """The students of a course.

    Attributes:
        names: Their names by id, in the roster's order; None when the course keeps no roster.
        problems: What is odd in the roster, a sentence each.
    """

    names: dict[str, str] | None = None
    problems: tuple[str, ...] = ()


def read_enrolment(course: Course) -> Enrolment:
    """Read the course's roster: a CSV file with a column `id` and, if it likes, `name`.

    Raises:
        UsageError: It cannot be read, or has no column `id`.
    """
    path = course.root / "course" / "roster.csv"
    if not path.exists():
        return Enrolment()
    rows = _rows(path)
    names: dict[str, str] = {}
    problems = []
    for line, student, name in rows:
        if not student:
            problems.append(
                f"{path.name}, line {line}: expected an id, found a blank one{f' beside {name!r}' if name else ''}; "
                "this student has no mark until the id is there."
            )
        elif student in names:
            problems.append(
                f"{path.name}, line {line}: expected each id once, found {student!r} again; the line is passed over: "
                "remove it, or give it the id of the student who was meant."
            )
        else:
            names[student] = name
    return Enrolment(names, tuple(problems))


def _rows(path: Path) -> list[tuple[int, str, str]]:
    """Every line with something in it: its number, id and name."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = list(reader.fieldnames or ())
            rows = [(reader.line_num, (row.get("id") or "").strip(), (row.get("name") or "").strip()) for row in reader]
    except UnicodeDecodeError as error:
        raise UsageError(
            f"expected {path} in UTF-8, found byte {error.object[error.start]:#x} at position {error.start}, which is "
            'none; save it again as "CSV UTF-8"'
        ) from error
    except (OSError, csv.Error) as error:
        raise UsageError(f"expected a roster (CSV, UTF-8) at {path}, received {error}; correct it") from error
    if "id" not in columns:
        raise UsageError(f"expected a column `id` in {path}, found {columns}; add it")
    return rows
