"""The score of one submission from its cells in the gradebook.

A cell counts what a person gave it, else what was marked automatically, and its extra credit on top, as nbgrader has
it. Where nbgrader would count a zero because nothing is there, or a number cannot be right, work waits for a person.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from autograder.marks.scores import Score, exact

CellName = tuple[str, str]
"""A notebook's name and a cell's `grade_id`."""


class Cell(NamedTuple):
    """One marked cell of one submission, as the gradebook has it."""

    max_points: float
    notebook: str
    name: str
    automatic: float | None
    manual: float | None
    extra: float | None
    needs_manual_grade: bool


@dataclass
class Submitted:
    """One submission in the gradebook, without its cells.

    Attributes:
        student: The student's id.
        assignment: The assignment's name.
        handed_in: When.
        extension: An extension that was entered with nbgrader.
        penalty: nbgrader's late penalty in points.
    """

    student: str
    assignment: str
    handed_in: datetime | None
    extension: timedelta | None
    penalty: float = 0.0


@dataclass(frozen=True)
class Released:
    """An assignment in the gradebook.

    Attributes:
        due: Its due date there.
        max_points: The points of its cells; 0 where one of them has points that cannot be right.
        num_cells: How many cells there are.
        wrong: The cells with such points, each with what was found.
    """

    due: datetime | None
    max_points: Fraction
    num_cells: int
    wrong: tuple[str, ...] = ()


def score_of(
    submitted: Submitted, cells: Sequence[Cell], released: Released, unjudged: Iterable[CellName] | None = ()
) -> tuple[Score, list[str]]:
    """The score of one submission, and what is wrong with it as sentences.

    Args:
        submitted: The submission.
        cells: Its cells that carry points.
        released: Its assignment.
        unjudged: The cells that the grader could not judge; None where it could not judge any of it.
    """
    who = f"{submitted.assignment} of {submitted.student}"
    could_not = _not_judged(cells, unjudged)
    decided: list[float] = []
    still_open: list[float] = []
    waiting: dict[str, list[str]] = {}
    problems = []
    for cell in cells:
        value = cell.manual if cell.manual is not None else cell.automatic
        if wrong := _wrong(cell, value):
            problems.append(f"{who}, cell {cell.name}: {wrong}; it waits until that is corrected in the formgrader.")
        if why := _why_waiting(cell, value, wrong, (cell.notebook, cell.name) in could_not):
            waiting.setdefault(why, []).append(cell.name)
            still_open.append(cell.max_points)
        else:
            decided.append(value or 0.0)
        if cell.extra:
            decided.append(cell.extra)
    points, open_points = total(decided), total(still_open)
    reasons = [f"{why}: {', '.join(names)}." for why, names in waiting.items()]
    if released.wrong:
        reasons.append(f"The gradebook's points cannot be right: {', '.join(released.wrong)}.")
    if unjudged is None and (could_not or not cells):
        reasons = ["The grader could not judge what was handed in last."]
    if len(cells) < released.num_cells:
        problems.append(
            f"{who}: expected {released.num_cells} marked cells in the gradebook, found {len(cells)}; it waits until "
            f"it is graded again (`autograder grade {submitted.assignment} --force`)."
        )
        reasons.append(f"The gradebook lacks {released.num_cells - len(cells)} of its {released.num_cells} cells.")
        open_points = max(open_points, released.max_points - points)
    score = Score(
        student=submitted.student,
        assignment=submitted.assignment,
        max_points=released.max_points,
        points=points,
        open_points=open_points,
        handed_in=submitted.handed_in,
        waiting=tuple(reasons),
        nbgrader_penalty=_exact(submitted.penalty),
    )
    return score, problems


def total(values: Iterable[float]) -> Fraction:
    """The exact sum of points."""
    found = [_exact(value) for value in values]
    # Most points are whole numbers, and those are added much faster as such.
    whole = sum(one.numerator for one in found if one.denominator == 1)
    return sum((one for one in found if one.denominator != 1), Fraction(whole))


def _not_judged(cells: Sequence[Cell], unjudged: Iterable[CellName] | None) -> set[CellName]:
    """The cells that nobody has judged yet: a person's mark settles what the grader could not."""
    if unjudged == ():
        return set()
    settled = {(one.notebook, one.name) for one in cells if one.manual is not None and not one.needs_manual_grade}
    could_not = {(one.notebook, one.name) for one in cells} if unjudged is None else set(unjudged)
    return could_not - settled


def _wrong(cell: Cell, value: float | None) -> str:
    """What cannot be right about a cell's numbers; empty where all can."""
    if value is None:
        if cell.max_points > 0 and not cell.needs_manual_grade:
            return "expected a score, found none (or one that is no number), and nbgrader waits for nobody to give one"
        return ""
    if not math.isfinite(value) or not math.isfinite(cell.extra or 0.0):
        return f"expected a number, found {value:g} and {cell.extra or 0.0:g} of extra credit"
    if value < 0:
        return f"expected a score of at least 0, found {value:g}"
    if value > cell.max_points and _exact(value) > _exact(cell.max_points):
        return f"expected at most {cell.max_points:g} points, found {value:g} without extra credit"
    return ""


def _why_waiting(cell: Cell, value: float | None, wrong: str, could_not_judge: bool) -> str:
    if wrong:
        return "A score cannot be right"
    if could_not_judge:
        return "The grader could not judge"
    if cell.max_points <= 0 and value is None:
        return ""  # nothing can be earned there
    if value is None:
        return "A person has to mark"
    return "A person has to look again at" if cell.needs_manual_grade else ""


@lru_cache(maxsize=4096)
def _exact(value: float) -> Fraction:
    # What is not finite counts nothing here; `_wrong` names it.
    return exact(value) if math.isfinite(value) else Fraction(0)
