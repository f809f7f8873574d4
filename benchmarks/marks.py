"""Marks of a large class: 1,000 students, 20 assignments of 6 marked cells, from gradebook and result records.

What is timed is what `autograder marks` and `autograder export` do once their modules are loaded: open the course, read
the gradebook and the records, compute everybody's mark, and make what is shown or written. The class is drawn from a
seed; its gradebook is nbgrader's own, filled row by row as its interface leaves it.

Run with `make bench-marks`.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, BaseCell, Grade, Notebook, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import insert, select

from autograder.course import Course, open_course
from autograder.exports import ExportOptions, Platform, export_marks, marks_workbook
from autograder.marks import ClassMarks, class_marks

CELLS = 6
POINTS = 5
COMPONENTS = ("activities", "quizzes", "project", "exam")
START = datetime(2027, 2, 1, tzinfo=UTC)
PROMISE_SECONDS = 3.0
ROUNDS = 3
# As large as the record of a lab with a dozen checks.
RECORD = '{"schema_version": 1, "status": "graded", "notes": ["' + "x" * 12_000 + '"]}\n'


def make_class(root: Path, students: int, assignments: int) -> Course:
    """Make a course whose class has handed in almost everything, some of it late or unmarked."""
    (root / "course").mkdir(parents=True)
    (root / "course" / "course.toml").write_text(_toml(assignments), encoding="utf-8")
    names = [f"student{number:04d}" for number in range(students)]
    (root / "course" / "roster.csv").write_text("id\n" + "\n".join(names) + "\n", encoding="utf-8")
    course = open_course(root)
    draw = random.Random(1)  # noqa: S311 - a class, not a secret
    with course.gradebook() as gradebook:
        for number in range(assignments):
            gradebook.add_assignment(f"a{number:02d}", duedate=f"{_due(number):%Y-%m-%d %H:%M:%S} UTC")
            gradebook.add_notebook("notebook", f"a{number:02d}")
            for cell in range(CELLS):
                gradebook.add_grade_cell(
                    f"cell{cell}", "notebook", f"a{number:02d}", max_score=POINTS, cell_type="code"
                )
        gradebook.db.execute(insert(Student), [{"id": name} for name in names])
        rows = gradebook.db.execute(select(Assignment.id, Assignment.name, Notebook.id).join(Notebook)).all()
        for assignment, name, notebook in rows:
            cells = [one for (one,) in gradebook.db.execute(select(BaseCell.id).filter_by(notebook_id=notebook))]
            _hand_in(gradebook.db, draw, assignment, notebook, int(name[1:]), cells, names)
        gradebook.db.commit()
    for name in names:
        (root / "results" / name).mkdir(parents=True)
        for number in range(assignments):
            (root / "results" / name / f"a{number:02d}.json").write_text(RECORD, encoding="utf-8")
    return course


def _hand_in(
    database: Any,
    draw: random.Random,
    assignment: str,
    notebook: str,
    number: int,
    cells: list[str],
    names: list[str],
) -> None:
    submitted, notebooks, grades = [], [], []
    for name in names:
        if draw.random() < 0.03:
            continue
        key = f"{number:02d}-{name}"
        moment = _due(number).replace(tzinfo=None) + timedelta(hours=draw.choice((-5, -5, -5, -5, -5, -5, 3, 30)))
        submitted.append({"id": key, "assignment_id": assignment, "student_id": name, "timestamp": moment})
        notebooks.append({"id": key, "assignment_id": key, "notebook_id": notebook})
        for cell in cells:
            waits = draw.random() < 0.002
            grades.append(
                {
                    "id": f"{key}-{cell[:12]}",
                    "cell_id": cell,
                    "notebook_id": key,
                    "auto_score": None if waits else draw.randrange(6) * POINTS / 5,
                    "needs_manual_grade": waits,
                }
            )
    for table, rows in ((SubmittedAssignment, submitted), (SubmittedNotebook, notebooks), (Grade, grades)):
        database.execute(insert(table), rows)


def _due(number: int) -> datetime:
    return START + timedelta(days=5 * number + 5)


def _toml(assignments: int) -> str:
    text = ""
    for name, weight in zip(COMPONENTS, (20, 20, 30, 30), strict=True):
        text += f'[[components]]\nid = "{name}"\ntitle = "{name}"\nweight = {weight}\ndrop_lowest = 1\n\n'
    for number in range(assignments):
        text += f'[[assignments]]\nid = "a{number:02d}"\nkind = "lab"\ntitle = "{number}"\n'
        text += f'component = "{COMPONENTS[number % len(COMPONENTS)]}"\n'
        text += f"released = {START.isoformat()}\ndue = {_due(number).isoformat()}\n\n"
    return text + "[policies.late]\npercent_per_day = 10\nbudget_days = 3\n"


def downloaded(folder: Path, platform: Platform, students: int, assignments: int) -> Path:
    """The gradebook as the platform would export it, with marks in the first column and none in the others."""
    names = [f"student{number:04d}" for number in range(students)]
    empty = [""] * (assignments - 1)
    if platform == "canvas":
        titles = [f"{number} ({4000 + number})" for number in range(assignments)]
        rows = [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles],
            ["    Points Possible", "", "", "", "", *["30.00"] * assignments],
            *([name, str(100 + line), name, f"{name}@x", "S", "12.00", *empty] for line, name in enumerate(names)),
        ]
    else:
        titles = [f"Assignment: {number} (Real)" for number in range(assignments)]
        rows = [
            ["First name", "Last name", "ID number", "Email address", *titles],
            *([name, "", name, f"{name}@example.org", "12.00", *empty] for name in names),
        ]
    path = folder / f"{platform}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def time_exports(found: ClassMarks, folder: Path, students: int, assignments: int) -> list[str]:
    """A line for each kind of export: the processor's seconds besides the marks', and what it makes."""
    lines = []
    platforms: tuple[Platform, ...] = ("canvas", "moodle")
    for platform in platforms:
        path = downloaded(folder, platform, students, assignments)
        begun = time.process_time()
        export = export_marks(found, ExportOptions(platform, path))
        seconds = time.process_time() - begun
        text = export.text or ""
        lines.append(f"{platform} besides: {seconds:.2f} s for {export.num_students} rows, {len(text) // 1024} KiB")
        earlier = folder / f"{platform}-earlier.csv"
        earlier.write_text(text, encoding="utf-8", newline="")
        begun = time.process_time()
        export = export_marks(found, ExportOptions(platform, path, since=(earlier,)))
        seconds = time.process_time() - begun
        unchanged = 0 if export.changes is None else export.changes.num_unchanged
        lines.append(f"{platform} --since besides: {seconds:.2f} s, {unchanged} unchanged")
    begun = time.process_time()
    book = marks_workbook(found)
    seconds = time.process_time() - begun
    lines.append(f"XLSX with every derivation besides: {seconds:.2f} s for {len(book) // 1024} KiB")
    return lines


def main() -> int:
    """Make the class, time its marks, print the table; return 1 when the promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--assignments", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", options.students, options.assignments)
        at = START + timedelta(days=365)
        seconds, of_processor = [], []
        for _ in range(ROUNDS):
            begun, used = time.perf_counter(), time.process_time()
            found = class_marks(open_course(course.root), at)
            seconds.append(time.perf_counter() - begun)
            of_processor.append(time.process_time() - used)
        begun = time.perf_counter()
        table = found.csv()
        csv_seconds = time.perf_counter() - begun
        begun = time.perf_counter()
        record = found.report().model_dump_json()
        json_seconds = time.perf_counter() - begun
        exports = time_exports(found, Path(folder), options.students, options.assignments)
    waiting = sum(not mark.final for mark in found.marks)
    print(f"{options.students} students, {options.assignments} assignments; {waiting} students have work that waits")
    print(f"marks, read and computed: {', '.join(f'{one:.2f}' for one in seconds)} s (promise: {PROMISE_SECONDS:g} s)")
    print(f"of the processor's time: {', '.join(f'{one:.2f}' for one in of_processor)} s; more above: a busy machine")
    print(f"CSV besides: {csv_seconds:.2f} s for {len(table) // 1024} KiB")
    print(f"JSON with every derivation besides: {json_seconds:.2f} s for {len(record) // 1024} KiB")
    print("exports, of the processor's time:", *exports, sep="\n    ")
    kept = statistics.median(seconds) < PROMISE_SECONDS
    if (options.students, options.assignments) == (1000, 20) and not kept:
        print("The promise is NOT kept.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
