"""A small course with a real gradebook of nbgrader's, filled through nbgrader's own interface."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.course import Course, open_course

COURSE = """\
id = "networks"
title = "Networks"

[[components]]
id = "labs"
title = "Labs"
weight = 60
drop_lowest = 1

[[components]]
id = "exam"
title = "Exam"
weight = 40

[[assignments]]
id = "layers"
kind = "lab"
title = "Layers"
component = "labs"
released = 2027-02-01T08:00:00Z
due = 2027-02-07T12:00:00Z

[[assignments]]
id = "images"
kind = "lab"
title = "Images"
component = "labs"
released = 2027-02-08T08:00:00Z
due = 2027-02-14T12:00:00Z

[[assignments]]
id = "words"
kind = "lab"
title = "Words"
component = "labs"
released = 2027-02-15T08:00:00Z
due = 2027-02-21T12:00:00Z

[[assignments]]
id = "final"
kind = "exam"
title = "Final"
component = "exam"
released = 2027-03-01T08:00:00Z
due = 2027-03-01T12:00:00Z

[policies]
decimals = 1

[policies.late]
percent_per_day = 10
grace_minutes = 15
budget_days = 1

[[policies.letters]]
letter = "A"
at_least = 90

[[policies.letters]]
letter = "B"
at_least = 70

[[policies.letters]]
letter = "F"
at_least = 0
"""
EXCEPTIONS = """\
[[excuses]]
student = "bela"
assignment = "images"
reason = "ill, certificate of 12 February"

[[extensions]]
student = "chen"
assignment = "layers"
due = 2027-02-09T12:00:00Z
reason = "moved house"
"""
ROSTER = "id,name\nada,Ada Lovelace\nbela,Béla Bartók\nchen,Chen Jingrun\n"
LABS = ("layers", "images", "words")
DUE = {
    "layers": "2027-02-07 12:00:00",
    "images": "2027-02-14 12:00:00",
    "words": "2027-02-21 12:00:00",
    "final": "2027-03-01 12:00:00",
}
# Points of each assignment: two cells marked by tests, one answer and one task marked by a person.
CELLS = {"first-tests": 16, "second-tests": 14, "why": 6}
TASK = {"drawing": 4}
AFTER = "2027-03-10T00:00:00Z"
BETWEEN = "2027-02-25T00:00:00Z"


def make_course(root: Path, toml: str = COURSE, exceptions: str = EXCEPTIONS, roster: str = ROSTER) -> Course:
    """Write the course's files, with all assignments of course.toml released in a new gradebook."""
    (root / "course").mkdir(parents=True)
    (root / "course" / "course.toml").write_text(toml, encoding="utf-8")
    if exceptions:
        (root / "course" / "exceptions.toml").write_text(exceptions, encoding="utf-8")
    if roster:
        (root / "course" / "roster.csv").write_text(roster, encoding="utf-8")
    course = open_course(root)
    with course.gradebook() as gradebook:
        for name, due in DUE.items():
            gradebook.add_assignment(name, duedate=f"{due} UTC")
            gradebook.add_notebook("notebook", name)
            for cell, points in CELLS.items():
                kind = "markdown" if cell == "why" else "code"
                gradebook.add_grade_cell(cell, "notebook", name, max_score=points, cell_type=kind)
            for cell, points in TASK.items():
                gradebook.add_task_cell(cell, "notebook", name, max_score=points, cell_type="markdown")
    return course


def hand_in(
    gradebook: Gradebook,
    student: str,
    assignment: str,
    automatic: tuple[float | None, float | None],
    manual: tuple[float | None, float | None] = (None, None),
    late: timedelta = timedelta(0),
    **fields: Any,
) -> None:
    """Enter a submission as autograding and a person in the formgrader leave it.

    Args:
        gradebook: nbgrader's.
        student: The student's id.
        assignment: The assignment's name.
        automatic: The scores of the two tests cells.
        manual: What a person gave the answer and the task; None where nobody has.
        late: How long after the due date it came.
        fields: Columns of the first cell's grade besides.
    """
    gradebook.update_or_create_student(student)
    gradebook.add_submission(assignment, student)
    submission = gradebook.find_submission(assignment, student)
    submission.timestamp = submission.assignment.duedate + late
    for cell, score in zip(CELLS, automatic, strict=False):
        grade = gradebook.find_grade(cell, "notebook", assignment, student)
        grade.auto_score, grade.needs_manual_grade = score, score is None
    for cell, score in zip(("why", "drawing"), manual, strict=True):
        grade = gradebook.find_grade(cell, "notebook", assignment, student)
        grade.manual_score, grade.needs_manual_grade = score, score is None
    for name, value in fields.items():
        setattr(gradebook.find_grade("first-tests", "notebook", assignment, student), name, value)
    gradebook.db.commit()


def fill(course: Course) -> None:
    """Enter what a class of three has done: late, missing, excused, and waiting for a person."""
    hour = timedelta(hours=1)
    with course.gradebook() as gradebook:
        # ada: one lab two days late, one day of which the budget covers; extra credit in another; the lowest dropped.
        hand_in(gradebook, "ada", "layers", (16, 12), (4, 2), late=25 * hour)
        hand_in(gradebook, "ada", "images", (16, 14), (6, 3), extra_credit=1)
        hand_in(gradebook, "ada", "words", (8, 4), (2, 0), late=hour / 6)
        hand_in(gradebook, "ada", "final", (16, 9), (6, 2))
        # bela: excused from one lab, one missing, and nobody has marked the answer of the exam.
        hand_in(gradebook, "bela", "layers", (16, 14), (3, 3))
        hand_in(gradebook, "bela", "final", (12, 14), (None, 4))
        # chen: an extension for one lab, and a cell with thirds of points.
        hand_in(gradebook, "chen", "layers", (32 / 3, 28 / 3), (4, 4), late=48 * hour)
        hand_in(gradebook, "chen", "images", (8, 7), (3, 2), late=72 * hour)
        hand_in(gradebook, "chen", "words", (16, 14), (6, 4))
        hand_in(gradebook, "chen", "final", (8, 7), (0, 4))
        # What nbgrader's own late policy has taken off; it is kept beside the scores.
        gradebook.find_submission_notebook("notebook", "images", "chen").late_submission_penalty = 8.0
        gradebook.db.commit()
