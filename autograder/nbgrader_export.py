"""`nbgrader export` whose file a spreadsheet can open: nbgrader's own quotes nothing and lets formulas live.

`autograder.nbgrader_plugin.configure(c)` makes it the course's exporter; by hand it is
`nbgrader export --exporter=autograder.nbgrader_export.SpreadsheetExport`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from autograder.reports import render_table, write_whole
from autograder.spreadsheet import Value

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)
"""The columns of nbgrader's own exporter, in its order."""


class SpreadsheetExport(ExportPlugin):
    """Marks as CSV with nbgrader's columns: everything quoted, text never a formula, numbers as numbers."""

    byte_order_mark = Bool(
        False, help="Begin the file with the mark by which Excel knows UTF-8; scripts seldom expect it."
    ).tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write one row for each assignment and student to `--to` (grades.csv where not given).

        Args:
            gradebook: nbgrader's gradebook.

        Raises:
            AutograderError: The file cannot be written.
        """
        path = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", path)
        rows = [[row[column] for column in COLUMNS] for row in self._rows(gradebook)]
        write_whole(path, render_table(COLUMNS, rows, byte_order_mark=self.byte_order_mark), "the marks")

    def _rows(self, gradebook: Any) -> Iterator[dict[str, Value]]:
        students = {str(student) for student in self.student}
        assignments = {str(assignment) for assignment in self.assignment}
        for assignment in gradebook.assignments:
            if assignments and assignment.name not in assignments:
                continue
            for student in gradebook.students:
                if not students or student.id in students:
                    yield _row(gradebook, assignment, student)


def _row(gradebook: Any, assignment: Any, student: Any) -> dict[str, Value]:
    row: dict[str, Value] = {
        "assignment": assignment.name,
        "duedate": _written(assignment.duedate),
        "timestamp": None,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "raw_score": 0.0,
        "late_submission_penalty": 0.0,
        "score": 0.0,
        "max_score": assignment.max_score,
    }
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:  # nothing was handed in, which earns nothing
        return row
    penalty = submission.late_submission_penalty
    return row | {
        "timestamp": _written(submission.timestamp),
        "raw_score": submission.score,
        "late_submission_penalty": penalty,
        "score": max(0.0, submission.score - (penalty or 0.0)),
    }


def _written(moment: Any) -> str | None:
    return None if moment is None else str(moment)
