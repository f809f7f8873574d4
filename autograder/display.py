"""What commands show on a terminal: tables of marks, findings. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.authoring import Built, Change
from autograder.course import Course, is_over
from autograder.errors import UsageError
from autograder.grading.given import Given, with_given
from autograder.grading.recover import Plan
from autograder.grading.store import Store
from autograder.reports import (
    ReportPaths,
    executed_notebooks,
    executed_paths,
    notebooks_digest,
    titles_of,
    write_reports,
)
from autograder.results import Status, SubmissionResult
from autograder.sandbox import Limits
from autograder.sandbox.doctor import Diagnosis
from autograder.terminal import printable

STATUS_STYLES: dict[Status, str] = {"graded": "green", "needs_review": "yellow", "could_not_judge": "red"}
MAX_NOTE = 110


def write_pages(course: Course, assignment: str, given: Mapping[str, Given]) -> ReportPaths:
    """Write the assignment's pages: the page of every student graded so far, and the overview of the class.

    Marks and comments of people, and late penalties, are in them as the gradebook has them now; what is right and why,
    once the assignment is over for everybody.
    """
    results = Store(course.results).all(assignment)
    records = [with_given(result, given.get(result.student)) for result in results]
    explained = is_over(course, assignment, datetime.now(UTC))
    folder = course.root / "reports" / assignment
    titles = titles_of(course, assignment)
    return write_reports(
        records,
        lambda result: executed_notebooks(course, result),
        folder,
        titles,
        explained=explained,
        digest=lambda result: notebooks_digest(executed_paths(course, result)),
    )


def marks_table(assignment: str, records: Sequence[SubmissionResult]) -> Table:
    """Marks by student: the score, the status, and the first thing a person should know."""
    table = Table(title=f"Marks for {assignment}", title_justify="left", caption_justify="left")
    for heading, justify in (
        ("student", "left"),
        ("mark", "right"),
        ("of", "right"),
        ("status", "left"),
        ("note", "left"),
    ):
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for result in records:
        status = Text(result.status.replace("_", " "), style=STATUS_STYLES[result.status])
        mark = "-" if not result.notebooks else f"{round(result.score, 4):g}"
        student, note = Text(printable(result.student)), Text(printable(first_note(result)))
        table.add_row(student, mark, f"{result.max_score:g}", status, note)
    return table


def first_note(result: SubmissionResult) -> str:
    """The first of: a fault of a check's, a flag, a limit, a note, lost marks, nbgrader's other marks; what is open."""
    limits = [hit.sentence for notebook in result.notebooks for hit in notebook.limits]
    lost = [
        f"lost marks in {', '.join(cells)}"
        for notebook in result.notebooks
        if (
            cells := [
                c.cell for c in notebook.cells if c.kind != "manual" and c.score is not None and c.score < c.points
            ]
        )
    ]
    notes = [note for notebook in result.notebooks for note in notebook.notes]
    faults = [
        f"check {check.name} of {cell.cell}: {check.fault.strip().splitlines()[-1]}"
        for notebook in result.notebooks
        for cell in notebook.cells
        for check in cell.checks
        if check.fault.strip()
    ]
    flags = [
        *(flag for notebook in result.notebooks for flag in notebook.flags),
        *(flag for notebook in result.notebooks for c in notebook.cells for check in c.checks for flag in check.flags),
    ]
    marked = [cell for notebook in result.notebooks for cell in notebook.cells]
    unlike = [cell.cell for cell in marked if cell.nbgrader_score is not None]
    other = [f"nbgrader's own rules give another mark in {', '.join(unlike)}"] if unlike else []
    still_open = sum(cell.points for cell in marked if cell.score is None)
    waiting = [f"{still_open:g} points wait for a person"] if still_open else []
    found = [*faults, *flags, *limits, *result.notes, *notes, *lost, *other]
    note = "; ".join([*found[:1], *waiting])
    return note if len(note) <= MAX_NOTE else note[: MAX_NOTE - 1] + "…"


def print_plan(console: Console, plan: Plan, gradebook: Path) -> None:
    """Say what recovering would change, and what it cannot."""
    if plan.trouble and plan.backup is not None:
        console.print(
            Text(
                f"{gradebook}: {plan.trouble}. The backup {plan.backup.name} is put in its place. A damaged file is "
                "kept, under another name."
            ),
            soft_wrap=True,
        )
    for note in plan.notes:
        console.print(Text(printable(note), style="yellow"), soft_wrap=True)
    if plan.changes:
        table = Table(title="What changes in the gradebook", title_justify="left")
        for heading in ("assignment", "student", "notebook", "cell", "what", "before", "after"):
            table.add_column(heading, overflow="fold")
        for one in plan.changes:
            words = (
                one.assignment,
                one.student,
                one.notebook,
                one.cell,
                one.what,
                _value(one.before),
                _value(one.after),
            )
            table.add_row(*(Text(printable(word)) for word in words))
        console.print(table)
    if plan.results:
        names = ", ".join(f"{assignment} of {student}" for student, assignment in plan.results)
        console.print(Text(printable(f"Result files that come back from the ledger: {names}")), soft_wrap=True)
    if plan.empty and not plan.unfinished:
        console.print("Every automatic mark is as the ledger has it.")


def _value(value: float | str | None) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else f"{value:g}"
    return text if len(text) <= MAX_NOTE else text[: MAX_NOTE - 1] + "…"


def print_quizzes(console: Console, built: Sequence[Built], check: bool) -> bool:
    """Say which quizzes were made into labs, or have drifted from them; whether any had."""
    return print_built(console, [one for one in built if one.changes], check, source="quiz")


def print_built(console: Console, built: Sequence[Built], check: bool, source: str = "lab") -> bool:
    """Say what was built or has drifted from its source; whether anything had."""
    for one in built:
        if not one.changes:
            console.print(f"{one.lab}: up to date", markup=False)
        for change in one.changes:
            words = {
                "missing": "is missing",
                "different": f"differs from the {source}",
                "stray": f"is no part of the {source}",
            }
            word = words[change.what]
            done = "" if check or change.what == "stray" else "; written"
            console.print(f"{one.lab}: {change.path} {word}{done}", markup=False, soft_wrap=True)
            if check and change.diff:
                console.print(change.diff, markup=False, soft_wrap=True)
    return any(one.changes for one in built)


def print_syllabus(console: Console, change: Change | None, check: bool) -> bool:
    """Say whether the syllabus was written or has drifted; whether it had."""
    if change is None:
        console.print("syllabus: up to date", markup=False)
        return False
    word = "is missing" if change.what == "missing" else "differs from course.toml"
    console.print(f"syllabus: {change.path} {word}{'' if check else '; written'}", markup=False, soft_wrap=True)
    if check and change.diff:
        console.print(change.diff, markup=False, soft_wrap=True)
    return True


def print_doctor(console: Console, diagnosis: Diagnosis, limits: Limits) -> bool:
    """Show the findings and the limits; whether grading is possible."""
    for finding in diagnosis.findings:
        mark = "[green]holds[/]" if finding.holds else ("[red]FAILS[/]" if finding.required else "[yellow]no   [/]")
        console.print(mark, Text(f"{finding.name}{': ' + finding.detail if finding.detail else ''}"), soft_wrap=True)
    values = ", ".join(f"{name} {value:g}" for name, value in limits.model_dump().items())
    console.print(f"Limits of a submission: {values}", soft_wrap=True)
    able = all(finding.holds for finding in diagnosis.findings if finding.required)
    if able:
        console.print(f"Protection level: [bold]{diagnosis.level}[/]. Submissions can be graded here.")
    else:
        console.print("[bold red]Nothing is graded on this machine until what FAILS is mended.[/]")
    return able


def require_folder(path: Path, what: str) -> Path:
    """`path`, if it is a folder.

    Raises:
        UsageError: It is not.
    """
    if not path.is_dir():
        raise UsageError(f"expected {what} at {path}, found no folder there; run the command from the project's folder")
    return path
