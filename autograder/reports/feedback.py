"""The feedback page of one submission: marks, what each check said and why, and the student's notebook below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup
from nbformat import NotebookNode

from autograder.reports import wording
from autograder.reports.figures import Drawing, draw, draw_share
from autograder.reports.markdown import safe_markdown
from autograder.reports.notebook_view import NotebookView, view_notebook
from autograder.reports.page import render
from autograder.reports.sanitise import one_line, with_inline_code
from autograder.results import CellResult, CheckResult, NotebookResult, SubmissionResult

Audience = Literal["student", "ta"]


@dataclass(frozen=True)
class CheckView:
    """One check as the page shows it; `fault` is filled for teaching staff only."""

    record: CheckResult
    mark: wording.Mark
    points: str
    sentence: Markup
    message: Markup
    hint: Markup
    explanation: Markup
    drawings: tuple[Drawing, ...]
    fault: str


@dataclass(frozen=True)
class QuestionView:
    """One cell that carries points: its anchor on the page, its mark in words, and its checks."""

    record: CellResult
    anchor: str
    title: str
    mark: wording.Mark
    summary: str
    message: Markup
    checks: tuple[CheckView, ...]


@dataclass(frozen=True)
class NotebookSection:
    """One notebook of the submission: its questions, and the notebook itself where it could be read."""

    title: str
    record: NotebookResult
    questions: tuple[QuestionView, ...]
    view: NotebookView | None


@dataclass(frozen=True)
class Notice:
    """Something to know before the marks: why some are open, what limit was reached, what was unusual."""

    style: Literal["warning", "unjudged", "plain"]
    heading: str
    sentences: tuple[Markup, ...]


def render_feedback(
    result: SubmissionResult,
    notebooks: Mapping[str, NotebookNode],
    titles: Mapping[str, str] | None = None,
    *,
    audience: Audience = "student",
    explained: bool = False,
) -> str:
    """One self-contained HTML page about a submission.

    Args:
        result: What the grader found.
        notebooks: The student's notebooks by name, executed or as handed in; a missing one is said to be missing.
        titles: What people call a cell (by grade_id), a notebook or an assignment; without an entry the name is read
            as a phrase.
        audience: "student", or "ta" for a page that also shows grader faults, timings and names of checks.
        explained: Whether the student may read what is right and why, because the assignment is over for everybody;
            teaching staff always may.

    Returns:
        The page's HTML; it needs no other file and loads nothing.
    """
    titles = titles or {}
    cells = [cell for notebook in result.notebooks for cell in notebook.cells]
    checks = [check for cell in cells for check in cell.checks]
    evidence = {check.evidence for check in checks}
    undecided = sum(cell.points for cell in cells if cell.score is None)
    return render(
        "feedback.html.j2",
        result=result,
        course=one_line(result.course),
        student=one_line(result.student),
        assignment=wording.title_of(result.assignment, titles),
        staff=audience == "ta",
        status=wording.STATUSES[result.status],
        undecided=undecided,
        lost=max(0.0, result.max_score - result.score - undecided),
        share=draw_share(result.score, undecided, result.max_score),
        notices=_notices(result, cells, titles, audience),
        sections=[
            _section(notebook, index, notebooks.get(notebook.notebook), titles, audience, explained)
            for index, notebook in enumerate(result.notebooks, start=1)
        ],
        evidence=[(level, text) for level, text in wording.EVIDENCE.items() if level in evidence],
        shown_marks=_shown_marks(checks),
        protection=wording.PROTECTION[result.protection.level],
        versions=[(one_line(name, 40), one_line(version, 40)) for name, version in sorted(result.versions.items())],
        started=wording.moment(result.started),
    )


def _section(
    notebook: NotebookResult,
    index: int,
    source: NotebookNode | None,
    titles: Mapping[str, str],
    audience: Audience,
    explained: bool,
) -> NotebookSection:
    tests = frozenset(cell.cell for cell in notebook.cells if cell.kind != "manual")
    return NotebookSection(
        title=wording.title_of(notebook.notebook, titles),
        record=notebook,
        questions=view_questions(notebook, index, titles, audience, explained=explained),
        view=None if source is None else view_notebook(source, tests),
    )


def view_questions(
    notebook: NotebookResult, index: int, titles: Mapping[str, str], audience: Audience, *, explained: bool
) -> tuple[QuestionView, ...]:
    """The questions of one notebook as pages show them.

    Args:
        notebook: What the grader found.
        index: The notebook's place in the submission, from 1; anchors follow from it.
        titles: What people call a cell.
        audience: "student" or "ta".
        explained: Whether a student may read what is right and why.
    """
    return tuple(
        _question(cell, f"question-{index}-{place}", titles, audience, explained)
        for place, cell in enumerate(notebook.cells, start=1)
    )


def _question(
    cell: CellResult, anchor: str, titles: Mapping[str, str], audience: Audience, explained: bool
) -> QuestionView:
    return QuestionView(
        record=cell,
        anchor=anchor,
        title=wording.title_of(cell.cell, titles),
        mark=_question_mark(cell),
        summary=_question_summary(cell),
        message=with_inline_code(cell.message),
        checks=tuple(
            _check(check, _points_of(check, cell), f"{anchor}-{place}", audience, explained)
            for place, check in enumerate(cell.checks, start=1)
        ),
    )


def _points_of(check: CheckResult, cell: CellResult) -> str:
    """What the check earned of the question's points, by its weight; nothing where it is undecided."""
    if check.fraction is None:
        return ""
    worth = cell.points * check.weight / sum(one.weight for one in cell.checks)
    return f"{wording.number(worth * check.fraction)} of {wording.points(worth)}"


def _check(check: CheckResult, points: str, identifier: str, audience: Audience, explained: bool) -> CheckView:
    told = audience == "ta" or explained
    return CheckView(
        record=check,
        mark=wording.verdict_of(check),
        points=points,
        sentence=with_inline_code(check.sentence),
        message=with_inline_code(check.message),
        hint=with_inline_code(check.hint),
        explanation=safe_markdown(check.explanation) if told and check.explanation else Markup(""),
        drawings=tuple(draw(figure, f"{identifier}-{place}") for place, figure in enumerate(check.figures, start=1)),
        fault=check.fault if audience == "ta" else "",
    )


def _question_mark(cell: CellResult) -> wording.Mark:
    if cell.score is None:
        return wording.UNJUDGED if cell.status == "could_not_judge" else wording.STATUSES["needs_review"]
    if cell.score >= cell.points:
        return wording.PASSED
    return wording.PARTLY if cell.score > 0 else wording.FAILED


def _question_summary(cell: CellResult) -> str:
    if cell.kind == "manual":
        return "to be read by a person" if cell.score is None else "nothing was written" if not cell.score else ""
    if not cell.checks:
        return ""
    passed = sum(check.verdict == "passed" for check in cell.checks)
    return f"{passed} of {wording.count(len(cell.checks), 'check')} passed"


def _notices(
    result: SubmissionResult, cells: list[CellResult], titles: Mapping[str, str], audience: Audience
) -> list[Notice]:
    notices: list[Notice] = []
    if result.protection.level == "none":
        notices.append(
            Notice("warning", "Graded without a sandbox", (Markup("{}").format(wording.PROTECTION["none"]),))
        )
    if unjudged := [cell for cell in cells if cell.status == "could_not_judge"]:
        notices.append(_unjudged_notice(unjudged, titles))
    if waiting := [cell for cell in cells if cell.status == "needs_review" and cell.score is None]:
        open_points = wording.points(sum(cell.points for cell in waiting))
        sentence = Markup("{} are still to be given: a person reads these answers.").format(open_points)
        notices.append(Notice("plain", "Some marks are still open", (sentence,)))
    limits = [limit for notebook in result.notebooks for limit in notebook.limits]
    if limits:
        heading = "A limit was reached" if len(limits) == 1 else "Limits were reached"
        if all(limit.limit == "kernel" for limit in limits):
            heading = "Python stopped in a cell"
        notices.append(Notice("warning", heading, tuple(with_inline_code(limit.sentence) for limit in limits)))
    if result.late_seconds > 0:
        late = Markup("It came in {} after the deadline.").format(wording.duration(result.late_seconds))
        notices.append(Notice("plain", "Handed in late", (late,)))
    if notes := [*result.notes, *(note for notebook in result.notebooks for note in notebook.notes)]:
        notices.append(Notice("plain", "Notes", tuple(with_inline_code(note) for note in notes)))
    flags = [
        *(flag for notebook in result.notebooks for flag in notebook.flags),
        *(flag for cell in cells for check in cell.checks for flag in check.flags),
    ]
    if audience == "ta" and flags:
        notices.append(Notice("unjudged", "To look at", tuple(with_inline_code(flag) for flag in flags)))
    return notices


def _unjudged_notice(unjudged: list[CellResult], titles: Mapping[str, str]) -> Notice:
    names = ", ".join(wording.title_of(cell.cell, titles) for cell in unjudged)
    open_points = wording.points(sum(cell.points for cell in unjudged if cell.score is None))
    return Notice(
        "unjudged",
        "Part of this could not be judged",
        (
            Markup("Something went wrong on the grader's side while it looked at: {}.").format(names),
            Markup("This is not your fault and costs you nothing: a person decides about {}.").format(open_points),
        ),
    )


def _shown_marks(checks: list[CheckResult]) -> list[tuple[wording.Mark, str]]:
    """The verdicts that occur on the page, each with what it means."""
    meanings = [
        (wording.PASSED, "Your work does what the sentence says."),
        (wording.PARTLY, "It does so in part, and earns that share of the points."),
        (wording.FAILED, "It does not, or your code stopped with an error. The message says what was expected."),
        (wording.UNJUDGED, "The grader itself had a problem. That is not your fault; a person will decide."),
        (wording.SKIPPED, "Another check has to pass before this one can say anything."),
    ]
    occurring = {wording.verdict_of(check) for check in checks}
    return [(mark, meaning) for mark, meaning in meanings if mark in occurring]
