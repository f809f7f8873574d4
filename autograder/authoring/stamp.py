"""What a released notebook says of itself: which assignment it is, when it is due, and which cells it has.

It stands in the notebook's own metadata (`metadata.autograder`), which nbgrader and Jupyter leave alone, so that
`autograder validate` knows it where there is no course. Nothing is ever graded by it: students can change it.
"""

from __future__ import annotations

from pathlib import Path

import nbformat

from autograder.course import Course
from autograder.course.release_stamp import STAMP


def stamp_release(course: Course, assignment: str, folder: Path) -> None:
    """Write course, assignment, its name, due date (where there is one) and names of cells into every notebook."""
    due = next((one.due for one in course.settings.assignments if one.id == assignment), None)
    for path in sorted(folder.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        named = (cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells)
        notebook.metadata[STAMP] = {
            "course": course.course_id,
            "assignment": assignment,
            "notebook": path.stem,
            "cells": [name for name in named if name],
            **({} if due is None else {"due": due.isoformat()}),
        }
        path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8")
