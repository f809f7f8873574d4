"""The overview of a class: who got what, where marks were lost, and what a person has to look at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from markupsafe import Markup

from autograder.errors import UsageError
from autograder.reports import wording
from autograder.reports.figures import Drawing, draw_histogram, draw_share
from autograder.reports.page import render
from autograder.reports.places import MARKS_TABLE, page_link
from autograder.reports.sanitise import one_line, with_inline_code
from autograder.results import CellResult, CheckResult, SubmissionResult

MOST_FAILED_CHECKS = 12
BINS = (*((str(low), f"{low} to {low + 9}") for low in range(0, 100, 10)), ("100", "100"))
"""The tens of per cent a mark can fall into, all points by themselves: the bar's label and its full name."""


@dataclass(frozen=True)
class StudentRow:
    """One submission in the class's table; `link` is None where the id can name no file."""

    student: str
    link: str | None
    result: SubmissionResult
    status: wording.Mark
    undecided: float
    flags: tuple[str, ...]


@dataclass(frozen=True)
class QuestionRow:
    """One question over the class; shares are of the submissions whose mark is decided, None where none is."""

    title: str
    points: float
    mean_share: float | None
    below_full: float | None
    undecided: int
    bar: Markup


@dataclass(frozen=True)
class FailedCheckRow:
    """One check that somebody failed."""

    question: str
    sentence: Markup
    failed: int
    judged: int


@dataclass(frozen=True)
class UnjudgedRow:
    """Something the grader could not judge, and why."""

    student: str
    link: str | None
    question: str
    sentence: Markup
    fault: str


@dataclass(frozen=True)
class FlaggedRow:
    """Something a person should look at although there is a mark."""

    student: str
    link: str | None
    question: str
    sentence: Markup


def render_overview(
    results: Sequence[SubmissionResult],
    course: str,
    assignment: str,
    titles: Mapping[str, str] | None = None,
) -> str:
    """The page about a whole class, for teaching staff; it links to each student's page beside it.

    Args:
        results: The submissions of one assignment.
        course: The course's name.
        assignment: The assignment's name.
        titles: What people call cells and assignments, as in `render_feedback`.
    """
    titles = titles or {}
    ordered = sorted(results, key=lambda result: result.student)
    shares = [result.score / result.max_score for result in ordered if _counts(result)]
    return render(
        "overview.html.j2",
        course=one_line(course),
        assignment=wording.title_of(assignment, titles),
        rows=[_student_row(result) for result in ordered],
        table=MARKS_TABLE,
        num_graded=sum(result.status == "graded" for result in ordered),
        num_review=sum(result.status == "needs_review" for result in ordered),
        num_unjudged=sum(result.status == "could_not_judge" for result in ordered),
        mean=mean(shares) if shares else None,
        median=median(shares) if shares else None,
        num_counted=len(shares),
        histogram=_histogram(shares) if shares else None,
        questions=_question_rows(ordered, titles),
        failed_checks=_failed_checks(ordered, titles),
        unjudged=_unjudged(ordered, titles),
        flagged=_flagged(ordered, titles),
        unsandboxed=sum(result.protection.level == "none" for result in ordered),
    )


def _counts(result: SubmissionResult) -> bool:
    return result.status != "could_not_judge" and bool(result.notebooks) and result.max_score > 0


def _cells(result: SubmissionResult) -> list[tuple[str, CellResult]]:
    return [(notebook.notebook, cell) for notebook in result.notebooks for cell in notebook.cells]


def _link(result: SubmissionResult) -> str | None:
    try:
        return page_link(result.student, result.assignment)
    except UsageError:
        return None


def _student_row(result: SubmissionResult) -> StudentRow:
    cells = [cell for _, cell in _cells(result)]
    return StudentRow(
        one_line(result.student, 80),
        _link(result),
        result,
        wording.STATUSES[result.status],
        sum(cell.points for cell in cells if cell.score is None),
        tuple(_flags(result)),
    )


def _flags(result: SubmissionResult) -> list[str]:
    flags = [f"late by {wording.duration(result.late_seconds)}"] if result.late_seconds > 0 else []
    limits = sorted({limit.limit.replace("_", " ") for notebook in result.notebooks for limit in notebook.limits})
    flags += ["Python stopped" if limit == "kernel" else f"limit: {limit}" for limit in limits]
    if result.protection.level == "none":
        flags.append("no sandbox")
    if unlike := sum(cell.nbgrader_score is not None for _, cell in _cells(result)):
        flags.append(f"{wording.count(unlike, 'mark')} unlike nbgrader's")
    notes = len(result.notes) + sum(len(notebook.notes) for notebook in result.notebooks)
    return [*flags, wording.count(notes, "note")] if notes else flags


def _histogram(shares: Sequence[float]) -> Drawing:
    counts = [0] * len(BINS)
    for share in shares:
        counts[min(int(share * 10 + 1e-9), 10)] += 1
    return draw_histogram(
        counts, BINS, "Submissions by share of the points", "Per cent of the points, rounded down to tens", "histogram"
    )


def _question_rows(results: Sequence[SubmissionResult], titles: Mapping[str, str]) -> list[QuestionRow]:
    by_question: dict[tuple[str, str], list[CellResult]] = {}
    for result in results:
        for notebook, cell in _cells(result):
            by_question.setdefault((notebook, cell.cell), []).append(cell)
    rows: list[QuestionRow] = []
    for (_, name), cells in by_question.items():
        worth = max(cell.points for cell in cells)
        decided = [cell.score / cell.points for cell in cells if cell.score is not None and cell.points > 0]
        rows.append(
            QuestionRow(
                wording.title_of(name, titles),
                worth,
                mean(decided) if decided else None,
                sum(share < 1 for share in decided) / len(decided) if decided else None,
                sum(cell.score is None for cell in cells),
                draw_share(mean(decided) if decided else 0.0, 0.0, 1.0),
            )
        )
    return rows


def _failed_checks(results: Sequence[SubmissionResult], titles: Mapping[str, str]) -> list[FailedCheckRow]:
    by_check: dict[tuple[str, str, str], list[CheckResult]] = {}
    for result in results:
        for notebook, cell in _cells(result):
            for check in cell.checks:
                by_check.setdefault((notebook, cell.cell, check.name), []).append(check)
    rows = [
        FailedCheckRow(
            wording.title_of(cell, titles),
            with_inline_code(checks[0].sentence),
            sum(check.verdict == "failed" for check in checks),
            sum(check.verdict in ("passed", "failed") for check in checks),
        )
        for (_, cell, _), checks in by_check.items()
    ]
    return sorted((row for row in rows if row.failed), key=lambda row: -row.failed)[:MOST_FAILED_CHECKS]


def _unjudged(results: Sequence[SubmissionResult], titles: Mapping[str, str]) -> list[UnjudgedRow]:
    rows: list[UnjudgedRow] = []
    for result in results:
        before = len(rows)
        student, link = one_line(result.student, 80), _link(result)
        for _, cell in _cells(result):
            title = wording.title_of(cell.cell, titles)
            checks = [check for check in cell.checks if check.verdict == "could_not_judge"]
            rows += [
                UnjudgedRow(student, link, title, with_inline_code(check.sentence), one_line(check.fault, 400))
                for check in checks
            ]
            if cell.status == "could_not_judge" and not checks:
                rows.append(UnjudgedRow(student, link, title, with_inline_code(cell.message, 400), ""))
        if result.status == "could_not_judge" and len(rows) == before:
            note = result.notes[0] if result.notes else "No reason was recorded."
            rows.append(UnjudgedRow(student, link, "The whole submission", with_inline_code(note, 400), ""))
    return rows


def _flagged(results: Sequence[SubmissionResult], titles: Mapping[str, str]) -> list[FlaggedRow]:
    rows: list[FlaggedRow] = []
    for result in results:
        student, link = one_line(result.student, 80), _link(result)
        for notebook in result.notebooks:
            whole = [("The whole notebook", flag) for flag in notebook.flags]
            parts = [
                (wording.title_of(cell.cell, titles), flag)
                for cell in notebook.cells
                for check in cell.checks
                for flag in check.flags
            ]
            rows += [FlaggedRow(student, link, where, with_inline_code(flag, 400)) for where, flag in (*whole, *parts)]
    return rows
