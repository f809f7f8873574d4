"""Whatever names, titles and marks there are: after the import the platform has exactly the marks that were given."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import Course, Exceptions, open_course
from autograder.course.roster_file import Enrolled
from autograder.exports import ExportOptions, export_marks, marks_workbook
from autograder.marks import ClassMarks, Score, compute_marks
from tests.exports.platforms import Account, import_into_canvas, import_into_moodle
from tests.marks.classroom import COURSE

AT = datetime(2027, 3, 10, tzinfo=UTC)
ASSIGNMENTS = ("layers", "images", "words", "final")
TITLES = {"4711": "Layers", "4712": "Images", "4713": "Words", "4714": "Final"}
BY_ID = dict(zip(ASSIGNMENTS, TITLES, strict=True))
POINTS = st.integers(0, 4000).map(lambda hundredths: Fraction(hundredths, 100)) | st.integers(0, 120).map(
    lambda thirds: Fraction(thirds, 3)
)
# Names as they may come: commas, quotation marks, line ends, formulas, other scripts.
NAMES = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), min_size=1, max_size=20) | (
    st.sampled_from(["=1+1", "@SUM(A1)", "-2,5", "\t=cmd", '"', "O'Neill; Anna", "a\nb", "a\r\nb", "Noël, Zoë", "+49"])
)
MARKS = st.sampled_from(["", "12.5", "0.00", "40"])


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("round") / "networks"
    (root / "course").mkdir(parents=True)
    (root / "course" / "course.toml").write_text(COURSE, encoding="utf-8")
    return open_course(root)


@st.composite
def classes(draw: st.DrawFn) -> tuple[dict[str, str], list[Score], list[dict[str, str]]]:
    """Names by id, scores, and what the platform has."""
    names = {f"s{number}": draw(NAMES) for number in range(draw(st.integers(1, 5)))}
    scores = []
    for student in names:
        for assignment in ASSIGNMENTS:
            state = draw(st.sampled_from(["graded", "graded", "waiting", "absent"]))
            if state != "absent":
                waits = ("A person has to mark.",) if state == "waiting" else ()
                scores.append(Score(student, assignment, Fraction(40), draw(POINTS), handed_in=None, waiting=waits))
    there = [{one: mark for one in ASSIGNMENTS if (mark := draw(MARKS))} for _ in names]
    return names, scores, there


def marks_of(course: Course, names: Mapping[str, str], scores: list[Score]) -> ClassMarks:
    roster = {one: Enrolled(one, name=name, email=f"{one}@example.org") for one, name in names.items()}
    marks = compute_marks(course.settings, Exceptions(), scores, names, AT)
    return ClassMarks(course, AT, marks, names, (), roster)


def expected(found: ClassMarks, there: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Fraction]]:
    """What the platform has to have afterwards: our mark to two decimals, else its own."""
    wanted: dict[str, dict[str, Fraction]] = {}
    for mark in found.marks:
        own = {one: Fraction(cell) for one, cell in there[mark.student].items()}
        for one in mark.assignments:
            if one.standing.normalised is not None:
                hundredths = one.standing.normalised * 40 * 100
                half_up = Fraction((2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator))
                own[one.standing.assignment.id] = half_up / 100
        wanted[mark.student] = own
    return wanted


def runs(cell: str) -> bool:
    """Whether a spreadsheet may run a cell of a CSV file."""
    return cell.lstrip(" ")[:1] in tuple("=+-@\t\r\n")


def written(path: Path, rows: list[list[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


@settings(max_examples=60, deadline=None)
@given(found=classes())
def test_canvas_has_exactly_our_marks(
    course: Course,
    tmp_path_factory: pytest.TempPathFactory,
    found: tuple[dict[str, str], list[Score], list[dict[str, str]]],
) -> None:
    names, scores, there = found
    marks = marks_of(course, names, scores)
    rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(f"{TITLES[one]} ({one})" for one in TITLES)],
        ["    Points Possible", "", "", "", "", "40.00", "40.00", "40.00", "40.00"],
    ]
    for number, (student, name) in enumerate(names.items()):
        rows.append([name, str(100 + number), student, "", "S", *(there[number].get(one, "") for one in ASSIGNMENTS)])
    path = written(tmp_path_factory.mktemp("canvas") / "canvas.csv", rows)
    export = export_marks(marks, ExportOptions("canvas", path))
    assert export.problems == ()
    canvas = [
        Account(100 + number, student, "", name, {BY_ID[one]: mark for one, mark in there[number].items()})
        for number, (student, name) in enumerate(names.items())
    ]
    if export.text is not None:
        import_into_canvas(export.text, canvas, TITLES)
        for row in csv.reader(io.StringIO(export.text, newline="")):
            assert not any(runs(cell) for cell in row)
    after = {
        one.known_as: {title: Fraction(one.marks[BY_ID[title]]) for title in ASSIGNMENTS if BY_ID[title] in one.marks}
        for one in canvas
    }
    assert after == expected(marks, dict(zip(names, there, strict=True)))


@settings(max_examples=60, deadline=None)
@given(found=classes())
def test_moodle_has_exactly_our_marks(
    course: Course,
    tmp_path_factory: pytest.TempPathFactory,
    found: tuple[dict[str, str], list[Score], list[dict[str, str]]],
) -> None:
    names, scores, there = found
    marks = marks_of(course, names, scores)
    items = {f"Assignment: {one.title()} (Real)": one for one in ASSIGNMENTS}
    rows = [["First name", "Last name", "ID number", "Email address", *items]]
    for number, (student, name) in enumerate(names.items()):
        cells = [there[number].get(one, "-") for one in ASSIGNMENTS]
        rows.append([name, "", "" if number % 2 else student, f"{student}@example.org", *cells])
    path = written(tmp_path_factory.mktemp("moodle") / "moodle.csv", rows)
    export = export_marks(marks, ExportOptions("moodle", path))
    assert export.problems == ()
    moodle = [
        Account(number, "" if number % 2 else student, f"{student}@example.org", name, dict(there[number]))
        for number, (student, name) in enumerate(names.items())
    ]
    if export.text is not None:
        assert export.maps is not None
        header = next(csv.reader(io.StringIO(export.text, newline="")))
        there_now = {heading: item for heading, item in items.items() if heading in header}
        import_into_moodle(export.text, moodle, *export.maps, there_now)
    after = {
        student: {one: Fraction(mark) for one, mark in account.marks.items()}
        for student, account in zip(names, moodle, strict=True)
    }
    assert after == expected(marks, dict(zip(names, there, strict=True)))


@settings(max_examples=30, deadline=None)
@given(found=classes())
def test_an_export_read_back_changes_nothing(
    course: Course,
    tmp_path_factory: pytest.TempPathFactory,
    found: tuple[dict[str, str], list[Score], list[dict[str, str]]],
) -> None:
    names, scores, _ = found
    marks = marks_of(course, names, scores)
    for platform in ("canvas", "moodle"):
        export = export_marks(marks, ExportOptions(platform))
        if export.text is not None:
            path = tmp_path_factory.mktemp("again") / "first.csv"
            path.write_text(export.text, encoding="utf-8", newline="")
            again = export_marks(marks, ExportOptions(platform, since=(path,)))
            assert again.changes is not None
            written_before = export.num_students
            assert again.changes.num_unchanged >= written_before
            assert {one.student for one in again.changes.changes}.isdisjoint(_students(export.text))


def _students(text: str) -> set[str]:
    return {cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row if cell.startswith("s")}


@settings(max_examples=30, deadline=None)
@given(found=classes())
def test_a_workbook_has_numbers_as_numbers_and_runs_nothing(
    course: Course, found: tuple[dict[str, str], list[Score], list[dict[str, str]]]
) -> None:
    names, scores, _ = found
    marks = marks_of(course, names, scores)
    book = openpyxl.load_workbook(io.BytesIO(marks_workbook(marks)))
    sheet = book["Marks"]
    columns = [cell.value for cell in sheet[1]]
    for row, mark in zip(sheet.iter_rows(min_row=2), marks.marks, strict=True):
        cells = dict(zip(columns, row, strict=True))
        assert (cells["student"].value, cells["student"].data_type) == (mark.student, "s")
        rounded = cells["mark"].value
        assert rounded is None if mark.rounded is None else Decimal(str(rounded)) == mark.rounded
        assert all(cell.data_type in ("s", "n") for cell in row)
