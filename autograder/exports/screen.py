"""What is shown of an export: a line for each column, what changed, what is not in the file, and how to import it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.exports.changes import Changes
from autograder.exports.export import Export
from autograder.exports.gradebook_file import TITLES
from autograder.exports.summary import ColumnSummary
from autograder.marks.rounding import figure

MOST_CHANGES = 40


def print_export(console: Console, export: Export, path: Path) -> None:
    """Show what is in the file, and what to do with it.

    Args:
        console: Where to.
        export: The export.
        path: The file it was written to.
    """
    title = TITLES[export.platform]
    if export.columns and export.num_students:
        console.print(_columns(export, title))
        if zeros := sum(one.zeros for one in export.columns):
            which = "mark of these is a zero" if zeros == 1 else "marks of these are zeros"
            _say(console, f"{zeros} {which} for work that was due and not handed in.")
    if export.changes is not None:
        if export.changes.changes:
            console.print(_changes(export.changes))
        _say(console, _unchanged(export.changes))
    for problem in export.problems:
        _say(console, problem, "yellow")
    for note in export.notes:
        _say(console, note)
    if export.text is None:
        _say(console, f"Nothing to export, and {path} is not written.", "yellow")
        return
    _say(console, f"{path}: {_counted(export.num_students, 'student')}.")
    for line in _how(export, title, path):
        _say(console, line)


def _columns(export: Export, title: str) -> Table:
    table = Table()
    table.add_column("here", overflow="fold")
    table.add_column(title, overflow="fold")
    known = ("new", "changed") if export.downloaded else ()
    for heading in ("of", "marks", *known, "zeros", "no mark"):
        table.add_column(heading, justify="right")
    for one in export.columns:
        counts = [one.written, *((one.new, one.changed) if export.downloaded else ()), one.zeros, one.still_open]
        table.add_row(*map(_text, (one.column.name, one.column.column.header, _points(one), *map(str, counts))))
    return table


def _points(one: ColumnSummary) -> str:
    own, there = one.column.own_points, one.column.points
    return figure(there) if own == there else f"{figure(there)} (here {figure(own)})"


def _changes(changes: Changes) -> Table:
    table = Table(title=Text(f"Changed since {changes.source}"))
    for heading in ("student", "what"):
        table.add_column(heading, overflow="fold")
    for heading in ("before", "after"):
        table.add_column(heading, justify="right")
    for one in changes.changes[:MOST_CHANGES]:
        table.add_row(*map(_text, (one.student, one.name, one.before or "-", one.after)))
    if len(changes.changes) > MOST_CHANGES:
        table.add_row(f"and {len(changes.changes) - MOST_CHANGES} more", "", "", "")
    return table


def _unchanged(changes: Changes) -> str:
    sentence = f"{_counted(changes.num_students, 'student')} changed, {changes.num_unchanged} did not."
    if changes.taken_back:
        sentence += f" Had a mark then and have none now, and are left as they are: {', '.join(changes.taken_back)}."
    return sentence


def _how(export: Export, title: str, path: Path) -> list[str]:
    if export.platform == "canvas":
        return [f"In {title}: Gradebook, Import, {path.name}. It shows what would change before it saves anything."]
    heading, word = export.maps or ("", "")
    field = repr(word) if word else "the field that it holds"
    return [
        f"In {title}: Grades, Import, CSV file, {path.name}; encoding UTF-8, separator comma.",
        f"There map from {heading!r} to {field}, and each column of marks to its item; all else stays at Ignore.",
    ]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _say(console: Console, sentence: str, style: str = "") -> None:
    console.print(_text(sentence, style), soft_wrap=True)


def _text(text: str, style: str = "") -> Text:
    """Text without what a terminal would obey: names and headings come from other people's files."""
    shown = "".join(one if one.isprintable() or one == "\u00a0" else "\N{REPLACEMENT CHARACTER}" for one in text)
    return Text(shown, style=style)
