"""Who can stand in an import file: an id has to arrive as it is, and one that a spreadsheet would run must not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from autograder.exports.gradebook_file import TITLES, Person
from autograder.exports.matching import listed
from autograder.exports.plan import Plan
from autograder.spreadsheet import as_text


def without_unsafe_ids(plan: Plan) -> tuple[Plan, list[str]]:
    """Leave out students none of whose ids can be written: made text, the platform would not know it any more.

    Canvas finds a student by its own number first, so that the other ids do not matter there.
    """
    usable = tuple(row for row in plan.rows if _ids(plan, row.person))
    left = [row.student for row in plan.rows if not _ids(plan, row.person)]
    if not left:
        return plan, []
    title = TITLES[plan.file.platform]
    return replace(plan, rows=usable), [
        f"With an id that a spreadsheet would run as a formula, and so not in the file: {listed(left)}; correct the id "
        f"in {title}, or enter the mark there by hand."
    ]


def identity_column(plan: Plan) -> tuple[int, Plan, list[str]]:
    """Choose the one column that tells Moodle who is who: the first in which everybody has something of their own.

    Returns:
        The column, the plan without students who have nothing there, and a sentence that names them.
    """
    places = [key.column for key in plan.file.keys]
    usable = {place: _with_own(plan, place) for place in places}
    chosen = max(places, key=lambda place: (len(usable[place]), -places.index(place)))
    rows = tuple(row for row in plan.rows if row.student in usable[chosen])
    left = [row.student for row in plan.rows if row.student not in usable[chosen]]
    if not left:
        return chosen, plan, []
    heading = plan.file.headers[chosen]
    return (
        chosen,
        replace(plan, rows=rows),
        [
            f"Without a value of their own in {heading!r}, by which Moodle knows the others, and so not in the file: "
            f"{listed(left)}; complete it in Moodle and download again, or enter the marks there by hand."
        ],
    )


def _with_own(plan: Plan, place: int) -> set[str]:
    cells = {row.student: row.person.cells[place].strip() for row in plan.rows}
    times = Counter(cells.values())
    # What PHP takes for nothing, Moodle does too: "0".
    return {
        student
        for student, cell in cells.items()
        if cell not in ("", "0") and times[cell] == 1 and as_text(cell) == cell
    }


def _ids(plan: Plan, person: Person) -> list[str]:
    """The ids of a row that arrive as they are; without Canvas' own number all that it reads have to."""
    file = plan.file
    cells = {key: person.cells[key.column].strip() for key in file.keys}
    if file.platform == "canvas":
        if any(key.kind == "own" and cell.isdigit() for key, cell in cells.items()):
            return list(cells.values())
        return (
            [] if any(as_text(cell) != cell for cell in cells.values()) else [cell for cell in cells.values() if cell]
        )
    return [cell for cell in cells.values() if cell and as_text(cell) == cell]
