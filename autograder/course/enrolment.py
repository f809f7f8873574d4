"""Who takes the course: `course/roster.csv`, read so that whatever is odd in it is named and nobody is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.folder import Course
from autograder.course.roster_file import Enrolled, RosterFile, read_roster_file

# A file that is no roster at all would be odd on every line.
MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Enrolment:
    """The students of a course.

    Attributes:
        names: Their names by id, in the roster's order; None when the course keeps no roster.
        problems: What is odd in the roster, a sentence each.
        students: The lines of the roster that count, by id.
    """

    names: dict[str, str] | None = None
    problems: tuple[str, ...] = ()
    students: dict[str, Enrolled] | None = None


def roster_path(course: Course) -> Path:
    """Where the course's roster is, if it keeps one."""
    return course.root / "course" / "roster.csv"


def read_enrolment(course: Course) -> Enrolment:
    """Read the course's roster: a CSV file with a column `id` and, if it likes, `lms_id`, `name` and `email`.

    Raises:
        UsageError: It cannot be read, or has no column `id`.
    """
    path = roster_path(course)
    if not path.exists():
        return Enrolment()
    file = read_roster_file(path)
    students: dict[str, Enrolled] = {}
    for one in file.lines:
        if one.id:
            students.setdefault(one.id, one)
    problems = [*file.problems, *_ids(file, students), *_doubles(file, students.values())]
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        problems[MOST_PROBLEMS:] = [f"{path.name}: {more} more oddities as these; is it the roster?"]
    return Enrolment({one.id: one.name for one in students.values()}, tuple(problems), students)


def _ids(file: RosterFile, students: dict[str, Enrolled]) -> Iterator[str]:
    alike: dict[str, Enrolled] = {}
    for one in file.lines:
        where = f"{file.path.name}, line {one.line}"
        if not one.id:
            beside = one.name or one.email or one.lms_id
            yield (
                f"{where}: expected an id, found a blank one{f' beside {beside!r}' if beside else ''}; this student "
                "has no mark until the id is there."
            )
        elif students[one.id] is not one:
            yield (
                f"{where}: expected each id once, found {one.id!r} again; the line is passed over: remove it, or give "
                "it the id of the student who was meant."
            )
        elif (other := alike.setdefault(one.id.casefold(), one)) is not one:
            yield (
                f"{where}: expected ids that differ, found {one.id!r} and, on line {other.line}, {other.id!r}, which "
                "differ in capital letters only; both have marks: leave the one that is the student's."
            )


def _doubles(file: RosterFile, students: Iterable[Enrolled]) -> Iterator[str]:
    """What should tell students apart and is the same for two."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in students:
        for column, value in (("lms_id", one.lms_id), ("email", one.email)):
            if value:
                found.setdefault((column, value.casefold()), []).append(one.id)
    for (column, value), ids in found.items():
        if len(ids) > 1:
            yield (
                f"{file.path.name}: expected each {column} once, found {value!r} for {', '.join(ids)}; nobody is known "
                "by it until it is one student's."
            )
