"""What goes out to students: releases and feedback, through nbgrader's exchange or as files."""

from autograder.publish.bundle import Bundle, pack
from autograder.publish.choosing import Choice, handed_in_since, secret_of
from autograder.publish.exchange import CourseExchange
from autograder.publish.feedback import FeedbackOptions, Page, Published, publish_feedback
from autograder.publish.feedback_screen import print_published
from autograder.publish.release_screen import print_outcome
from autograder.publish.releasing import Outcome, ReleaseOptions, release_to_students

__all__ = [
    "Bundle",
    "Choice",
    "CourseExchange",
    "FeedbackOptions",
    "Outcome",
    "Page",
    "Published",
    "ReleaseOptions",
    "handed_in_since",
    "pack",
    "print_outcome",
    "print_published",
    "publish_feedback",
    "release_to_students",
    "secret_of",
]
