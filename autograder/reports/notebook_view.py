"""A student's notebook as data for a page: every cell and output turned into safe text, markup or an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, Literal

from markupsafe import Markup
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

from autograder.grading.hidden_tests import is_of_hidden_tests, without_words
from autograder.reports.images import image_uri
from autograder.reports.markdown import MARKDOWN_CHARACTERS, safe_markdown, unrendered
from autograder.reports.sanitise import (
    HTML_CHARACTERS,
    Excerpt,
    excerpt,
    one_line,
    plain_text,
    safe_table,
    text_of,
    without_regions,
)

CODE_CHARACTERS = 20_000
"""The longest cell whose code is coloured, in characters."""
STYLED_CHARACTERS = 200_000
"""How much of a notebook is rendered and coloured, in characters; rendering has slow cases one can write on purpose."""
MAX_CELLS = 400
MAX_OUTPUTS = 40
MAX_HIDDEN_LINES = 1_000
"""Lines of hidden tests that outputs are searched for; bounds the work a made-up region can cause."""
NOTEBOOK_CHARACTERS = 4_000_000
"""Markup one notebook may add to a page, images included; the outputs past it are named, not shown."""

_IMAGE_TYPES = ("image/png", "image/jpeg", "image/svg+xml")
NO_TEXT = Excerpt("")
NO_MARKUP = Markup("")

_KEPT_BACK = "What this cell printed is not shown, because part of its tests is hidden."
_TOO_MUCH = "Not shown: this notebook has more output than a page can hold."


@dataclass(frozen=True)
class Output:
    """One output, of which one field is filled: text, a table, an image, or a note in our own words."""

    kind: Literal["text", "warning", "error", "table", "image", "note"]
    text: Excerpt = NO_TEXT
    table: Markup = NO_MARKUP
    image: str = ""
    note: str = ""
    label: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell: its code or its rendered text, and its outputs. `grade_id` is empty for an ordinary cell."""

    kind: Literal["code", "markdown", "raw"]
    body: Markup
    grade_id: str = ""
    number: str = ""
    note: str = ""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class NotebookView:
    """A notebook's cells, and what was left out of it."""

    cells: tuple[Cell, ...]
    note: str = ""


def view_notebook(notebook: NotebookNode, tests: frozenset[str] = frozenset()) -> NotebookView:
    """What a page shows of a student's notebook.

    Hidden tests and marking schemes are taken out, wherever they are. A tests cell keeps its public part; its errors
    are reduced to one line, since a traceback prints the source around it, and where it held hidden tests its other
    output is kept back altogether.

    Args:
        notebook: The notebook as the grader left it (executed), or as it was handed in.
        tests: The grade_ids of the tests cells, as the grader knows them.
    """
    cells = [cell for cell in notebook.get("cells", []) if isinstance(cell, Mapping)]
    hidden = set(islice((line for cell in cells for line in _telling(without_hidden(cell)[1])), MAX_HIDDEN_LINES))
    room, styled = NOTEBOOK_CHARACTERS, STYLED_CHARACTERS
    views: list[Cell] = []
    for cell in cells[:MAX_CELLS]:
        styled -= len(text_of(cell.get("source")))
        view = _view_cell(cell, tests, hidden, room, is_styled=styled >= 0 and room > 0)
        room -= len(view.body) + sum(_size(output) for output in view.outputs)
        views.append(view)
    left_out = len(cells) - len(views)
    return NotebookView(tuple(views), f"{left_out:,} more cells are not shown." if left_out > 0 else "")


def without_hidden(cell: Mapping[str, Any]) -> tuple[str, list[str]]:
    """A cell's source without hidden tests and marking schemes, and the lines that were taken out."""
    return without_regions(text_of(cell.get("source")), "HIDDEN TESTS", "MARK SCHEME")


def _view_cell(cell: Mapping[str, Any], tests: frozenset[str], hidden: set[str], room: int, *, is_styled: bool) -> Cell:
    source, removed = without_hidden(cell)
    grade_id, graded = _grade_id(cell)
    if cell.get("cell_type") == "markdown":
        attachments = cell.get("attachments")
        pictures = attachments if isinstance(attachments, Mapping) else None
        return Cell("markdown", safe_markdown(source, pictures) if is_styled else unrendered(source), grade_id)
    if cell.get("cell_type") != "code":
        return Cell("raw", Markup("{}").format(excerpt(source).head), grade_id)
    number = cell.get("execution_count")
    outputs = cell.get("outputs")
    shown = [_told(output, cell) for output in outputs] if isinstance(outputs, Sequence) else []
    return Cell(
        "code",
        coloured(source) if is_styled else Markup("{}").format(excerpt(source, CODE_CHARACTERS).head),
        grade_id,
        str(number) if isinstance(number, int) else "",
        "This cell also holds tests that are not shown." if removed else "",
        _view_outputs(
            shown,
            in_tests=graded or grade_id in tests or bool(removed),
            keep_back=bool(removed),
            hidden=hidden,
            room=room,
        ),
    )


def _told(output: Any, cell: Mapping[str, Any]) -> Any:
    """The output, or an error of hidden tests without its words."""
    is_error = isinstance(output, Mapping) and output.get("output_type") == "error"
    return without_words(output) if is_error and is_of_hidden_tests(output, cell) else output


def coloured(source: str) -> Markup:
    """Python code as escaped markup with Pygments' classes; the language a notebook claims to be in is not asked."""
    shown = plain_text(source).strip("\n")
    if len(shown) > CODE_CHARACTERS:
        left_out = len(shown) - CODE_CHARACTERS
        return Markup("{}\n… {:,} characters left out …").format(shown[:CODE_CHARACTERS], left_out)
    return Markup(highlight(shown, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n"))  # noqa: S704 - escaped


def _view_outputs(
    outputs: Sequence[Any], *, in_tests: bool, keep_back: bool, hidden: set[str], room: int
) -> tuple[Output, ...]:
    views: list[Output] = []
    merged = list(_merged(outputs))
    for output in merged[:MAX_OUTPUTS]:
        if keep_back and output.get("output_type") != "error":
            view = Output("note", note=_KEPT_BACK)
        else:
            view = _view_output(output, in_tests, hidden)
        room -= _size(view)
        if room < 0:
            view = Output("note", note=_TOO_MUCH)
        if not (view.kind == "note" and views and views[-1] == view):
            views.append(view)
    if (more := len(merged) - MAX_OUTPUTS) > 0:
        views.append(Output("note", note=f"{more:,} more outputs of this cell are not shown."))
    return tuple(views)


def _view_output(output: Mapping[str, Any], in_tests: bool, hidden: set[str]) -> Output:
    kind = output.get("output_type")
    if kind == "stream":
        name: Literal["text", "warning"] = "warning" if output.get("name") == "stderr" else "text"
        return Output(name, _shown(text_of(output.get("text")), hidden))
    if kind == "error":
        return Output("error", _shown(_error_text(output, in_tests), hidden))
    data = output.get("data")
    if not isinstance(data, Mapping):
        return Output("note", note="An output of an unknown kind is not shown.")
    text = text_of(data.get("text/plain"))
    for mime in _IMAGE_TYPES:
        if mime in data and (uri := image_uri(mime, text_of(data[mime]))):
            return Output("image", image=uri, label=one_line(text, 120))
    if "text/html" in data and (table := _table(text_of(data["text/html"]), hidden)):
        return Output("table", table=table)
    if "text/markdown" in data:
        source = text_of(data["text/markdown"])[: MARKDOWN_CHARACTERS + 1]
        return Output("table", table=safe_markdown(_without_lines(source, hidden)))
    if text:
        return Output("text", _shown(text, hidden))
    kinds = one_line(", ".join(str(mime) for mime in data), 120)
    return Output("note", note=f"An output that a report cannot show safely ({kinds or 'empty'}) is left out.")


def _error_text(output: Mapping[str, Any], in_tests: bool) -> str:
    name, value = text_of(output.get("ename")) or "Error", text_of(output.get("evalue"))
    first = next((line for line in value.splitlines() if line.strip()), "")
    summary = f"{name}: {first}" if first else name
    traceback = output.get("traceback")
    if in_tests or not isinstance(traceback, Sequence) or isinstance(traceback, str) or not traceback:
        return summary
    return "\n".join(text_of(line) for line in traceback)


def _merged(outputs: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """Outputs with neighbouring pieces of one stream put together, as a notebook shows them."""
    known = [output for output in outputs if isinstance(output, Mapping)]
    for (kind, _), group in groupby(known, key=lambda output: (output.get("output_type"), output.get("name"))):
        if kind == "stream":
            pieces = list(group)
            yield {**pieces[0], "text": "".join(text_of(piece.get("text")) for piece in pieces)}
        else:
            yield from group


def _telling(lines: list[str]) -> list[str]:
    return [stripped for line in lines if len(stripped := line.strip()) >= 12]


def _shown(text: str, hidden: set[str]) -> Excerpt:
    part = excerpt(text)
    return Excerpt(_without_lines(part.head, hidden), _without_lines(part.tail, hidden), part.left_out)


def _table(html: str, hidden: set[str]) -> Markup | None:
    return None if len(html) > HTML_CHARACTERS else safe_table(_without_lines(html, hidden))


def _without_lines(text: str, hidden: set[str]) -> str:
    """`text` without the lines that quote a hidden test, which a student's code can print from its own history."""
    if not hidden or not any(line in text for line in hidden):
        return text
    return "\n".join(
        "(a line of a hidden test)" if any(line in shown for line in hidden) else shown for shown in text.split("\n")
    )


def _grade_id(cell: Mapping[str, Any]) -> tuple[str, bool]:
    """The cell's grade_id, and whether it is a tests cell by its own metadata."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    if not isinstance(nbgrader, Mapping):
        return "", False
    grade_id = nbgrader.get("grade_id")
    is_tests = bool(nbgrader.get("grade")) and not nbgrader.get("solution")
    return (grade_id if isinstance(grade_id, str) else ""), is_tests


def _size(output: Output) -> int:
    return len(output.text.head) + len(output.text.tail) + len(output.table) + len(output.image)
