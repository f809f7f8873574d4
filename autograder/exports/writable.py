"""What cannot be written into an import file, and is named instead.

Marks where the platform takes none; rows with an empty cell where nobody knows what that would erase; ids that would
not arrive as they are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from autograder.exports.gradebook_file import POSSESSIVES, TITLES, Person
from autograder.exports.matching import listed
from autograder.exports.plan import Plan, refused_by
from autograder.spreadsheet import as_text


def without_refused(plan: Plan) -> tuple[Plan, list[str]]:
    """Leave alone what the platform takes no mark for, or has excused."""
    refused: dict[str, list[str]] = {}
    rows = []
    for row in plan.rows:
        marks = list(row.marks)
        for index, column in enumerate(plan.columns):
            if why := refused_by(plan.file.platform, row.person.cells[column.column.place], marks[index]):
                refused.setdefault(why, []).append(f"{column.name} of {row.student}")
                marks[index] = None
        rows.append(replace(row, marks=tuple(marks)))
    sentences = [f"{why}, and it is left so: {listed(names)}." for why, names in refused.items()]
    return replace(plan, rows=tuple(rows)), sentences


def without_open_rows(plan: Plan) -> tuple[Plan, list[str]]:
    """Without the platform's own file nobody knows what it has where there is no mark, and an empty cell erases it."""
    if plan.file.downloaded:
        return plan, []
    whole = tuple(row for row in plan.rows if None not in row.marks)
    if len(whole) == len(plan.rows):
        return plan, []
    left = [row.student for row in plan.rows if None in row.marks]
    title = TITLES[plan.file.platform]
    lacking = [
        column.name for index, column in enumerate(plan.columns) if any(row.marks[index] is None for row in plan.rows)
    ]
    return replace(plan, rows=whole), [
        f"Without a mark for {listed(lacking)}, and so not in the file: {listed(left)}. {title} takes an empty cell "
        f"for no mark and erases what it has: give {POSSESSIVES[plan.file.platform]} own file with --from, or choose "
        "with --assignment."
    ]


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
