"""The automatic comments nbgrader shows beside a student's answers."""

from __future__ import annotations

from nbformat import NotebookNode
from nbgrader import utils

from autograder.results import CellResult, NotebookResult

COMMENT_CHARACTERS = 500
NO_RESPONSE = "No response."  # as nbgrader words it; what is not there failed every check, which says no more


def automatic_comments(notebook: NotebookNode, result: NotebookResult | None) -> dict[str, str]:
    """Return the automatic comment of each solution cell: no response, or what its tests cells took marks for."""
    cells = {} if result is None else {cell.cell: cell for cell in result.cells}
    comments: dict[str, list[str]] = {}
    answer: str | None = None
    for cell in notebook.cells:
        if utils.is_solution(cell):
            answer = cell.metadata.nbgrader.grade_id
            unchanged = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
            comments[answer] = [NO_RESPONSE] if unchanged else []
        elif answer is not None and utils.is_grade(cell) and comments[answer] != [NO_RESPONSE]:
            # Tests cells have no comment of their own in nbgrader: it goes to the answer they test.
            comments[answer].extend(_lost_marks(cells.get(cell.metadata.nbgrader.grade_id)))
    return {answer: _cut("\n\n".join(parts)) for answer, parts in comments.items() if parts}


def _cut(comment: str) -> str:
    return comment if len(comment) <= COMMENT_CHARACTERS else comment[: COMMENT_CHARACTERS - 1] + "…"


def _lost_marks(cell: CellResult | None) -> list[str]:
    if cell is None or cell.score is None or cell.score >= cell.points:
        return []
    # The instructor's sentences only: nbgrader shows comments as HTML, and a message may quote the student's process.
    failed = [check.sentence for check in cell.checks if check.verdict == "failed"]
    return [f"{cell.score:g} of {cell.points:g} points. Not yet: {' '.join(failed)}"] if failed else []
