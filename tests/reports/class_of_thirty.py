"""A class of thirty with a real gradebook and real result records, and records of marks without either.

Its faults are made to be found: in `images` the second question is wrong the wrong way round, in `words` nobody passes
the first, in `final` the grader could not judge three, and five students have not handed in two labs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from autograder.course import Course, CourseSettings, Exceptions
from autograder.grading.store import Store
from autograder.marks import MarksReport, Score, compute_marks
from autograder.marks.record import marks_report
from autograder.reports import CourseFacts
from autograder.results import CellResult, CheckResult, SubmissionResult
from tests.marks import classroom
from tests.reports.samples import cell, check, submission

ODD = "Zoë %2e #1 <b>"
STUDENTS = (*(f"s{number:02d}" for number in range(29)), ODD)
MISSING = STUDENTS[:5]
UNJUDGED = STUDENTS[20:23]
AFTER = datetime.fromisoformat(classroom.AFTER)
LABS = ("layers", "images", "words")


def settings(toml: str = classroom.COURSE) -> CourseSettings:
    """The course of tests/marks as records."""
    return CourseSettings.model_validate(tomllib.loads(toml))


def facts(course: CourseSettings | None = None) -> CourseFacts:
    """What pages say of the course."""
    return CourseFacts("Networks", course or settings(), AFTER.isoformat())


def score(student: str, assignment: str, points: float, **changes: object) -> Score:
    """A score out of 40, handed in in time."""
    return Score(student, assignment, Fraction(40), Fraction(points), **changes)  # type: ignore[arg-type]


def report(
    scores: Iterable[Score], students: Iterable[str], course: CourseSettings | None = None, at: datetime = AFTER
) -> MarksReport:
    """The record of the marks of a class."""
    course = course or settings()
    marks = compute_marks(course, Exceptions(), scores, students, at)
    return marks_report("networks", course, marks, {}, (), at)


def steps(number: int) -> CheckResult:
    """A check that a third of the class fails, each with a message."""
    if number >= 10:
        return check("steps_right", "`step` goes downhill.")
    said = "expected a smaller loss, received a larger one" if number else "expected a number, received None"
    return check("steps_right", "`step` goes downhill.", verdict="failed", fraction=0.0, message=said)


def halves(number: int) -> CheckResult:
    """A check that every second student passes in part."""
    if number % 2 == 0:
        return check("halves_the_rate", "The rate is halved.")
    return check("halves_the_rate", "The rate is halved.", verdict="failed", fraction=0.5, message="halved too late")


def upper(number: int, upside_down: bool) -> CheckResult:
    """A check that the upper half of the class passes, or the lower one."""
    right = (number >= 15) != upside_down
    changes = {} if right else {"verdict": "failed", "fraction": 0.0, "message": "expected 3, received 4"}
    return check("counts_parameters", "The network has 3 parameters.", **changes)


def cells(number: int, student: str, assignment: str) -> tuple[CellResult, ...]:
    """The cells of one submission; what people mark is in the gradebook only."""
    first = (steps(number), halves(number))
    if assignment == "words":
        first = tuple(
            check(one.name, one.sentence, verdict="failed", fraction=0.0, message="not found") for one in first
        )
    earned = sum(one.fraction or 0.0 for one in first) / 2 * 16
    second = upper(number, upside_down=assignment == "images")
    second_score: float | None = 14 * (second.fraction or 0.0)
    status = "graded"
    if assignment == "final" and student in UNJUDGED:
        second = check(
            second.name, second.sentence, verdict="could_not_judge", fraction=None, fault="FileNotFoundError"
        )
        second_score, status = None, "could_not_judge"
    return (
        cell("first-tests", 16.0, first, earned),
        cell("second-tests", 14.0, (second,), second_score, status=status),
        cell("why", 6.0, (), None, kind="manual", status="needs_review"),
        cell("drawing", 4.0, (), None, kind="manual", status="needs_review"),
    )


def record(number: int, assignment: str) -> SubmissionResult:
    """The result record of one submission."""
    made = submission(STUDENTS[number], cells(number, STUDENTS[number], assignment), assignment=assignment)
    notebook = made.notebooks[0].model_copy(update={"notebook": "notebook"})
    return made.model_copy(update={"notebooks": (notebook,), "course": "networks"})


def person(number: int) -> tuple[float, float]:
    """What a person gave the answer and the drawing."""
    return float(number % 7), float(min(4, number // 6))


def make(root: Path) -> Course:
    """Write the course, its gradebook and the result records."""
    roster = "id,name\n" + "".join(f'"{student}","Name of {student}"\n' for student in STUDENTS)
    course = classroom.make_course(root, exceptions="", roster=roster)
    store = Store(course.results)
    with course.gradebook() as gradebook:
        for number, student in enumerate(STUDENTS):
            for assignment in (*LABS, "final"):
                if student in MISSING and assignment in ("layers", "images"):
                    continue
                result = record(number, assignment)
                automatic = (result.notebooks[0].cells[0].score, result.notebooks[0].cells[1].score)
                classroom.hand_in(gradebook, student, assignment, automatic, person(number))
                store.write(store.result_path(student, assignment), result)
    return course
