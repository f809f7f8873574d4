"""Scores: from the verdicts of checks where a cell has them, else from what the cell showed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from nbformat import NotebookNode
from nbgrader import utils

from autograder.grading.specification import NotebookSpecification
from autograder.grading.tests_cells import describe_outputs, doubts, mark_outputs
from autograder.results import CellResult, CheckResult, LimitHit, NotebookResult, Status

# Enough for any mark; hides that 4 * (0.1 + 0.2) / 0.3 is not quite 4.
DECIMALS = 9


def score_notebook(
    name: str,
    executed: NotebookNode,
    verdicts: Mapping[str, tuple[CheckResult, ...]],
    *,
    cell_seconds: Mapping[str, float] | None = None,
    limits: tuple[LimitHit, ...] = (),
    notes: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
    seconds: float = 0.0,
    nbgrader_marks: bool = False,
) -> NotebookResult:
    """Score an executed notebook.

    Args:
        name: The notebook's name, without ".ipynb".
        executed: The notebook with outputs; its nbgrader metadata must come from `prepare`, never from the student.
        verdicts: For each tests cell that has checks, by grade_id, what they said.
        cell_seconds: Wall time of each cell, by grade_id.
        limits: Limits that tripped.
        notes: Sentences for the TA.
        flags: Why a person should look although there is a mark.
        seconds: Wall time of the whole notebook.
        nbgrader_marks: Whether nbgrader's own rules decide on tests cells without checks.
    """
    seconds_of = cell_seconds or {}
    marked = [cell for cell in executed.cells if utils.is_grade(cell) or utils.is_task(cell)]
    cells = tuple(
        score_cell(
            cell, verdicts, limits, seconds_of.get(cell.metadata.nbgrader.grade_id, 0.0), nbgrader_marks=nbgrader_marks
        )
        for cell in marked
    )
    doubtful = [
        sentence
        for cell, scored in zip(marked, cells, strict=True)
        if scored.kind == "tests" and not nbgrader_marks
        for sentence in doubts(cell, limits)
    ]
    return _notebook_result(name, cells, limits, notes, (*flags, *doubtful, *_mostly_reported(cells)), seconds)


def score_missing(specification: NotebookSpecification) -> NotebookResult:
    """Score a notebook that was not handed in: nothing, as nbgrader does it."""
    message = f"expected {specification.name}.ipynb, found no such file in the submission"
    cells = tuple(
        CellResult(
            cell=cell.grade_id,
            kind="tests" if cell.grade and not cell.solution else "manual",
            points=cell.points,
            score=0.0,
            status="graded",
            message=message,
        )
        for cell in specification.cells
        if cell.points is not None
    )
    return _notebook_result(specification.name, cells, (), (message,), (), 0.0)


def score_cell(
    cell: NotebookNode,
    verdicts: Mapping[str, tuple[CheckResult, ...]],
    limits: tuple[LimitHit, ...] = (),
    seconds: float = 0.0,
    *,
    nbgrader_marks: bool = False,
) -> CellResult:
    """Score one cell that carries points; with `nbgrader_marks`, one without checks by nbgrader's own rules."""
    grade_id, points = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
    if utils.is_task(cell) or utils.is_solution(cell):
        unanswered = not utils.is_task(cell) and utils.determine_grade(cell)[0] == 0
        return CellResult(
            cell=grade_id,
            kind="manual",
            points=points,
            score=0.0 if unanswered else None,
            status="graded" if unanswered else "needs_review",
            message="No response." if unanswered else "",
            seconds=seconds,
        )
    if checks := verdicts.get(grade_id):
        message = describe_outputs(cell, only_errors=True)  # checks decide: what it wrote to stderr costs nothing
        score, status = _score_checks(points, checks)
        return CellResult(
            cell=grade_id,
            kind="checks",
            points=points,
            score=score,
            status=status,
            message=message,
            checks=checks,
            seconds=seconds,
        )
    mark = mark_outputs(cell, points, limits, nbgrader_marks=nbgrader_marks)
    return CellResult(
        cell=grade_id,
        kind="tests",
        points=points,
        score=mark.score,
        nbgrader_score=mark.nbgrader_score,
        status=mark.status,
        message=mark.message,
        seconds=seconds,
    )


def combine(statuses: Iterable[Status]) -> Status:
    """Return the status of a whole from its parts: a grader fault outweighs a review, which outweighs a mark."""
    found = set(statuses)
    if "could_not_judge" in found:
        return "could_not_judge"
    return "needs_review" if "needs_review" in found else "graded"


def _score_checks(points: float, checks: tuple[CheckResult, ...]) -> tuple[float | None, Status]:
    fractions = [(check.weight, check.fraction) for check in checks]
    earned = [weight * fraction for weight, fraction in fractions if fraction is not None]
    if len(earned) < len(fractions) or any(check.verdict == "could_not_judge" for check in checks):
        return None, "could_not_judge"
    mean = math.fsum(earned) / math.fsum(weight for weight, _ in fractions)
    flagged = any(check.flags for check in checks)
    return round(min(max(points * mean, 0.0), points), DECIMALS), "needs_review" if flagged else "graded"


def _mostly_reported(cells: tuple[CellResult, ...]) -> tuple[str, ...]:
    """A flag where most of the points that checks gave rest on the word of the student's process alone."""
    earned = reported = 0.0
    for cell in cells:
        weight = math.fsum(check.weight for check in cell.checks)
        for check in cell.checks:
            points = cell.points * check.weight * (check.fraction or 0.0) / weight
            earned += points
            reported += points if check.evidence == "reported" else 0.0
    if reported <= earned / 2:
        return ()
    return (
        f"{reported:.3g} of the {earned:.3g} points that checks gave rest on what the student's own process reported: "
        "look whether the work is there",
    )


def _notebook_result(
    name: str,
    cells: tuple[CellResult, ...],
    limits: tuple[LimitHit, ...],
    notes: tuple[str, ...],
    flags: tuple[str, ...],
    seconds: float,
) -> NotebookResult:
    return NotebookResult(
        notebook=name,
        score=round(math.fsum(cell.score for cell in cells if cell.score is not None), DECIMALS),
        max_score=round(math.fsum(cell.points for cell in cells), DECIMALS),
        status=combine((*(cell.status for cell in cells), "needs_review" if flags else "graded")),
        cells=cells,
        limits=limits,
        notes=notes,
        flags=flags,
        seconds=seconds,
    )
