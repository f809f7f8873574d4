"""How a course stands: released, handed in, graded, to review, feedback out, and what to type next."""

from autograder.status.assignments import handed_in_assignments
from autograder.status.gather import course_status
from autograder.status.outlook_screen import print_outlooks
from autograder.status.record import STATUS_SCHEMA_VERSION, AssignmentStatus, ReviewCounts, StatusReport
from autograder.status.screen import print_status

__all__ = [
    "STATUS_SCHEMA_VERSION",
    "AssignmentStatus",
    "ReviewCounts",
    "StatusReport",
    "course_status",
    "handed_in_assignments",
    "print_outlooks",
    "print_status",
]
