"""Marks: from the course's records and the gradebook's scores to course marks that can be followed to their parts."""

from autograder.marks.changes import MarkChanges, changes_since, changes_table
from autograder.marks.command import ClassMarks, class_marks, marks_table, now, read_moment
from autograder.marks.course_mark import compute_marks
from autograder.marks.derivation import Step, derivation
from autograder.marks.history import ChangesReport, history_screen, note_changes, read_history
from autograder.marks.record import MARKS_SCHEMA_VERSION, MarksReport
from autograder.marks.scores import Score, exact
from autograder.marks.student_mark import AssignmentMark, ComponentMark, StudentMark

__all__ = [
    "MARKS_SCHEMA_VERSION",
    "AssignmentMark",
    "ChangesReport",
    "ClassMarks",
    "ComponentMark",
    "MarkChanges",
    "MarksReport",
    "Score",
    "Step",
    "StudentMark",
    "changes_since",
    "changes_table",
    "class_marks",
    "compute_marks",
    "derivation",
    "exact",
    "history_screen",
    "marks_table",
    "note_changes",
    "now",
    "read_history",
    "read_moment",
]
