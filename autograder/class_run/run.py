"""Grading one assignment of a class: results as they come, then marks as people see them, and the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from autograder.class_run.terminal_view import TerminalView
from autograder.class_run.view import Summary, View
from autograder.course import Course
from autograder.display import write_pages
from autograder.grading.given import read_given, with_given
from autograder.grading.grade import Graded, Options, grade
from autograder.grading.interruption import Interruption


@dataclass(frozen=True)
class Outcome:
    """What came of grading one assignment.

    Attributes:
        judged: Whether every submission has been read and judged.
        num_held: How many marks would have fallen and stay as they were.
    """

    judged: bool
    num_held: int


def grade_and_show(
    console: Console,
    course: Course,
    assignment: str,
    options: Options,
    interruption: Interruption | None = None,
    view: View | None = None,
) -> Outcome:
    """Grade an assignment, write its pages, and have a view show both; without one it is the terminal's.

    Where marks would fall, whoever sits at the terminal is asked; without one they stay as they were.
    """
    seen = TerminalView(console) if view is None else view
    results: list[Graded] = []

    def agreed(held: Sequence[Graded]) -> bool:
        return seen.agree(assignment, results, held)

    total, graded = grade(course, assignment, options, interruption, agreed, seen)
    with seen.shown(assignment, total):
        for one in graded:
            results.append(one)
            seen.done(one)
    stand = [one.before if one.held else one.result for one in results]
    records = sorted((one for one in stand if one is not None), key=lambda result: result.student)
    given = read_given(course, assignment)
    pages = write_pages(course, assignment, given)
    marked = [with_given(result, given.get(result.student)) for result in records]
    summary = Summary(assignment, results, marked, pages.overview)
    seen.finish(summary)
    return Outcome(summary.judged, len(summary.held))
