"""Marks: from the course's records and the gradebook's scores to course marks that can be followed to their parts."""

from autograder.marks.command import ClassMarks, class_marks, marks_table, now, read_moment
from autograder.marks.course_mark import compute_marks
from autograder.marks.derivation import Step, derivation
from autograder.marks.record import MARKS_SCHEMA_VERSION, MarksReport
from autograder.marks.scores import Score, exact
from autograder.marks.student_mark import AssignmentMark, ComponentMark, StudentMark

__all__ = [
    "MARKS_SCHEMA_VERSION",
    "AssignmentMark",
    "ClassMarks",
    "ComponentMark",
    "MarksReport",
    "Score",
    "Step",
    "StudentMark",
    "class_marks",
    "compute_marks",
    "derivation",
    "exact",
    "marks_table",
    "now",
    "read_moment",
]
