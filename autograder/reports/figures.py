"""Figures as inline SVG: curves, matrices, bars, histograms; each with a title, a description and a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from autograder.reports.sanitise import one_line
from autograder.reports.wording import number
from autograder.results import Bars, ConfusionMatrix, Curve, Figure

WIDTH, HEIGHT = 520, 270
"""The drawing area of a curve or histogram, in SVG units; the page scales it."""

MAX_SERIES = 8
MAX_POINTS = 400
MAX_ROWS = 12
MAX_CLASSES = 40

_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 12, 12, 50


@dataclass(frozen=True)
class Table:
    """The numbers of a figure for those who would rather read them."""

    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Drawing:
    """A figure ready for a page.

    `keys` names the lines of a curve in order; the page draws each key in the style `series-<n>`.
    """

    title: str
    svg: Markup
    table: Table
    keys: tuple[str, ...] = ()
    shape: str = "wide"


@dataclass(frozen=True)
class Axis:
    """A linear scale from values to SVG units."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where `value` lies, in SVG units."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)


def draw(figure: Figure, identifier: str) -> Drawing:
    """Draw a check's figure; `identifier` is unique on the page and ours, never a student's."""
    if isinstance(figure, Curve):
        return _curve(figure, identifier)
    if isinstance(figure, Bars):
        return _bars(figure, identifier)
    return _confusion_matrix(figure, identifier)


def draw_histogram(
    counts: Sequence[int],
    bins: Sequence[tuple[str, str]],
    title: str,
    axis: str,
    identifier: str,
    counted: str = "Submissions",
    most: int | None = None,
) -> Drawing:
    """Bars with their counts above them.

    Args:
        counts: How many fall into each bin.
        bins: What stands below each bar, and the bin's full name for the table.
        title: The figure's title.
        axis: What the bins are of.
        identifier: Unique on the page.
        counted: What is counted, as a heading of the table.
        most: What the axis ends at; the largest count when None.
    """
    high = max([1, *counts]) if most is None else most
    y = Axis(0, high * 1.12, 200, 8)
    step = (WIDTH - 24) / max(1, len(counts))
    parts = [Markup('<line class="axis" x1="12" y1="200" x2="{}" y2="200"/>').format(WIDTH - 12)]
    for index, (quantity, (tick, _)) in enumerate(zip(counts, bins, strict=True)):
        left = 12 + index * step
        top = y(quantity)
        if quantity:
            parts.append(
                Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"/>').format(
                    left + 4, top, step - 8, 200 - top
                )
            )
            parts.append(plot_text(left + step / 2, top - 6, str(quantity), "value", "middle"))
        parts.append(plot_text(left + step / 2, 219, tick, "tick", "middle"))
    parts.append(plot_text(WIDTH / 2, 243, axis, "label", "middle"))
    rows = tuple((name, str(quantity)) for (_, name), quantity in zip(bins, counts, strict=True))
    description = "; ".join(f"{name}: {quantity}" for name, quantity in rows)
    svg = plot_svg(parts, WIDTH, 250, title, description, identifier)
    return Drawing(title, svg, Table(axis, (counted,), rows))


def draw_share(earned: float, undecided: float, total: float) -> Markup:
    """A thin bar: what was earned, what is still open. Decoration beside numbers that say the same."""
    scale = 100 / total if total > 0 else 0
    first = min(100.0, earned * scale)
    second = min(100.0 - first, undecided * scale)
    return Markup(
        '<svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="rest" width="100" height="4"/>'
        '<rect class="earned" width="{:.2f}" height="4"/>'
        '<rect class="open" x="{:.2f}" width="{:.2f}" height="4"/></svg>'
    ).format(first, first, second)


def _curve(curve: Curve, identifier: str) -> Drawing:
    series = {one_line(name, 40): values for name, values in list(curve.series.items())[:MAX_SERIES] if values}
    every = [value for values in series.values() for value in values]
    longest = max([len(values) for values in series.values()], default=1)
    low, high = (min(every), max(every)) if every else (0.0, 1.0)
    ticks = round_ticks(low, high)
    x = Axis(1, max(2, longest), _LEFT, WIDTH - _RIGHT)
    y = Axis(min(low, ticks[0]), max(high, ticks[-1]), HEIGHT - _BOTTOM, _TOP)
    parts: list[Markup] = []
    for tick in ticks:
        parts.append(
            Markup('<line class="grid" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/>').format(
                _LEFT, y(tick), WIDTH - _RIGHT, y(tick)
            )
        )
        parts.append(plot_text(_LEFT - 8, y(tick) + 4, _tick_label(tick, ticks[1] - ticks[0]), "tick", "end"))
    for step in sorted({round(value) for value in round_ticks(1, max(2, longest)) if 1 <= value <= longest} | {1}):
        parts.append(plot_text(x(step), HEIGHT - _BOTTOM + 20, f"{step:,}", "tick", "middle"))
    for index, values in enumerate(series.values()):
        kept = _spread(len(values), MAX_POINTS)
        line = " ".join(f"{x(place + 1):.1f},{y(values[place]):.1f}" for place in kept)
        parts.append(Markup('<polyline class="line series-{}" points="{}"/>').format(index, line))
        if len(kept) <= 30:
            dots = Markup("").join(
                Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.6"/>').format(x(place + 1), y(values[place]))
                for place in kept
            )
            parts.append(Markup('<g class="dots series-{}">{}</g>').format(index, dots))
    parts.append(plot_text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 6, one_line(curve.x_label, 60), "label", "middle"))
    parts.append(
        Markup(
            '<text class="label" transform="translate(13 {:.1f}) rotate(-90)" text-anchor="middle">{}</text>'
        ).format((HEIGHT - _BOTTOM + _TOP) / 2, one_line(curve.y_label, 40))
    )
    description = " ".join(
        f"{name} goes from {_value(values[0])} to {_value(values[-1])} over {len(values)} values."
        for name, values in series.items()
    )
    title = one_line(curve.title, 120)
    svg = plot_svg(parts, WIDTH, HEIGHT, title, description or "No values.", identifier)
    return Drawing(title, svg, _curve_table(curve, series, longest), tuple(series))


def _curve_table(curve: Curve, series: dict[str, tuple[float, ...]], longest: int) -> Table:
    places = _spread(longest, MAX_ROWS)
    rows = tuple(
        (f"{place + 1:,}", *(_value(values[place]) if place < len(values) else "" for values in series.values()))
        for place in places
    )
    note = f"{len(places)} of {longest:,} rows, evenly spread." if len(places) < longest else ""
    return Table(one_line(curve.x_label, 60), tuple(series), rows, note)


def _bars(bars: Bars, identifier: str) -> Drawing:
    labels = [one_line(label, 30) for label in bars.labels[:MAX_CLASSES]]
    width = int((WIDTH - 24) / max(1, len(labels)) / 7)  # of a bar, in letters
    ticks = [label if len(label) <= width else f"{label[: max(1, width - 1)]}…" for label in labels]
    bins, title = list(zip(ticks, labels, strict=True)), one_line(bars.title, 120)
    return draw_histogram(bars.percent[: len(labels)], bins, title, "Class", identifier, "Per cent", most=100)


def _confusion_matrix(matrix: ConfusionMatrix, identifier: str) -> Drawing:
    labels = [one_line(label, 30) for label in matrix.labels[:MAX_CLASSES]]
    counts = [row[: len(labels)] for row in matrix.counts[: len(labels)]]
    size = 36 if len(labels) <= 14 else 18
    margin = 34 + 7 * min(12, max([len(label) for label in labels], default=1))
    side = size * len(labels)
    parts = [
        plot_text(margin + side / 2, 14, "Predicted class", "label", "middle"),
        Markup(
            '<text class="label" transform="translate(14 {:.1f}) rotate(-90)" text-anchor="middle">True class</text>'
        ).format(44 + side / 2),
    ]
    for index, label in enumerate(labels):
        middle = margin + index * size + size / 2
        short = label if len(label) * 7 <= size or len(label) <= 2 else label[: max(1, size // 8)] + "…"
        parts.append(plot_text(middle, 36, short, "tick", "middle"))
        parts.append(plot_text(margin - 8, 44 + index * size + size / 2 + 4, label[:12], "tick", "end"))
    for row, values in enumerate(counts):
        total = max(1, sum(values))
        for column, quantity in enumerate(values):
            share = quantity / total
            parts.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3" fill-opacity="{:.3f}"/>').format(
                    "hit" if row == column else "miss",
                    margin + column * size + 1,
                    44 + row * size + 1,
                    size - 2,
                    size - 2,
                    0.04 if not quantity else 0.12 + 0.88 * math.sqrt(share),
                )
            )
            if size > 20:
                style = "count full" if share > 0.3 else "count" if quantity else "count none"
                place = (margin + column * size + size / 2, 44 + row * size + size / 2 + 4.5)
                parts.append(plot_text(*place, f"{quantity}", style, "middle"))
    right = sum(row[index] for index, row in enumerate(counts) if index < len(row))
    every = sum(sum(row) for row in counts)
    title = one_line(matrix.title, 120)
    description = f"{right} of {every} examples are on the diagonal, where predicted and true class agree."
    svg = plot_svg(parts, margin + side + 12, 44 + side + 8, title, description, identifier)
    table = Table(
        "True class \\ predicted class",
        tuple(labels),
        tuple((label, *(str(value) for value in row)) for label, row in zip(labels, counts, strict=False)),
    )
    return Drawing(title, svg, table, shape="square" if len(labels) > 3 else "small")


def plot_svg(parts: list[Markup], width: float, height: float, title: str, description: str, identifier: str) -> Markup:
    """The drawing as one element with its text alternative; `identifier` is unique on the page and ours."""
    return Markup(
        '<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="{}-title {}-description">'
        '<title id="{}-title">{}</title><desc id="{}-description">{}</desc>{}</svg>'
    ).format(
        width, height, identifier, identifier, identifier, title, identifier, description, Markup("\n").join(parts)
    )


def plot_text(x: float, y: float, text: str, style: str, anchor: str) -> Markup:
    """A text of a drawing, escaped."""
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        style, x, y, anchor, escape(text)
    )


def round_ticks(low: float, high: float) -> list[float]:
    """About five round numbers from just below `low` to just above `high`."""
    spread = high - low or abs(high) or 1.0
    rough = spread / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [index * step for index in range(first, max(last, first + 1) + 1)]


def _tick_label(value: float, step: float) -> str:
    if abs(value) >= 1e6 or (value and step < 1e-5):
        return f"{value:.1e}"
    decimals = max(0, -math.floor(math.log10(step))) + (1 if f"{step:e}".startswith("2.5") else 0)
    return f"{value:,.{decimals}f}"


def _value(value: float) -> str:
    return number(value) if abs(value) >= 100 else f"{value:.4g}"


def _spread(length: int, most: int) -> list[int]:
    """At most `most` places of a sequence, evenly spread, the first and the last among them."""
    if length <= most:
        return list(range(length))
    return sorted({round(index * (length - 1) / (most - 1)) for index in range(most)})
