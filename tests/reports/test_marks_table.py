"""The class's marks as a table."""

from __future__ import annotations

import csv
import io

from autograder.reports import render_marks
from autograder.spreadsheet import BYTE_ORDER_MARK

from . import hostile, samples


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline="")))


def test_each_submission_is_a_row_with_a_column_for_each_question() -> None:
    rows = {row["student"]: row for row in rows_of(render_marks(samples.every()))}
    assert list(rows) == sorted(result.student for result in samples.every())
    for result in samples.every():
        row = rows[result.student]
        assert float(row["max_score"]) == result.max_score
        for notebook in result.notebooks:
            for cell in notebook.cells:
                assert row[cell.cell] == ("" if cell.score is None else str(round(cell.score, 4)))


def test_a_mark_that_is_open_is_an_empty_cell_and_its_points_are_counted() -> None:
    result = samples.full()
    waiting = result.notebooks[0].cells[0].model_copy(update={"score": None})
    notebook = result.notebooks[0].model_copy(update={"cells": (waiting,)})
    row = rows_of(render_marks([result.model_copy(update={"notebooks": (notebook,)})]))[0]
    assert (row[waiting.cell], float(row["open_points"])) == ("", waiting.points)


def test_a_submission_that_could_not_be_read_has_no_score() -> None:
    unread = samples.full().model_copy(update={"notebooks": (), "score": 0.0, "notes": ("no notebook was found",)})
    row = rows_of(render_marks([unread]))[0]
    assert (row["score"], row["to_know"]) == ("", "no notebook was found")


def test_questions_of_several_notebooks_are_told_apart() -> None:
    result = samples.full()
    second = result.notebooks[0].model_copy(update={"notebook": "second"})
    row = rows_of(render_marks([result.model_copy(update={"notebooks": (result.notebooks[0], second)})]))[0]
    name = result.notebooks[0].cells[0].cell
    assert f"second: {name}" in row
    assert name not in row


def test_no_cell_of_a_hostile_class_is_a_formula() -> None:
    for text in ("=1+1", "@SUM(A1)", "\t=1", "\uff1d1", "x;=1+1"):
        table = render_marks([hostile.submission(text)]).removeprefix(BYTE_ORDER_MARK)
        for cell in [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]:
            assert cell[:1] not in ("=", "@", "\uff1d", "\t"), cell
            assert ";=" not in cell
