"""Everything that is known of a class, put together from gradebook, results, submissions and roster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction

from autograder.course import Course, Exceptions, read_timestamp, submitted_folders
from autograder.course.enrolment import Enrolment, read_enrolment
from autograder.course.roster_file import Enrolled
from autograder.grading.store import Store
from autograder.marks.gradebook import GradebookContent, open_content
from autograder.marks.problems import problems_of_the_course
from autograder.marks.scores import Score
from autograder.marks.submission_score import score_of
from autograder.marks.unjudged import UnreadableRecordError, unjudged_cells


@dataclass(frozen=True)
class ClassScores:
    """What marks of a class are computed from.

    Attributes:
        students: The ids of all students: of the roster, and whoever the gradebook or a submission names besides.
        names: Names by id, as far as the roster has them.
        scores: What is known of their work.
        problems: What somebody should put right, a sentence each.
        roster: What is known of students by id: from the roster, and what it lacks from the gradebook.
    """

    students: tuple[str, ...]
    names: Mapping[str, str]
    scores: tuple[Score, ...]
    problems: tuple[str, ...]
    roster: Mapping[str, Enrolled]


def read_class(course: Course, exceptions: Exceptions, at: datetime) -> ClassScores:
    """Read what is known of the class.

    Args:
        course: The course.
        exceptions: Its extensions and excuses.
        at: The moment at which marks are looked at.

    Raises:
        UsageError: The roster cannot be read.
        GradebookError: The gradebook cannot be read.
    """
    enrolment = read_enrolment(course)
    with open_content(course) as content:
        scores, wrong = ([], []) if content is None else _graded(course, content)
    ungraded, unreadable = _not_graded_yet(course, content, {(one.student, one.assignment) for one in scores})
    scores += ungraded
    names = enrolment.names or {}
    known = content.students if content is not None else {}
    problems = [
        *enrolment.problems,
        *problems_of_the_course(course, exceptions, content, enrolment, scores, at),
        *sorted(wrong),
        *unreadable,
    ]
    students = sorted({*names, *known, *(one.student for one in scores)})
    return ClassScores(tuple(students), names, tuple(scores), tuple(problems), _enrolled(enrolment, known))


def _enrolled(enrolment: Enrolment, known: Mapping[str, Enrolled]) -> dict[str, Enrolled]:
    found = dict(known)
    for student, line in (enrolment.students or {}).items():
        other = known.get(student, line)
        found[student] = replace(
            line, lms_id=line.lms_id or other.lms_id, name=line.name or other.name, email=line.email or other.email
        )
    return found


def _graded(course: Course, content: GradebookContent) -> tuple[list[Score], list[str]]:
    """The scores of all work in the gradebook that counts, and what is wrong with them."""
    counting = {one.id for one in course.settings.assignments}
    store = Store(course.results)
    scores: list[Score] = []
    problems: list[str] = []
    for submitted, cells in content.graded():
        if submitted.assignment in counting:
            try:
                unjudged = unjudged_cells(store, submitted.student, submitted.assignment)
            except UnreadableRecordError:
                # The gradebook has no score either for what could not be judged: it waits all the same.
                unjudged = ()
                problems.append(
                    f"{submitted.assignment} of {submitted.student}: expected a result record of this version, found "
                    f"{store.result_path(submitted.student, submitted.assignment)}, which cannot be read and says that "
                    f"something could not be judged; grade it again (`autograder grade {submitted.assignment} "
                    f"--student {submitted.student} --force`)."
                )
            score, wrong = score_of(submitted, cells, content.assignments[submitted.assignment], unjudged)
            scores.append(score)
            problems += wrong
    return scores, problems


def _not_graded_yet(
    course: Course, content: GradebookContent | None, graded: set[tuple[str, str]]
) -> tuple[list[Score], list[str]]:
    """Work that was handed in and that the gradebook does not know yet: it waits, and is not missing."""
    scores, problems = [], []
    for assignment in (one.id for one in course.settings.assignments):
        released = content.assignments.get(assignment) if content is not None else None
        most = Fraction(0) if released is None else released.max_points
        for student, folder in sorted(submitted_folders(course, assignment).items()):
            if (student, assignment) in graded:
                continue
            moment = None
            try:
                moment = read_timestamp(folder)
            except ValueError as error:
                problems.append(f"{assignment} of {student}: {error}.")
            reason = f"It was handed in and is not graded yet (`autograder grade {assignment}`)."
            handed_in = None if moment is None else moment.replace(tzinfo=UTC)
            scores.append(Score(student, assignment, most, Fraction(0), most, handed_in, (reason,)))
    return scores, problems
