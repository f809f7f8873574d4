"""The course: its folders, its nbgrader configuration, its course.toml, and who has submitted what."""

from autograder.course.folder import Course, assemble_course, load_nbgrader_config, open_course, read_timestamp
from autograder.course.secret import SECRET_FILE, course_secret, submission_seed
from autograder.course.settings import DEFAULT_PRELOAD, CourseSettings
from autograder.course.submissions import Submission, assignment_exists, list_submissions, roster

__all__ = [
    "DEFAULT_PRELOAD",
    "SECRET_FILE",
    "Course",
    "CourseSettings",
    "Submission",
    "assemble_course",
    "assignment_exists",
    "course_secret",
    "list_submissions",
    "load_nbgrader_config",
    "open_course",
    "read_timestamp",
    "roster",
    "submission_seed",
]
