"""What became of an archive, on a terminal. Every word of a student's has been made fit to be shown before."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.collect.outcome import Became, Collection, Row

STYLES: dict[Became, str] = {
    "new": "green",
    "replaced": "green",
    "unchanged": "dim",
    "older": "dim",
    "differs": "yellow",
    "needs you": "red",
}
WORDS: dict[Became, str] = {
    "older": "kept: this one is older",
    "differs": "kept: this one differs",
}
MAX_REFUSED = 50


def print_collection(console: Console, collection: Collection) -> None:
    """Show the table, what was refused and why, and what to do next."""
    console.print(collection_table(collection))
    for line in collection_lines(collection):
        console.print(Text(line), soft_wrap=True)


def collection_table(collection: Collection) -> Table:
    """What became of each student's files."""
    title = f"Submissions of {collection.assignment}{' (dry run)' if collection.dry_run else ''}"
    table = Table(title=title, title_justify="left")
    for heading in ("student", "in the archive", "files", "", "note"):
        table.add_column(heading, justify="right" if heading == "files" else "left", overflow="fold")
    for row in collection.rows:
        table.add_row(
            Text(row.student or "?"),
            Text(row.sender),
            str(row.num_files),
            Text(WORDS.get(row.became, row.became), style=STYLES[row.became]),
            Text("; ".join(_notes(row))),
        )
    return table


def collection_lines(collection: Collection) -> list[str]:
    """Say in sentences how names were read, what was not taken, and what a person has to do."""
    how = "from the names" if collection.detected else "as told"
    roster = (
        f"roster {collection.roster.name}" if collection.roster else "no roster: the archive's ids are the students'"
    )
    lines = [f"Read as {collection.format} ({how}), {roster}."]
    if collection.format == "moodle" and collection.roster is None:
        lines.append("Moodle's numbers are new in every assignment: give a --roster with the column name.")
    if not collection.timed:
        lines.append("Nothing says when this was handed in: no timestamp.txt is written, and no late penalty applies.")
    if collection.litter:
        lines.append(f"Left out, as computers add them (__MACOSX, .DS_Store, ...): {collection.litter}.")
    refusals = [(row.student, one) for row in collection.rows for one in row.refused]
    refusals += [("", one) for one in collection.refused]
    if refusals:
        lines.append(f"Refused {len(refusals)}:")
        for student, one in refusals[:MAX_REFUSED]:
            lines.append(f"  {f'{student}: ' if student else ''}{one.name}: {one.reason}")
        if len(refusals) > MAX_REFUSED:
            lines.append(f"  and {len(refusals) - MAX_REFUSED} more")
    for row in collection.rows:
        if row.became == "needs you" and row.aside is not None:
            are = "would be put into" if collection.dry_run else "are in"
            lines.append(
                f"{row.student} needs you: the files {are} {row.aside}; put right what is to be graded, or ask"
            )
    count = {became: sum(row.became == became for row in collection.rows) for became in STYLES}
    done = ", ".join(f"{number} {WORDS.get(became, became)}" for became, number in count.items() if number)
    lines.append(f"{'Would be' if collection.dry_run else 'Students'}: {done or 'none'}.")
    if count["differs"]:
        lines.append("What differs is kept as it was, as nothing says which is later; --replace takes the archive's.")
    if (count["new"] or count["replaced"]) and not collection.dry_run:
        lines.append(f"Next: autograder grade {collection.assignment}")
    return lines


def _notes(row: Row) -> list[str]:
    notes = list(row.notes)
    if row.became == "replaced":
        notes.append("the earlier one is in .replaced")
    if row.refused:
        notes.append(f"{len(row.refused)} refused, see below")
    return notes
