"""Item analysis of one assignment: how hard its questions and checks are, and whether they tell students apart.

*Difficulty* is the mean fraction of the points (the p-value of classical test theory, for items that earn parts; a high
one is an easy item). *Discrimination* is the corrected item-total correlation: Pearson's, of the points of a question
with the points of all the others. "Corrected" since a total that holds the item correlates with it for that alone.

Crocker and Algina, *Introduction to Classical and Modern Test Theory* (1986), on item analysis; Guilford, "The
correlation of an item with a composite of the remaining items in a test", *Educational and Psychological Measurement*
13 (1953), 87-93.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import correlation, fmean

from autograder.reports.sanitise import one_line
from autograder.results import CellResult, CheckResult, SubmissionResult

FEWEST_STUDENTS = 10
"""With fewer students, a correlation says more of them than of the question."""
# Thirds of points add up to sums that differ in the last bit; what is left of such a "variance" is noise.
DECIMALS = 6

CellName = tuple[str, str]
"""A notebook's name and a cell's `grade_id`."""


@dataclass(frozen=True)
class Discrimination:
    """A corrected item-total correlation; `value` is None where there is none, and `why_not` says why."""

    value: float | None
    students: int
    why_not: str = ""


@dataclass(frozen=True)
class QuestionItem:
    """One question over the class.

    Attributes:
        notebook: The notebook's name.
        cell: The cell's `grade_id`.
        points: The most it can earn.
        decided: How many students have a mark in it.
        unjudged: How many the grader could not judge, and nobody has marked since.
        waiting: How many wait for a person besides.
        flagged: How many have a flag on one of its checks, or on their notebook.
        difficulty: Mean fraction of the points, extra credit up to full marks; None where nobody has a mark.
        discrimination: Its corrected item-total correlation.
    """

    notebook: str
    cell: str
    points: float
    decided: int
    unjudged: int
    waiting: int
    flagged: int
    difficulty: float | None
    discrimination: Discrimination

    @property
    def submissions(self) -> int:
        """How many have the question."""
        return self.decided + self.unjudged + self.waiting


@dataclass(frozen=True)
class CheckItem:
    """One check over the class.

    Attributes:
        notebook: The notebook's name.
        cell: The `grade_id` of the question it belongs to.
        name: The check's name.
        sentence: What it establishes.
        passed: How many passed it.
        partly: How many earned a part.
        failed: How many earned nothing.
        unjudged: How many it could not judge.
        skipped: How many it was skipped for.
        difficulty: Mean fraction earned of those it was asked about; None where that is nobody.
        discrimination: Correlation of that fraction with the points of all other questions.
        message: What it said most often to those who did not pass, as one line.
        times: How often it said that.
    """

    notebook: str
    cell: str
    name: str
    sentence: str
    passed: int
    partly: int
    failed: int
    unjudged: int
    skipped: int
    difficulty: float | None
    discrimination: Discrimination
    message: str
    times: int

    @property
    def judged(self) -> int:
        """How many it has judged."""
        return self.passed + self.partly + self.failed

    @property
    def submissions(self) -> int:
        """How many it was on the list of."""
        return self.judged + self.unjudged + self.skipped


@dataclass(frozen=True)
class AssignmentItems:
    """The items of one assignment.

    Attributes:
        assignment: The assignment's id.
        submissions: How many result records there are.
        unreadable: How many of them could not be judged as a whole.
        questions: Its questions, in the order of the notebook.
        checks: Its checks, in the order of the questions.
    """

    assignment: str
    submissions: int
    unreadable: int
    questions: tuple[QuestionItem, ...]
    checks: tuple[CheckItem, ...]


@dataclass(frozen=True)
class _Sheet:
    """One submission, for counting: its cells by name, and the total where every question is decided."""

    cells: Mapping[CellName, CellResult]
    flagged: frozenset[CellName]
    total: float | None


def analyse_items(assignment: str, results: Sequence[SubmissionResult]) -> AssignmentItems:
    """Analyse the questions and checks of one assignment.

    Correlations are over the students whose every question is decided, so that their totals are of the same questions;
    a question that is decided for nobody yet is in no total.

    Args:
        assignment: The assignment's id.
        results: Its result records, each student once, with what people gave.
    """
    found = [_cells(result) for result in results]
    questions = list(dict.fromkeys(name for cells in found for name in cells))
    counted = [name for name in questions if any(_fraction(cells.get(name)) is not None for cells in found)]
    sheets = [
        _Sheet(cells, _flagged(result), _total(cells, counted)) for result, cells in zip(results, found, strict=True)
    ]
    checks = list(
        dict.fromkeys(
            (name, check.name)
            for name in questions
            for sheet in sheets
            if name in sheet.cells
            for check in sheet.cells[name].checks
        )
    )
    return AssignmentItems(
        assignment,
        len(results),
        sum(not result.notebooks for result in results),
        tuple(_question(name, sheets) for name in questions),
        tuple(_check(name, check, sheets) for name, check in checks),
    )


def discrimination(points: Sequence[float], others: Sequence[float]) -> Discrimination:
    """Correlate what students have in an item with what they have in all others.

    Args:
        points: The item's points, one for each student.
        others: The sum of the other items' points, in the same order of students.
    """
    students = len(points)
    if students < FEWEST_STUDENTS:
        return Discrimination(None, students, f"fewer than {FEWEST_STUDENTS} students with every question decided")
    item, rest = ([round(value, DECIMALS) for value in values] for values in (points, others))
    if min(item) == max(item):
        return Discrimination(None, students, "all have the same here")
    if min(rest) == max(rest):
        return Discrimination(None, students, "all have the same in the other questions, or there are none")
    return Discrimination(max(-1.0, min(1.0, correlation(item, rest))), students)


def _cells(result: SubmissionResult) -> dict[CellName, CellResult]:
    return {
        (notebook.notebook, cell.cell): cell
        for notebook in result.notebooks
        for cell in notebook.cells
        if cell.points > 0
    }


def _flagged(result: SubmissionResult) -> frozenset[CellName]:
    return frozenset(
        (notebook.notebook, cell.cell)
        for notebook in result.notebooks
        for cell in notebook.cells
        if notebook.flags or any(check.flags for check in cell.checks)
    )


def _fraction(cell: CellResult | None) -> float | None:
    """What was earned of a cell's points; None where that is not decided, or is no number."""
    if cell is None or cell.score is None or not math.isfinite(cell.score):
        return None
    return min(1.0, cell.score / cell.points)


def _total(cells: Mapping[CellName, CellResult], counted: Sequence[CellName]) -> float | None:
    earned = [fraction * cells[name].points for name in counted if (fraction := _fraction(cells.get(name))) is not None]
    return math.fsum(earned) if len(earned) == len(counted) else None


def _question(name: CellName, sheets: Sequence[_Sheet]) -> QuestionItem:
    cells = [sheet.cells[name] for sheet in sheets if name in sheet.cells]
    fractions = [fraction for cell in cells if (fraction := _fraction(cell)) is not None]
    unjudged = sum(_fraction(cell) is None and cell.status == "could_not_judge" for cell in cells)
    both = [
        (earned, sheet.total - earned)
        for sheet in sheets
        if sheet.total is not None and (earned := _points(sheet, name)) is not None
    ]
    return QuestionItem(
        notebook=name[0],
        cell=name[1],
        points=max(cell.points for cell in cells),
        decided=len(fractions),
        unjudged=unjudged,
        waiting=len(cells) - len(fractions) - unjudged,
        flagged=sum(name in sheet.flagged for sheet in sheets),
        difficulty=fmean(fractions) if fractions else None,
        discrimination=discrimination([item for item, _ in both], [rest for _, rest in both]),
    )


def _points(sheet: _Sheet, name: CellName) -> float | None:
    cell = sheet.cells.get(name)
    fraction = _fraction(cell)
    return None if cell is None or fraction is None else fraction * cell.points


def _check(name: CellName, check: str, sheets: Sequence[_Sheet]) -> CheckItem:
    found = [
        (sheet, one) for sheet in sheets if name in sheet.cells for one in sheet.cells[name].checks if one.name == check
    ]
    verdicts = Counter(_verdict(one) for _, one in found)
    judged = [
        (sheet, one.fraction)
        for sheet, one in found
        if one.fraction is not None and one.verdict in ("passed", "failed")
    ]
    both = [
        (fraction, sheet.total - earned)
        for sheet, fraction in judged
        if sheet.total is not None and (earned := _points(sheet, name)) is not None
    ]
    messages = Counter(one_line(one.message, 160) for _, one in found if one.verdict == "failed" and one.message)
    # Of messages that are as frequent the first in the alphabet: the same class gives the same page.
    message, times = min(messages.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
    return CheckItem(
        notebook=name[0],
        cell=name[1],
        name=check,
        sentence=found[0][1].sentence,
        passed=verdicts["passed"],
        partly=verdicts["partly"],
        failed=verdicts["failed"],
        unjudged=verdicts["could_not_judge"],
        skipped=verdicts["skipped"],
        difficulty=fmean(fraction for _, fraction in judged) if judged else None,
        discrimination=discrimination([item for item, _ in both], [rest for _, rest in both]),
        message=message,
        times=times,
    )


def _verdict(check: CheckResult) -> str:
    return "partly" if check.verdict == "failed" and check.fraction else check.verdict
