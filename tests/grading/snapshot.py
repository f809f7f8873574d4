"""All that grading leaves in a course, without what is different every time: to compare two runs by."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.grading.change_log import ChangeLog
from autograder.grading.gradebook_file import trouble_with
from autograder.grading.ledger import Entry
from autograder.grading.recover import contents

TIMES = ("seconds", "started", "at", "execution")
ROWS = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")


def snapshot(course: Course) -> dict[str, object]:
    """What lies where, by names that are the same in every run."""
    found: dict[str, object] = {"gradebook is sound": trouble_with(course.root / "gradebook.db")}
    for key, value in contents(course.root / "gradebook.db").items():
        found[f"gradebook {'/'.join(key)}"] = value
    found.update(rows(course.root / "gradebook.db"))
    for path in files(course.results):
        if path.parent.name != "backups" and path.name not in (
            ".lock",
            ".changes.lock",
            "ledger.jsonl",
            "changes.jsonl",
        ):
            found[f"results {path.relative_to(course.results)}"] = read(path)
    for path in files(course.root / "autograded"):
        found[f"autograded {path.relative_to(course.root / 'autograded')}"] = read(path)
    found.update(ledger(course.results / "ledger.jsonl"))
    found.update(changes(course.results / "changes.jsonl"))
    return found


def files(folder: Path) -> list[Path]:
    """Every file, and every folder that is empty: nothing may stay behind."""
    return [path for path in sorted(folder.rglob("*")) if not path.is_dir() or not any(path.iterdir())]


def read(path: Path) -> Any:
    """A file's content; of records and notebooks, without times."""
    if path.is_dir():
        return "an empty folder"
    content = path.read_bytes()
    try:
        return timeless(json.loads(content)) if path.suffix in (".json", ".ipynb") else content
    except ValueError:
        return content


def rows(gradebook: Path) -> dict[str, object]:
    """How many rows each table has, and which marks wait for a person."""
    with closing(sqlite3.connect(gradebook)) as database:
        counts = {f"rows of {table}": database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ROWS}  # noqa: S608
        waiting = database.execute(
            "SELECT s.student_id, c.name FROM grade g JOIN base_cell c ON c.id = g.cell_id "
            "JOIN submitted_notebook n ON n.id = g.notebook_id JOIN submitted_assignment s ON s.id = n.assignment_id "
            "WHERE g.needs_manual_grade ORDER BY 1, 2"
        ).fetchall()
    return {**counts, "waiting for a person": waiting}


def ledger(path: Path) -> dict[str, object]:
    """The ledger's last word on each submission; no line may be torn, or say what the one before it said."""
    last: dict[str, Entry] = {}
    for line in path.read_bytes().splitlines():
        entry = Entry.model_validate_json(b"{" + line[77:])
        if entry.student in last and last[entry.student].same == entry.same:
            return {"ledger": f"{entry.student} twice the same"}
        last[entry.student] = entry
    return {
        f"ledger {student}": timeless(entry.model_dump(mode="json", exclude={"why"})) for student, entry in last.items()
    }


def changes(path: Path) -> dict[str, object]:
    """Every change of a mark, student by student: none may be lost, none told twice, none given another reason."""
    entries, spoilt = ChangeLog(path).read()
    found: dict[str, object] = {"changes that cannot be read": spoilt}
    for student in {one.student for one in entries}:
        own = [timeless(one.model_dump(mode="json")) for one in entries if one.student == student]
        found[f"changes {student}"] = own
    return found


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: timeless(one) for key, one in value.items() if key not in TIMES}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def differences(expected: object, found: object, where: str = "") -> list[str]:
    """A line for each difference, with the way to it."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = sorted({*expected, *found})
        pairs = [(key, expected.get(key, "nothing"), found.get(key, "nothing")) for key in keys]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [(str(index), *pair) for index, pair in enumerate(zip(expected, found, strict=True))]
    else:
        return [] if expected == found else [f"{where}: expected {str(expected)[:200]}, found {str(found)[:200]}"]
    return [line for key, one, other in pairs for line in differences(one, other, f"{where}/{key}")]
