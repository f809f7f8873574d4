"""From a rubric to cells: one for each criterion, which a person marks, with what its levels mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.lab import Cell
from autograder.course import Criterion, question_name, read_rubric, rubrics_folder
from autograder.course.syllabus import markdown_cell, markdown_table
from autograder.errors import UsageError


def rubric_cells(folder: Path, name: str, line: int) -> Iterator[Cell]:
    """The cells of the rubric `name` for the lab in `folder`.

    Args:
        folder: The lab's folder; the rubric is its course's.
        name: The rubric's name.
        line: The line in lab.py that asks for it.

    Raises:
        ValueError: There is no such rubric, or it is not valid.
    """
    rubrics = rubrics_folder(folder)
    if rubrics is None:
        raise ValueError(f"expected the rubric {name!r} in the course's folder course/rubrics, found no such folder")
    try:
        rubric = read_rubric(rubrics, name)
    except UsageError as error:
        raise ValueError(str(error)) from error
    for criterion in rubric.criteria:
        yield Cell(
            kind="task",
            cell_type="markdown",
            source=_text(criterion),
            line=line,
            grade_id=question_name(name, criterion),
            points=int(criterion.points) if criterion.points.is_integer() else criterion.points,
        )


def _text(criterion: Criterion) -> str:
    rows = [(level.name, f"{level.points:g}", level.description) for level in criterion.levels]
    table = markdown_table(("level", "points", "what it looks like"), rows)
    return f"### {markdown_cell(criterion.title)}\n\n{criterion.description.strip()}\n\n{table}"
