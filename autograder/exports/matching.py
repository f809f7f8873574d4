"""Who is who, and which column is which assignment's: by ids, addresses and titles. Nobody is guessed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.course import Assignment
from autograder.course.csv_table import seen
from autograder.course.roster_file import Enrolled
from autograder.errors import UsageError
from autograder.exports.gradebook_file import POSSESSIVES, TITLES, GradebookFile, GradeColumn, Kind, Person, folded

MOST_NAMES = 10


@dataclass(frozen=True)
class Matches:
    """Which row is whose.

    Attributes:
        people: The platform's row of each student who has exactly one, by the student's id.
        problems: Who could not be matched, on both sides, a sentence each.
    """

    people: Mapping[str, Person]
    problems: tuple[str, ...]


class _Known:
    """The course's students by what they can be known by."""

    def __init__(self, students: Sequence[Enrolled]) -> None:
        self.exactly: dict[tuple[Kind, str], set[str]] = {}
        self.alike: dict[tuple[Kind, str], set[str]] = {}
        for one in students:
            values: tuple[tuple[Kind, str], ...] = (("own", one.lms_id), ("known", one.id), ("known", one.email))
            for kind, value in values:
                if value:
                    self.exactly.setdefault((kind, value), set()).add(one.id)
                    self.alike.setdefault((kind, value.casefold()), set()).add(one.id)

    def students(self, kind: Kind, value: str) -> set[str]:
        """Whom a value means: whoever has it exactly, else whoever has it but for capital letters."""
        value = seen(value)
        return self.exactly.get((kind, value)) or self.alike.get((kind, value.casefold())) or set()


def match_people(file: GradebookFile, students: Sequence[Enrolled]) -> Matches:
    """Find each student's row.

    All of a row's ids and addresses that anybody here has must mean the same student. The platform's own number means
    the roster's `lms_id`; where no row of the file is known otherwise, the course's ids are those numbers.

    Args:
        file: The platform's gradebook.
        students: Everybody who has a mark.
    """
    known = _Known(students)
    meant = {person: _meant(file, person, known) for person in file.people}
    if not any(meant.values()) and any(key.kind == "own" for key in file.keys):
        ids = _Known([Enrolled(one.id, lms_id=one.id) for one in students])
        meant = {person: _meant(file, person, ids) for person in file.people}
    rows: dict[str, list[Person]] = {}
    problems = []
    strangers = []
    for person, found in meant.items():
        if len(found) == 1:
            rows.setdefault(next(iter(found)), []).append(person)
        elif found:
            problems.append(
                f"{file.source}, line {person.line}: expected one student, found that {person.name or 'it'!r} fits "
                f"{' and '.join(sorted(found))}; not exported: correct id, lms_id or email in course/roster.csv."
            )
        else:
            strangers.append(repr(person.name) if person.name else f"line {person.line}")
    people = {}
    for student, persons in rows.items():
        if len(persons) == 1:
            people[student] = persons[0]
        else:
            lines = " and ".join(str(one.line) for one in persons)
            problems.append(
                f"{file.source}: expected one row for {student}, found lines {lines}; not exported: correct id, lms_id "
                "or email in course/roster.csv."
            )
    whose = POSSESSIVES[file.platform]
    if strangers:
        problems.append(
            f"In {whose} file, and not known here by id or e-mail: {listed(strangers)}; they get nothing: enter "
            f"{'lms_id or ' if file.platform == 'canvas' else ''}email in course/roster.csv."
        )
    ambiguous = {student for found in meant.values() if len(found) > 1 for student in found}
    if absent := sorted({one.id for one in students} - rows.keys() - ambiguous):
        problems.append(f"Here, and not in {whose} file: {listed(absent)}; nothing is exported for them.")
    return Matches(people, tuple(problems))


def match_columns(
    file: GradebookFile, assignments: Sequence[Assignment], chosen: Mapping[str, str]
) -> tuple[dict[str, GradeColumn], list[str]]:
    """Find each assignment's column: the one that is called as its title or id, or that is chosen.

    Args:
        file: The platform's gradebook.
        assignments: The assignments that are exported.
        chosen: Headings by assignment's id, where they are called otherwise.

    Returns:
        The columns by assignment's id, and a sentence for each assignment that has none.

    Raises:
        UsageError: A chosen column does not exist, several columns could be one assignment's, or one could be two's.
    """
    found: dict[str, GradeColumn] = {}
    problems = []
    title = TITLES[file.platform]
    for one in assignments:
        if one.id in chosen:
            found[one.id] = chosen_column(file, one.id, chosen[one.id])
            continue
        names = {folded(one.id), folded(one.title)}
        columns = [column for column in file.columns if column.names & names]
        if len(columns) > 1:
            raise UsageError(
                f"expected one column of {file.source} for {one.id}, found {quoted(columns)}; say which with --column "
                f"{one.id}=HEADING"
            )
        if columns:
            found[one.id] = columns[0]
        else:
            close = [column for column in file.columns if _is_close(column, names)]
            problems.append(
                f"{POSSESSIVES[file.platform]} file has no column for {one.id} ({one.title!r}); it is not exported: "
                f"create it in {title} and download again, or say which it is with --column {one.id}=HEADING"
                f"{f' (is it {quoted(close)}?)' if close else ''}."
            )
    taken: dict[int, str] = {}
    for name, column in found.items():
        if (other := taken.setdefault(column.place, name)) != name:
            raise UsageError(
                f"expected a column for each assignment, found {column.header!r} for {other} and {name}; say which "
                "with --column ASSIGNMENT=HEADING"
            )
    return found, problems


def chosen_column(file: GradebookFile, what: str, heading: str) -> GradeColumn:
    """The column with that heading, as the platform writes it or as people mean it.

    Raises:
        UsageError: There is none, or there are several.
    """
    exactly = [one for one in file.columns if one.header == seen(heading)]
    columns = exactly or [one for one in file.columns if folded(heading) in one.names]
    if len(columns) != 1:
        there = quoted(columns) if columns else f"only {quoted(file.columns) or 'no column of marks'}"
        raise UsageError(f"expected one column {heading!r} for {what} in {file.source}, found {there}; correct it")
    return columns[0]


def unknown_columns(file: GradebookFile, found: Collection[GradeColumn]) -> Iterator[str]:
    """Name the platform's columns that nothing here belongs to."""
    places = {one.place for one in found}
    if others := [one.header for one in file.columns if one.place not in places and one.listed]:
        yield f"In {POSSESSIVES[file.platform]} file, and left alone: {listed(others)}."


def listed(names: Sequence[str]) -> str:
    """Names for a sentence, the first few of many."""
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"


def quoted(columns: Sequence[GradeColumn]) -> str:
    """Headings of columns for a sentence."""
    return listed([repr(one.header) for one in columns])


def _is_close(column: GradeColumn, names: Collection[str]) -> bool:
    """Whether a person could mean an assignment of these names by a heading."""
    words = [set(name.split()) for name in names]
    return any(
        set(one.split()) > those or difflib.get_close_matches(one, names) for one in column.names for those in words
    )


def _meant(file: GradebookFile, person: Person, known: _Known) -> frozenset[str]:
    """The students whom a row can be: one, none, or those that its ids disagree about."""
    sets = [found for key in file.keys if (found := known.students(key.kind, person.cells[key.column]))]
    if not sets:
        return frozenset()
    return frozenset(set.intersection(*sets) or set.union(*sets))
