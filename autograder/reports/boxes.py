"""Box plots as inline SVG: one row for each assignment, and one column for each week.

A box goes from the lower to the upper quarter, the line in it is the median, and its whiskers end at the lowest and the
highest mark.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from autograder.reports.distribution import Summary
from autograder.reports.figures import WIDTH, Axis, Drawing, Table, plot_svg, plot_text
from autograder.reports.sanitise import one_line
from autograder.reports.wording import number

LABEL_CHARACTERS = 16
COLUMNS = ("Students", "Lowest", "Lower quarter", "Median", "Upper quarter", "Highest", "Mean")
_ROW = 30
_LEFT, _RIGHT, _TOP = 150, 16, 10
_WEEK_LEFT, _WEEK_BASE = 46, 220


def draw_rows(rows: Sequence[tuple[str, Summary]], title: str, corner: str, identifier: str) -> Drawing:
    """Draw a horizontal box for each name.

    Args:
        rows: Names, each with its marks.
        title: The figure's title.
        corner: What the names are, as a heading of the table.
        identifier: Unique on the page.
    """
    bottom = _TOP + _ROW * len(rows)
    x = Axis(0, _top([summary for _, summary in rows]), _LEFT, WIDTH - _RIGHT)
    parts = []
    for tick in range(0, int(x.high) + 1, 20):
        parts.append(_line("grid", x(tick), _TOP, x(tick), bottom))
        parts.append(plot_text(x(tick), bottom + 18, f"{tick}", "tick", "middle"))
    for place, (name, summary) in enumerate(rows):
        middle = _TOP + _ROW * (place + 0.5)
        parts.append(plot_text(_LEFT - 8, middle + 4, one_line(name, LABEL_CHARACTERS), "tick", "end"))
        parts.append(_line("whisker", x(summary.lowest), middle, x(summary.highest), middle))
        left, right = x(summary.lower_quarter), x(summary.upper_quarter)
        parts.append(_box(left, middle - 8, right - left, 16))
        parts.append(_line("median", x(summary.median), middle - 9, x(summary.median), middle + 9))
    parts.append(plot_text((_LEFT + WIDTH - _RIGHT) / 2, bottom + 40, "Per cent of the points", "label", "middle"))
    named = [(one_line(name, 80), summary) for name, summary in rows]
    return _drawing(parts, bottom + 48, named, title, corner, identifier)


def draw_weeks(weeks: Sequence[tuple[int, Summary]], title: str, identifier: str) -> Drawing:
    """Draw a standing box for each week, at its place in the term, with a line through the medians.

    Args:
        weeks: Numbers of weeks in order, each with its marks.
        title: The figure's title.
        identifier: Unique on the page.
    """
    last = max((week for week, _ in weeks), default=1)
    step = (WIDTH - _WEEK_LEFT - _RIGHT) / last
    wide = min(22.0, 0.6 * step)
    y = Axis(0, _top([summary for _, summary in weeks]), _WEEK_BASE, _TOP)
    parts = []
    for tick in range(0, int(y.high) + 1, 20):
        parts.append(_line("grid", _WEEK_LEFT, y(tick), WIDTH - _RIGHT, y(tick)))
        parts.append(plot_text(_WEEK_LEFT - 8, y(tick) + 4, f"{tick}", "tick", "end"))
    every = -(-last // 16)  # no more labels than a narrow screen has room for
    for week in range(1, last + 1, every):
        parts.append(plot_text(_WEEK_LEFT + (week - 0.5) * step, _WEEK_BASE + 20, f"{week}", "tick", "middle"))
    for week, summary in weeks:
        middle = _WEEK_LEFT + (week - 0.5) * step
        parts.append(_line("whisker", middle, y(summary.lowest), middle, y(summary.highest)))
        top, bottom = y(summary.upper_quarter), y(summary.lower_quarter)
        parts.append(_box(middle - wide / 2, top, wide, bottom - top))
        parts.append(_line("median", middle - wide / 2, y(summary.median), middle + wide / 2, y(summary.median)))
    line = " ".join(f"{_WEEK_LEFT + (week - 0.5) * step:.1f},{y(summary.median):.1f}" for week, summary in weeks)
    if len(weeks) > 1:
        parts.append(Markup('<polyline class="line series-1" points="{}"/>').format(line))
    parts.append(plot_text(WIDTH / 2, _WEEK_BASE + 44, "Week in which work is due", "label", "middle"))
    named = [(f"Week {week}", summary) for week, summary in weeks]
    return _drawing(parts, _WEEK_BASE + 52, named, title, "Week", identifier)


def _top(summaries: Sequence[Summary]) -> float:
    """The end of the axis: full marks, or what extra credit comes to above them."""
    return max([100.0, *(summary.highest for summary in summaries)])


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(style, x1, y1, x2, y2)


def _box(x: float, y: float, width: float, height: float) -> Markup:
    # A class that is all of one opinion is still to be seen.
    return Markup('<rect class="box" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"/>').format(
        x, y, max(width, 1.5), max(height, 1.5)
    )


def _drawing(
    parts: list[Markup], height: float, named: Sequence[tuple[str, Summary]], title: str, corner: str, identifier: str
) -> Drawing:
    description = " ".join(
        f"{name}: median {number(one.median)} %, half of {one.count} students from {number(one.lower_quarter)} to "
        f"{number(one.upper_quarter)} %."
        for name, one in named
    )
    rows = tuple((name, *shown(summary)) for name, summary in named)
    svg = plot_svg(parts, WIDTH, height, title, description or "No marks yet.", identifier)
    return Drawing(title, svg, Table(corner, COLUMNS, rows))


def shown(summary: Summary) -> tuple[str, ...]:
    """The numbers of a summary in the order of `COLUMNS`."""
    five = (summary.lowest, summary.lower_quarter, summary.median, summary.upper_quarter, summary.highest)
    return (str(summary.count), *(number(round(value, 1)) for value in (*five, summary.mean)))
