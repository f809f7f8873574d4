"""Grading one assignment of a class at the command line: what is shown while it runs, and what afterwards."""

from autograder.class_run.events import EVENTS, PROGRESS_SCHEMA_VERSION, Event
from autograder.class_run.json_lines import JsonLines
from autograder.class_run.quiet import QuietView
from autograder.class_run.run import grade_and_show
from autograder.class_run.terminal_view import TerminalView
from autograder.class_run.view import View

__all__ = [
    "EVENTS",
    "PROGRESS_SCHEMA_VERSION",
    "Event",
    "JsonLines",
    "QuietView",
    "TerminalView",
    "View",
    "grade_and_show",
]
