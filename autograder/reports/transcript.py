"""The transcript of one student: the course mark so far, its parts, what is open, and what each lost mark was for.

It is for this student alone: of others there is nothing on it but the quarter of the class the mark lies in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.course import Assignment, Component, CourseSettings
from autograder.marks.record import AssignmentRecord, ComponentRecord, StudentRecord
from autograder.reports import wording
from autograder.reports.bands import Band
from autograder.reports.figures import draw_share
from autograder.reports.losses import NEGLIGIBLE, Loss
from autograder.reports.page import render
from autograder.reports.risk import is_missing
from autograder.reports.sanitise import one_line

STATES: Mapping[str, wording.Mark] = {
    "graded": wording.Mark("✓", "Graded", "passed"),
    "waiting": wording.Mark("…", "Waiting for a person", "skipped"),
    "pending": wording.Mark("○", "Still to come", "skipped"),
    "missing": wording.Mark("✗", "Missing", "failed"),
    "excused": wording.Mark("\u2013", "Excused", "skipped"),
    "dropped": wording.Mark("\u2013", "Dropped", "skipped"),
}


@dataclass(frozen=True)
class CourseFacts:
    """What every page of a course says of it: its title, its settings, and the moment of the marks (ISO 8601)."""

    title: str
    settings: CourseSettings
    at: str


@dataclass(frozen=True)
class AssignmentRow:
    """One assignment on a transcript; figures that do not exist are empty."""

    title: str
    link: str | None
    state: wording.Mark
    points: str
    late: str
    score: str
    counts: str
    contribution: str


@dataclass(frozen=True)
class ComponentRow:
    """One component on a transcript, with its assignments."""

    title: str
    record: ComponentRecord
    weight: float
    lent: bool
    bar: Markup
    assignments: tuple[AssignmentRow, ...]


@dataclass(frozen=True)
class OpenRow:
    """Something that is still to come or to be decided."""

    title: str
    state: wording.Mark
    why: str


@dataclass(frozen=True)
class LostRow:
    """Where one assignment lost marks."""

    title: str
    link: str | None
    summary: str
    sentences: tuple[str, ...]
    losses: tuple[Loss, ...]


def render_transcript(
    course: CourseFacts,
    student: StudentRecord,
    losses: Mapping[str, Sequence[Loss]],
    band: Band | None = None,
    links: Mapping[str, str] | None = None,
) -> str:
    """One self-contained HTML page for one student.

    Args:
        course: The course and the moment.
        student: The student's marks.
        losses: What did not earn all points, by assignment.
        band: The quarter of the class; None where too few have a mark.
        links: Addresses of the student's feedback pages, by assignment, of those that exist.
    """
    links = links or {}
    assignments = {one.id: one for one in course.settings.assignments}
    components = {one.id: one for one in course.settings.components}
    records = [one for component in student.components for one in component.assignments]
    return render(
        "transcript.html.j2",
        course=one_line(course.title),
        at=wording.moment(course.at),
        student=student,
        who=one_line(student.student),
        name=one_line(student.name),
        heading=one_line(student.name or student.student),
        share=_bar(student),
        band=band,
        components=[_component(components[one.component], one, assignments, links) for one in student.components],
        open_rows=[row for one in records if (row := _open(assignments[one.assignment], one, losses)) is not None],
        lost_rows=[
            lost for one in records if (lost := _lost(assignments[one.assignment], one, losses, links)) is not None
        ],
        states=STATES,
    )


def _bar(student: StudentRecord) -> Markup | None:
    """The least the mark can come to, and what is open above it; decoration beside the numbers."""
    if student.lowest is None or student.highest is None:
        return None
    return draw_share(student.lowest, student.highest - student.lowest, max(100.0, student.highest))


def _component(
    component: Component, record: ComponentRecord, assignments: Mapping[str, Assignment], links: Mapping[str, str]
) -> ComponentRow:
    return ComponentRow(
        title=one_line(component.title),
        record=record,
        weight=component.weight,
        lent=record.mark is not None and abs(record.weight - component.weight) > 1e-6,
        bar=draw_share(record.mark or 0.0, 0.0, max(100.0, record.mark or 0.0)),
        assignments=tuple(
            _assignment(assignments[one.assignment], one, links.get(one.assignment)) for one in record.assignments
        ),
    )


def _assignment(assignment: Assignment, record: AssignmentRecord, link: str | None) -> AssignmentRow:
    points = ""
    if record.points is not None and record.max_points is not None:
        so_far = " so far" if record.state == "waiting" else ""
        points = f"{wording.number(record.points)} of {wording.number(record.max_points)}{so_far}"
    counts = record.share > 0
    return AssignmentRow(
        title=_title(assignment),
        link=link,
        state=STATES["missing"] if record.state == "dropped" and is_missing(record) else STATES[record.state],
        points=points,
        late=_late(assignment, record),
        score="" if record.score is None else f"{wording.number(100 * record.score)} %",
        counts=f"{wording.number(100 * record.share)} %"
        if counts
        else "does not count"
        if record.score is not None
        else "",
        contribution=wording.number(record.contribution) if counts else "",
    )


def _title(assignment: Assignment) -> str:
    return one_line(assignment.title) + (" (extra credit)" if assignment.extra_credit else "")


def _late(assignment: Assignment, record: AssignmentRecord) -> str:
    if not record.late_days:
        return ""
    if assignment.closed:
        return f"after it had closed: {wording.points(record.deduction)} taken off"
    words = f"{wording.count(record.late_days, 'day')} late"
    if record.covered_days:
        words += f", {record.covered_days} of them from the budget"
    return words + (f": {wording.points(record.deduction)} taken off" if record.deduction else "")


def _open(assignment: Assignment, record: AssignmentRecord, losses: Mapping[str, Sequence[Loss]]) -> OpenRow | None:
    """What is open about an assignment, in words for the student: reasons in the record are for teaching staff."""
    due = wording.moment(record.due)
    if record.state == "pending":
        why = f"Due {due}." if assignment.released is not None else f"Announced; due {due}."
    elif record.state == "waiting" and record.points is None:
        why = "Nothing was handed in by the due date. A person decides; until then it counts nowhere."
    elif record.state == "waiting":
        names = [one.question for one in losses.get(assignment.id, ()) if one.earned is None]
        why = (
            f"A person decides about: {', '.join(names)}."
            if names
            else "It is not graded yet, or a person looks again."
        )
    else:
        return None
    return OpenRow(_title(assignment), STATES[record.state], why)


def _lost(
    assignment: Assignment,
    record: AssignmentRecord,
    losses: Mapping[str, Sequence[Loss]],
    links: Mapping[str, str],
) -> LostRow | None:
    sentences: list[str] = []
    found: tuple[Loss, ...] = ()
    summary = ""
    if record.points is not None:  # what is known of work that was there at the moment
        found = tuple(one for one in losses.get(assignment.id, ()) if one.earned is not None)
        if record.deduction:
            sentences.append(f"Handed in {_late(assignment, record)}.")
        lost = (record.max_points or 0.0) - record.points
        if lost > NEGLIGIBLE and not losses.get(assignment.id):
            sentences.append(f"{wording.points(lost)} not earned; what for is in no record here.")
        if record.max_points:
            summary = f"{wording.number(record.points - record.deduction)} of {wording.points(record.max_points)}"
    elif is_missing(record):
        sentences.append(f"Nothing was handed in by {wording.moment(record.due)}.")
        summary = "missing"
    if record.state == "excused" or not (sentences or found):
        return None
    if record.state == "dropped":
        sentences.append("It is among the lowest of its component, and does not count.")
    return LostRow(_title(assignment), links.get(assignment.id), summary, tuple(sentences), found)
