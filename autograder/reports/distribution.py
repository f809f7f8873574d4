"""How marks are distributed: five numbers and a mean, and the weeks that work is due in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, quantiles

from autograder.course import CourseSettings
from autograder.reports.figures import Drawing, draw_histogram

BINS = (*((str(low), f"{low} to {low + 9}") for low in range(0, 100, 10)), ("100", "100 or more"))
"""The tens of per cent a mark can fall into, full marks by themselves: the bar's label and its full name."""


@dataclass(frozen=True)
class Summary:
    """A distribution of marks in percent: how many, their mean, and the five numbers of a box plot.

    Quartiles are interpolated, lowest and highest among the data (method "inclusive" of Python's statistics).
    """

    count: int
    mean: float
    lowest: float
    lower_quarter: float
    median: float
    upper_quarter: float
    highest: float


def summarise(marks: Sequence[float]) -> Summary | None:
    """Summarise marks in percent; None where there are none."""
    if not marks:
        return None
    lower, middle, upper = quantiles(marks, n=4, method="inclusive") if len(marks) > 1 else [marks[0]] * 3
    return Summary(len(marks), fmean(marks), min(marks), lower, middle, upper, max(marks))


def histogram(marks: Sequence[float], title: str, identifier: str) -> Drawing:
    """Draw how many students have which tens of per cent.

    Args:
        marks: Marks in percent.
        title: The figure's title.
        identifier: Unique on the page.
    """
    counts = [0] * len(BINS)
    for mark in marks:
        counts[max(0, min(int(mark / 10 + 1e-9), 10))] += 1
    return draw_histogram(counts, BINS, title, "Per cent, rounded down to tens", identifier, counted="Students")


def weeks_due(settings: CourseSettings) -> dict[str, int]:
    """The week each assignment is due in, by its id: calendar weeks, from the one in which anything is released or due.

    A week begins on Monday; dates are those of the assignment's own time zone.
    """
    begins = [_monday((one.released or one.due).date()) for one in settings.assignments]
    first = min([*begins, *(_monday(one.due.date()) for one in settings.assignments)], default=date.min)
    return {one.id: 1 + (_monday(one.due.date()) - first).days // 7 for one in settings.assignments}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
