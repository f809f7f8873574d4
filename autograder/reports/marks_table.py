"""The marks of a class as rows, one for each submission, for a spreadsheet beside the overview."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.results import CellResult, SubmissionResult
from autograder.spreadsheet import Value, render_table

COLUMNS = ("student", "status", "score", "max_score", "open_points", "late_seconds")
"""What every table begins with; a column for each question follows, and what a person should know comes last."""


def render_marks(results: Sequence[SubmissionResult]) -> str:
    """The text of `marks.csv`: points as numbers, nothing where a mark is still open, nothing that could be a formula.

    Args:
        results: The submissions of one assignment.
    """
    ordered = sorted(results, key=lambda result: result.student)
    several = len({notebook.notebook for result in ordered for notebook in result.notebooks}) > 1
    marks = [{_question(name, cell, several): cell for name, cell in _cells(result)} for result in ordered]
    questions = list(dict.fromkeys(question for cells in marks for question in cells))
    rows = [_row(result, cells, questions) for result, cells in zip(ordered, marks, strict=True)]
    return render_table([*COLUMNS, *questions, "to_know"], rows, byte_order_mark=True)


def _row(result: SubmissionResult, cells: dict[str, CellResult], questions: Sequence[str]) -> list[Value]:
    still_open = sum(cell.points for cell in cells.values() if cell.score is None)
    to_know = [
        *(hit.sentence for notebook in result.notebooks for hit in notebook.limits),
        *result.notes,
        *(sentence for notebook in result.notebooks for sentence in (*notebook.notes, *notebook.flags)),
        *(flag for cell in cells.values() for check in cell.checks for flag in check.flags),
        *(
            f"nbgrader's own rules give {cell.nbgrader_score:g} in {question}."
            for question, cell in cells.items()
            if cell.nbgrader_score is not None
        ),
    ]
    return [
        result.student,
        result.status,
        _rounded(result.score) if result.notebooks else None,
        _rounded(result.max_score),
        _rounded(still_open),
        round(result.late_seconds),
        *(_rounded(cells[question].score) if question in cells else None for question in questions),
        " ".join(dict.fromkeys(to_know)),
    ]


def _cells(result: SubmissionResult) -> list[tuple[str, CellResult]]:
    return [(notebook.notebook, cell) for notebook in result.notebooks for cell in notebook.cells]


def _question(notebook: str, cell: CellResult, several: bool) -> str:
    return f"{notebook}: {cell.cell}" if several else cell.cell


def _rounded(points: float | None) -> float | None:
    # To four decimals, as a sum of thirds is 35.3333 in every other place people read it.
    return None if points is None else round(points, 4)
