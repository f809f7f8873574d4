"""Writing the pages about a course: a transcript for each student and one page about the class.

Records are read one assignment at a time, and of each only what pages need is kept: a class of a thousand has tens of
thousands of them.
"""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.given import Given, read_given, with_given
from autograder.grading.store import Store
from autograder.marks import ClassMarks, MarksReport
from autograder.reports.bands import bands
from autograder.reports.class_page import ClassLinks, render_class
from autograder.reports.files import write_whole
from autograder.reports.items import AssignmentItems, analyse_items
from autograder.reports.losses import Loss, losses_of
from autograder.reports.places import CLASS_PAGE, TRANSCRIPTS, link_to, page_path, transcript_path
from autograder.reports.transcript import CourseFacts, render_transcript
from autograder.results import SubmissionResult

AGAIN = "free space or permit it, then run the same command again: nothing but pages is written"

Losses = Mapping[str, Mapping[str, tuple[Loss, ...]]]
"""What did not earn all points, by student and assignment."""


@dataclass(frozen=True)
class ClassPages:
    """What was written, and what stands in the way of the rest.

    Attributes:
        page: The page about the class.
        transcripts: The transcripts, by student id.
        problems: What is not on the pages and why, a sentence each; what `ClassMarks` names itself is not among them.
    """

    page: Path
    transcripts: Mapping[str, Path]
    problems: tuple[str, ...]


def write_class_pages(found: ClassMarks) -> ClassPages:
    """Write `reports/transcripts/<student>.html` for every student, and `reports/class.html`.

    A student whose id can name no file has no transcript, and a record that cannot be read is on no page; both are
    named. Each page is whole or not there.

    Args:
        found: The marks of the class.

    Raises:
        AutograderError: A page cannot be written.
        GradebookError: The gradebook cannot be read.
        UsageError: An assignment has the name of the transcripts' folder.
    """
    if any(one.id == TRANSCRIPTS for one in found.course.settings.assignments):
        raise UsageError(
            f"expected no assignment with the id {TRANSCRIPTS!r}, since its pages would lie between the transcripts, "
            "found one in course.toml; give it another id"
        )
    folder = found.course.root / "reports"
    report = found.report()
    places, problems = _places(report)
    analysed, losses, unread = _read(found.course, report)
    facts = CourseFacts(found.course.title, found.course.settings, report.at)
    quarters = bands({one.student: one.rounded for one in report.students})
    transcripts = {}
    for student in report.students:
        if student.student not in places:
            continue
        page = render_transcript(
            facts,
            student,
            losses.get(student.student, {}),
            quarters.get(student.student),
            _feedback_links(found.course, folder, student.student),
        )
        transcripts[student.student] = folder / places[student.student]
        write_whole(transcripts[student.student], page, "the transcript", AGAIN)
    overviews = {
        one.id: link_to(f"{one.id}/overview.html")
        for one in found.course.settings.assignments
        if (folder / one.id / "overview.html").is_file()
    }
    links = ClassLinks({student: link_to(path) for student, path in places.items()}, overviews)
    everything = report.model_copy(update={"problems": (*report.problems, *problems, *unread)})
    write_whole(folder / CLASS_PAGE, render_class(facts, everything, analysed, links), "the page", AGAIN)
    return ClassPages(folder / CLASS_PAGE, transcripts, (*problems, *unread))


def _places(report: MarksReport) -> tuple[dict[str, str], list[str]]:
    """Where each transcript goes, and whose has no place."""
    places, problems = {}, []
    for one in report.students:
        try:
            places[one.student] = transcript_path(one.student)
        except UsageError as error:
            problems.append(f"No transcript: {error}.")
    return places, problems


def _feedback_links(course: Course, folder: Path, student: str) -> dict[str, str]:
    found = {}
    for one in course.settings.assignments:
        path = f"{one.id}/{page_path(student, one.id)}"
        if (folder / path).is_file():
            found[one.id] = link_to(path, up=1)
    return found


def _read(course: Course, report: MarksReport) -> tuple[list[AssignmentItems], Losses, list[str]]:
    """The items of each assignment that has records, everybody's losses, and what could not be read."""
    there = {
        (student.student, one.assignment)
        for student in report.students
        for component in student.components
        for one in component.assignments
        if one.points is not None  # handed in by the moment that is looked at
    }
    analysed: list[AssignmentItems] = []
    losses: dict[str, dict[str, tuple[Loss, ...]]] = {}
    problems: list[str] = []
    for assignment in course.settings.assignments:
        results = _results(course, assignment.id, there, problems)
        if results:
            analysed.append(analyse_items(assignment.id, results))
        for result in results:
            losses.setdefault(result.student, {})[assignment.id] = losses_of(result)
    return analysed, losses, problems


def _results(
    course: Course, assignment: str, there: set[tuple[str, str]], problems: list[str]
) -> list[SubmissionResult]:
    """An assignment's records with what people gave, of the students of the class who have handed it in."""
    store = Store(course.results)
    given = _given(course, assignment, problems)
    found = []
    for path in sorted(store.folder.glob(f"*/{glob.escape(assignment)}.json")):
        student = path.parent.name
        if (student, assignment) not in there:
            continue
        result = store.read(path)
        # A record in another student's folder would put one student's work on another's page.
        if result is None or (result.student, result.assignment) != (student, assignment):
            wrong = "one that cannot be read" if result is None else f"one of {result.assignment} of {result.student}"
            problems.append(
                f"{assignment} of {student}: expected a result record of this version in {path}, found {wrong}; it is "
                f"on no page until it is graded again (`autograder grade {assignment} --student {student} --force`)."
            )
            continue
        found.append(with_given(result, given.get(student)))
    return found


def _given(course: Course, assignment: str, problems: list[str]) -> dict[str, Given]:
    try:
        return read_given(course, assignment)
    except ValueError as error:  # SQLite keeps any text where a number should be
        problems.append(
            f"{assignment}: expected numbers as points in the gradebook, found another ({error}); what people gave is "
            "not on its pages until that is corrected in the formgrader."
        )
        return {}
