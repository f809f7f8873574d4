"""Canvas' gradebook file: `Student`, `ID`, its SIS columns, `Section`, then assignments; points in a row of their own.

What Canvas reads is written down in docs/exports.md, with where that is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from autograder.course.csv_table import CsvTable, read_csv_table
from autograder.course.roster_file import Enrolled
from autograder.errors import UsageError
from autograder.exports.gradebook_file import GradebookFile, GradeColumn, Key, Kind, Person, folded, number

STUDENT_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"
EXCUSED = "EX"
NOT_ASSIGNED = "N/A"
TEST_STUDENT = "student, test"
_KEYS: dict[str, Kind] = {"id": "own", "sis user id": "known", "sis login id": "known", "integration id": "known"}
_WITH_ID = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d+)\)", re.DOTALL)
# Canvas takes every column with one of these words in its heading for a total of its own and reads nothing from it.
_TOTALS = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
_POSTING = re.compile(r"\s*(muted|manual posting.*)?\s*", re.IGNORECASE)
_READ_ONLY = re.compile(r"read\s+only")


def read_canvas(path: Path) -> GradebookFile:
    """Read a gradebook that Canvas exported, or an earlier export to it.

    Raises:
        UsageError: It is none.
    """
    table = read_csv_table(path, "Canvas' gradebook")
    headers = [folded(one) for one in table.columns]
    begins = ["lastname", "firstname", "id"] if "lastname" in headers[:1] else ["student", "id"]
    if headers[: len(begins)] != begins or "section" not in headers:
        raise UsageError(
            f"expected Canvas' gradebook at {path}, with the columns Student, ID and Section, found "
            f"{', '.join(map(repr, table.columns[:6]))}; download it from Canvas (Gradebook, Export) as it is"
        )
    last = headers.index("section")
    for name in table.columns[: last + 1]:
        table.column(name)
    points = next((row.cells for row in table.rows if "points possible" in row.cells[0].casefold()), ())
    people = tuple(
        Person(row.line, _name(row.cells, last), row.cells)
        for row in table.rows
        if row.cells != points and not _without_student(row.cells)
    )
    return GradebookFile(
        platform="canvas",
        source=path.name,
        headers=table.columns,
        carried=tuple(range(last + 1)),
        keys=tuple(Key(place, _KEYS[name]) for place, name in enumerate(headers[: last + 1]) if name in _KEYS),
        columns=tuple(_columns(table, last + 1, points)),
        people=people,
        downloaded=True,
        points_row=points,
    )


def canvas_from_roster(students: Sequence[Enrolled], columns: Mapping[str, Fraction]) -> GradebookFile:
    """The file that Canvas has nothing in yet: one row for each student, one column for each title with its points.

    Raises:
        UsageError: Canvas would take a title for something else.
    """
    for title in columns:
        if _TOTALS.search(title) or _WITH_ID.fullmatch(title):
            raise UsageError(
                f"expected a title that Canvas reads as an assignment's, found {title!r}, which it takes for "
                f"{'a total of its own' if _TOTALS.search(title) else 'the number of another one'}; give its own file "
                "with --from, or change the title"
            )
    first = len(STUDENT_COLUMNS)
    return GradebookFile(
        platform="canvas",
        source="the roster",
        headers=(*STUDENT_COLUMNS, *columns),
        carried=tuple(range(first)),
        keys=(Key(1, "own"), Key(2, "known"), Key(3, "known")),
        columns=tuple(
            GradeColumn(first + index, title, frozenset({folded(title)}), points)
            for index, (title, points) in enumerate(columns.items())
        ),
        people=tuple(
            Person(
                one.line,
                one.name or one.id,
                # Canvas reads the number an ID begins with, so that anything else could be another student's.
                (
                    one.name or one.id,
                    one.lms_id if re.fullmatch(r"\d+", one.lms_id, re.ASCII) else "",
                    one.id,
                    one.email or one.id,
                    "",
                    *("" for _ in columns),
                ),
            )
            for one in students
        ),
        downloaded=False,
    )


def _columns(table: CsvTable, first: int, points: Sequence[str]) -> list[GradeColumn]:
    found = []
    for place in range(first, len(table.columns)):
        header, full = table.columns[place], points[place] if points else ""
        if not header or _TOTALS.search(header) or _READ_ONLY.search(full):
            continue
        with_id = _WITH_ID.fullmatch(header)
        names = {folded(header), *([folded(with_id["title"])] if with_id else [])}
        found.append(GradeColumn(place, header, frozenset(names), number(full), listed=with_id is not None))
    return found


def _name(cells: Sequence[str], last: int) -> str:
    return cells[0].strip() or next((cell.strip() for cell in cells[1 : last + 1] if cell.strip()), "")


def _without_student(cells: Sequence[str]) -> bool:
    """Rows that say how marks are posted, and the student that Canvas gives every teacher to try things with."""
    return all(_POSTING.fullmatch(cell) for cell in cells) or folded(cells[0]) == TEST_STUDENT
