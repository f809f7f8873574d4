"""The page about a class over all assignments, for teaching staff: what to look at, who is at risk, how marks lie."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from autograder.course import Assignment
from autograder.marks import MarksReport
from autograder.marks.record import AssignmentRecord, StudentRecord
from autograder.reports import boxes, first_look, items, risk, wording
from autograder.reports.boxes import draw_rows, draw_weeks
from autograder.reports.class_items import ItemSection, item_section
from autograder.reports.distribution import Summary, histogram, summarise, weeks_due
from autograder.reports.figures import Drawing
from autograder.reports.first_look import FirstLook, first_looks
from autograder.reports.items import AssignmentItems
from autograder.reports.page import render
from autograder.reports.risk import at_risk, is_missing, passing_mark
from autograder.reports.sanitise import one_line, with_inline_code
from autograder.reports.transcript import CourseFacts

MOST_LOOKS = 40
MOST_PROBLEMS = 100


@dataclass(frozen=True)
class ClassLinks:
    """Addresses of the pages there are: transcripts by student, overviews by assignment."""

    transcripts: Mapping[str, str] = field(default_factory=dict)
    overviews: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudentRow:
    """One student in a table; `link` is None where there is no transcript."""

    student: str
    name: str
    link: str | None
    record: StudentRecord
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class LookRow:
    """One thing to look at first."""

    assignment: str
    link: str | None
    question: str
    sentence: Markup
    why: str


@dataclass(frozen=True)
class MarksRow:
    """A component or an assignment: its marks as numbers, empty where there are none."""

    title: str
    link: str | None
    numbers: tuple[str, ...]
    week: int = 0
    states: Mapping[str, int] = field(default_factory=dict)


def render_class(
    course: CourseFacts,
    report: MarksReport,
    analysed: Sequence[AssignmentItems],
    links: ClassLinks | None = None,
) -> str:
    """One self-contained HTML page about a class.

    Args:
        course: The course and the moment.
        report: Everybody's marks.
        analysed: The items of the assignments that have result records, in the order of course.toml.
        links: Addresses of the pages there are.
    """
    links = links or ClassLinks()
    settings = course.settings
    assignments = {one.id: one for one in settings.assignments}
    marks = [float(one.rounded) for one in report.students if one.rounded is not None]
    summary = summarise(marks)
    looks = first_looks(analysed)
    risks = at_risk(report, settings)
    by_assignment = _by_assignment(report)
    weeks = weeks_due(settings)
    return render(
        "class.html.j2",
        course=one_line(course.title),
        at=wording.moment(course.at),
        num_students=len(report.students),
        num_waiting=sum(record.state == "waiting" for records in by_assignment.values() for record in records),
        summary=summary,
        problems=[with_inline_code(one, 600) for one in report.problems[:MOST_PROBLEMS]],
        num_problems=len(report.problems),
        looks=[_look(one, assignments, links) for one in looks[:MOST_LOOKS]],
        num_looks=len(looks),
        risks=[_student(one.record, links, one.reasons) for one in risks],
        students=[_student(one, links) for one in report.students],
        marks_histogram=histogram(marks, "Students by course mark so far", "course-mark") if marks else None,
        letters=_letters(course, report),
        columns=boxes.COLUMNS,
        components=_components(course, report),
        component_histograms=_component_histograms(course, report),
        assignments=[_assignment(one, by_assignment[one.id], weeks[one.id], links) for one in settings.assignments],
        assignment_boxes=_assignment_boxes(settings.assignments, by_assignment),
        week_boxes=_week_boxes(by_assignment, weeks),
        sections=[_section(one, assignments, links) for one in analysed],
        passing=passing_mark(settings),
        many_missing=risk.MANY_MISSING,
        fewest_for_correlation=items.FEWEST_STUDENTS,
        fewest=first_look.FEWEST,
        many_flags=first_look.MANY_FLAGS,
    )


def _by_assignment(report: MarksReport) -> dict[str, list[AssignmentRecord]]:
    found: dict[str, list[AssignmentRecord]] = defaultdict(list)
    for student in report.students:
        for component in student.components:
            for one in component.assignments:
                found[one.assignment].append(one)
    return found


def _student(record: StudentRecord, links: ClassLinks, reasons: tuple[str, ...] = ()) -> StudentRow:
    return StudentRow(
        one_line(record.student, 80),
        one_line(record.name, 80),
        links.transcripts.get(record.student),
        record,
        tuple(one_line(reason, 400) for reason in reasons),
    )


def _look(look: FirstLook, assignments: Mapping[str, Assignment], links: ClassLinks) -> LookRow:
    return LookRow(
        one_line(assignments[look.assignment].title),
        links.overviews.get(look.assignment),
        wording.title_of(look.cell, {}) if look.cell else "",
        with_inline_code(look.sentence, 300),
        look.why,
    )


def _letters(course: CourseFacts, report: MarksReport) -> list[tuple[str, str, int]]:
    counted = Counter(one.letter for one in report.students if one.letter is not None)
    return [
        (one_line(one.letter), f"{wording.number(one.at_least)} %", counted[one.letter])
        for one in course.settings.policies.letters
    ]


def _component_marks(course: CourseFacts, report: MarksReport) -> list[tuple[str, list[float]]]:
    found: dict[str, list[float]] = {one.id: [] for one in course.settings.components}
    for student in report.students:
        for component in student.components:
            if component.mark is not None:
                found[component.component].append(component.mark)
    return [(one_line(one.title), found[one.id]) for one in course.settings.components]


def _components(course: CourseFacts, report: MarksReport) -> list[MarksRow]:
    return [MarksRow(title, None, _numbers(summarise(marks))) for title, marks in _component_marks(course, report)]


def _component_histograms(course: CourseFacts, report: MarksReport) -> list[Drawing]:
    return [
        histogram(marks, f"Students by mark in {title}", f"component-{place}")
        for place, (title, marks) in enumerate(_component_marks(course, report))
        if marks
    ]


def _numbers(summary: Summary | None) -> tuple[str, ...]:
    return ("0", *[""] * (len(boxes.COLUMNS) - 1)) if summary is None else boxes.shown(summary)


def _scores(records: Sequence[AssignmentRecord]) -> list[float]:
    """Scores in percent of what was handed in and is decided: missing work is counted beside them, not as zeros."""
    return [100 * one.score for one in records if one.score is not None and one.points is not None]


def _assignment(assignment: Assignment, records: Sequence[AssignmentRecord], week: int, links: ClassLinks) -> MarksRow:
    states: Counter[str] = Counter("missing" if is_missing(one) else one.state for one in records)
    handed_in = sum(one.points is not None for one in records)
    return MarksRow(
        one_line(assignment.title),
        links.overviews.get(assignment.id),
        _numbers(summarise(_scores(records))),
        week,
        {"handed_in": handed_in, **states},
    )


def _assignment_boxes(
    assignments: Sequence[Assignment], by_assignment: Mapping[str, Sequence[AssignmentRecord]]
) -> Drawing | None:
    rows = [
        (one.title, summary)
        for one in assignments
        if (summary := summarise(_scores(by_assignment[one.id]))) is not None
    ]
    return draw_rows(rows, "Scores by assignment", "Assignment", "assignment-boxes") if rows else None


def _week_boxes(by_assignment: Mapping[str, Sequence[AssignmentRecord]], weeks: Mapping[str, int]) -> Drawing | None:
    found: dict[int, list[float]] = {}
    for assignment, records in by_assignment.items():
        found.setdefault(weeks[assignment], []).extend(_scores(records))
    rows = [(week, summary) for week in sorted(found) if (summary := summarise(found[week])) is not None]
    return draw_weeks(rows, "Scores by week of the term", "week-boxes") if rows else None


def _section(analysed: AssignmentItems, assignments: Mapping[str, Assignment], links: ClassLinks) -> ItemSection:
    title = one_line(assignments[analysed.assignment].title)
    return item_section(analysed, title, links.overviews.get(analysed.assignment))
