"""The picture of a calibration: for each quantity the runs of each variant as dots, and where its curve lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from autograder.audit.calibrate import Proposal, Quantity
from autograder.reports.figures import round_ticks

WIDTH, LEFT, RIGHT = 900, 260, 30
ROW, HEAD, FOOT = 18, 46, 40
RIGHT_COLOUR, WRONG_COLOUR, NOW_COLOUR, PROPOSED_COLOUR = "#1f6f8b", "#c1440e", "#555555", "#2e7d32"


def picture(lab: str, found: Sequence[tuple[Quantity, Proposal]]) -> str:
    """An SVG drawing of everything that was measured, one panel below the other."""
    parts: list[str] = []
    top = 40.0
    for quantity, proposal in found:
        parts += _panel(quantity, proposal, top)
        top += HEAD + ROW * (len(quantity.right) + len(quantity.wrong)) + FOOT
    title = f"{lab}: what checks measured, run by run"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:.0f}" width="{WIDTH}" '
            f'height="{top:.0f}" font-family="sans-serif" font-size="12" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{top:.0f}" fill="white"/>',
            _text(12, 24, title, size=16),
            *parts,
            "</svg>",
        ]
    )


def _panel(quantity: Quantity, proposal: Proposal, top: float) -> Iterator[str]:
    marks = [("now", NOW_COLOUR, quantity.zero_at, quantity.full_at)]
    if proposal.full_at is not None:
        marks.append(("proposed", PROPOSED_COLOUR, proposal.zero_at, proposal.full_at))
    rows = [*((name, values, RIGHT_COLOUR) for name, values in quantity.right.items())]
    rows += [(name, values, WRONG_COLOUR) for name, values in quantity.wrong.items()]
    shown = [value for _, values, _ in rows for value in values]
    shown += [value for _, _, *ends in marks for value in ends if value is not None]
    marked = round_ticks(min(shown, default=0.0), max(shown, default=1.0))
    low, high = marked[0], marked[-1]

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)

    bottom = top + HEAD + ROW * len(rows)
    yield _text(12, top + 16, f"{quantity.check} ({quantity.cell}): {quantity.what}", size=13)
    for place, (words, colour, zero_at, full_at) in enumerate(marks):
        for end, value in (("0 up to", zero_at), ("full from", full_at)):
            if value is not None:
                dash = ' stroke-dasharray="5 3"' if words == "proposed" else ""
                yield (
                    f'<line x1="{x(value):.1f}" x2="{x(value):.1f}" y1="{top + HEAD - 6:.1f}" y2="{bottom:.1f}" '
                    f'stroke="{colour}"{dash}><title>{words}: {end} {value:g}</title></line>'
                )
        ends = ", ".join(
            f"{end} {value:g}" for end, value in (("0 up to", zero_at), ("full from", full_at)) if value is not None
        )
        if ends:
            yield _text(LEFT + 300 * place, top + 33, f"{words}: {ends}", colour=colour)
    for row, (name, values, colour) in enumerate(rows):
        y = top + HEAD + ROW * (row + 0.5)
        yield _text(LEFT - 10, y + 4, name[:38], anchor="end", colour=colour)
        for value in values:
            yield f'<circle cx="{x(value):.1f}" cy="{y:.1f}" r="4" fill="{colour}" fill-opacity="0.35"/>'
    yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom:.1f}" y2="{bottom:.1f}" stroke="black"/>'
    for value in marked:
        yield _text(x(value), bottom + 16, f"{value:.4g}", anchor="middle")


def _text(x: float, y: float, words: str, *, size: int = 12, anchor: str = "start", colour: str = "black") -> str:
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
