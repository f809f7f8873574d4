"""How a course stands: released, handed in, graded, to review, feedback out, and what to type next."""

from autograder.status.gather import course_status
from autograder.status.record import STATUS_SCHEMA_VERSION, AssignmentStatus, ReviewCounts, StatusReport
from autograder.status.screen import print_status

__all__ = [
    "STATUS_SCHEMA_VERSION",
    "AssignmentStatus",
    "ReviewCounts",
    "StatusReport",
    "course_status",
    "print_status",
]
