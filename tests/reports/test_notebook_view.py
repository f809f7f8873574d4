"""What a page shows of a student's notebook."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.reports.notebook_view import MAX_CELLS, Cell, Output, coloured, view_notebook

from .samples import graded, notebook

HIDDEN = "x = 1\n### BEGIN HIDDEN TESTS\nassert answer == 42.5  # secret\n### END HIDDEN TESTS"


def outputs_of(
    *outputs: NotebookNode, source: str = "run()", metadata: dict[str, Any] | None = None
) -> tuple[Output, ...]:
    code = new_code_cell(source, outputs=list(outputs), metadata=metadata or {})
    return view_notebook(new_notebook(cells=[code])).cells[0].outputs


def error(name: str, value: str, *traceback: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=value, traceback=list(traceback))


def test_hidden_tests_are_not_shown_and_it_is_said_that_there_are_some() -> None:
    cell = view_notebook(new_notebook(cells=[new_code_cell(HIDDEN)])).cells[0]
    assert "42.5" not in cell.body
    assert "HIDDEN" not in cell.body
    assert cell.note == "This cell also holds tests that are not shown."


def test_a_marking_scheme_is_not_shown() -> None:
    cell = new_markdown_cell("Explain.\n=== BEGIN MARK SCHEME ===\ntwo points for X\n=== END MARK SCHEME ===")
    assert view_notebook(new_notebook(cells=[cell])).cells[0].body == "<p>Explain.</p>\n"


def test_an_error_of_a_tests_cell_is_one_line() -> None:
    traceback = "----> 1 assert secret == 42.5"
    outputs = outputs_of(
        error("AssertionError", "\nnot close\n x: array([42.5])", traceback),
        metadata=graded("shape", grade=True, locked=True),
    )
    assert [output.text.head for output in outputs] == ["AssertionError: not close"]


def test_a_tests_cell_is_known_by_the_record_too() -> None:
    cell = new_code_cell("x", metadata=graded("shape"), outputs=[error("ValueError", "no", "a long", "traceback")])
    view = view_notebook(new_notebook(cells=[cell]), tests=frozenset({"shape"}))
    assert view.cells[0].outputs[0].text.head == "ValueError: no"


def test_an_error_of_the_students_own_cell_keeps_its_traceback() -> None:
    outputs = outputs_of(error("ValueError", "no", "line 1", "\x1b[31mline 2\x1b[0m"))
    assert outputs[0].text.head == "line 1\nline 2"


def test_what_hidden_tests_print_is_kept_back() -> None:
    outputs = outputs_of(
        new_output("stream", text="assert answer == 42.5"), new_output("stream", name="stderr", text="x"), source=HIDDEN
    )
    assert [output.kind for output in outputs] == ["note"]


def test_a_hidden_line_printed_from_history_is_not_shown() -> None:
    printing = new_code_cell(
        "print(In[-2])", outputs=[new_output("stream", text="my own line\nassert answer == 42.5  # secret\n")]
    )
    view = view_notebook(new_notebook(cells=[new_code_cell(HIDDEN), printing]))
    assert view.cells[1].outputs[0].text.head == "my own line\n(a line of a hidden test)\n"


def test_pieces_of_one_stream_are_put_together() -> None:
    outputs = outputs_of(new_output("stream", text="10%\r"), new_output("stream", text="100%\n"))
    assert [output.text.head for output in outputs] == ["100%\n"]


def test_a_table_falls_back_to_its_text() -> None:
    outputs = outputs_of(new_output("execute_result", data={"text/html": "<b>x</b>", "text/plain": "plain"}))
    assert (outputs[0].kind, outputs[0].text.head) == ("text", "plain")


@pytest.mark.parametrize(
    "mime",
    ["application/javascript", "application/vnd.jupyter.widget-view+json", "text/vnd.mermaid", "application/pdf"],
)
def test_what_cannot_be_shown_safely_is_named(mime: str) -> None:
    outputs = outputs_of(new_output("display_data", data={mime: "alert(1)"}))
    assert outputs[0].note == f"An output that a report cannot show safely ({mime}) is left out."


def test_a_long_output_is_cut_with_a_note() -> None:
    outputs = outputs_of(new_output("stream", text="x" * 100_000))
    assert len(outputs[0].text.head) + len(outputs[0].text.tail) == 10_000
    assert outputs[0].text.left_out in (90_000, 90_001)


def test_a_million_outputs_are_some_outputs_and_a_number() -> None:
    outputs = outputs_of(*(new_output("display_data", data={"text/plain": str(n)}) for n in range(1_000)))
    assert len(outputs) == 41
    assert outputs[-1].note == "960 more outputs of this cell are not shown."


def test_a_notebook_of_many_cells_is_cut_with_a_note() -> None:
    view = view_notebook(new_notebook(cells=[new_code_cell("x") for _ in range(MAX_CELLS + 5)]))
    assert len(view.cells) == MAX_CELLS
    assert view.note == "5 more cells are not shown."


def test_past_a_notebooks_share_of_styling_cells_are_shown_as_they_were_written() -> None:
    cells = [*(new_code_cell("x" * 20_000) for _ in range(10)), new_code_cell("if <b>: pass"), new_markdown_cell("*b*")]
    views = view_notebook(new_notebook(cells=cells)).cells
    assert views[-2].body == "if &lt;b&gt;: pass"
    assert views[-1].body == '<pre class="overlong">*b*</pre>'


def test_code_is_coloured_and_escaped() -> None:
    assert coloured('if a < "<b>": pass').startswith('<span class="k">if</span>')
    assert "<b>" not in coloured('"<b>"')
    assert "…" in coloured("x" * 30_000)


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"cell_type": "code", "source": ["a = 1\n", "b"], "outputs": "none", "metadata": []},
        {"cell_type": "code", "source": 5, "outputs": [None, {"output_type": "stream", "text": 5}, {"data": [1]}]},
        {"cell_type": "code", "source": "", "outputs": [{"output_type": "error", "traceback": [1, None]}]},
        {"cell_type": "markdown", "source": None, "attachments": {"a": None}},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": ["x"]}}, "execution_count": "1<b>"},
    ],
)
def test_a_malformed_cell_is_shown_as_far_as_it_goes(cell: dict[str, Any]) -> None:
    view = view_notebook(from_dict({"cells": [cell]}))
    assert isinstance(view.cells[0], Cell)


def test_the_sample_has_every_kind_of_output() -> None:
    kinds = {output.kind for cell in view_notebook(notebook()).cells for output in cell.outputs}
    assert kinds == {"text", "warning", "error", "table", "image"}
