"""The course: its folders, its nbgrader configuration, its course.toml and exceptions, and who has submitted what."""

from autograder.course.assessment import Assignment, Component, Week
from autograder.course.closing import is_over, last_due, late_by, time_late
from autograder.course.exceptions import Exceptions, Excuse, Extension, exceptions_path, read_exceptions
from autograder.course.folder import Course, assemble_course, load_nbgrader_config, open_course, read_timestamp
from autograder.course.policies import LatePolicy, LetterBoundary, Policies
from autograder.course.rubric import Criterion, Level, Rubric, question_name, read_rubric, rubrics_folder
from autograder.course.secret import SECRET_FILE, course_secret, submission_seed
from autograder.course.settings import DEFAULT_PRELOAD, CourseSettings, settings_path
from autograder.course.submissions import Submission, assignment_exists, list_submissions, roster, submitted_folders

__all__ = [
    "DEFAULT_PRELOAD",
    "SECRET_FILE",
    "Assignment",
    "Component",
    "Course",
    "CourseSettings",
    "Criterion",
    "Exceptions",
    "Excuse",
    "Extension",
    "LatePolicy",
    "LetterBoundary",
    "Level",
    "Policies",
    "Rubric",
    "Submission",
    "Week",
    "assemble_course",
    "assignment_exists",
    "course_secret",
    "exceptions_path",
    "is_over",
    "last_due",
    "late_by",
    "list_submissions",
    "load_nbgrader_config",
    "open_course",
    "question_name",
    "read_exceptions",
    "read_rubric",
    "read_timestamp",
    "roster",
    "rubrics_folder",
    "settings_path",
    "submission_seed",
    "submitted_folders",
    "time_late",
]
