"""`autograder calibrate`: what checks measure over many seeds, printed, drawn, and turned into proposals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.audit.calibrate import Proposal, Quantity, measure, propose
from autograder.audit.calibration_picture import picture
from autograder.audit.examine import Examination
from autograder.audit.laboratory import Laboratory
from autograder.audit.progress import shown_progress
from autograder.audit.slots import Slots
from autograder.audit.tolerance import FEWEST, runs_needed
from autograder.course import Course
from autograder.errors import UsageError


@dataclass(frozen=True)
class CalibrateOptions:
    """How to calibrate.

    Attributes:
        seeds: How many seeds the reference and each right variant are run under.
        workers: Slots side by side; as many as cores and memory allow when None.
        picture: Where the drawing goes; `build/calibration-<lab>.svg` in the course when None.
    """

    seeds: int = 20
    workers: int | None = None
    picture: Path | None = None


def calibrate_and_show(console: Console, course: Course, lab: str, options: CalibrateOptions) -> None:
    """Calibrate a lab of the course.

    Raises:
        UsageError: There is no such lab, or its checks measure nothing.
    """
    with (
        shown_progress(console) as progress,
        Slots.open(course, options.workers) as slots,
        Laboratory.open(course, lab, slots) as laboratory,
    ):
        examination = Examination(laboratory, lambda words: progress(f"{lab}: {words}"))
        found = [(quantity, propose(quantity)) for quantity in measure(examination, options.seeds)]
    if not found:
        raise UsageError(
            f"expected checks of {lab} that measure something, found none; they do with expect_share, mark_curve or "
            "note_measured"
        )
    for quantity, proposal in found:
        console.print(distribution(quantity, proposal))
        for words in sentences(quantity, proposal, options.seeds):
            console.print(Text(words), soft_wrap=True)
    path = options.picture or course.root / "build" / f"calibration-{lab}.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(picture(lab, found) + "\n", encoding="utf-8")
    console.print(f"Picture: {path}", soft_wrap=True)


def distribution(quantity: Quantity, proposal: Proposal) -> Table:
    """The values of a quantity by variant."""
    title = f"{quantity.check} ({quantity.cell}): {quantity.what}"
    table = Table(title=title, title_justify="left")
    table.add_column("variant", overflow="fold")
    for heading in ("runs", "lowest", "mean", "highest", "deviation", "1 in 1,000"):
        table.add_column(heading, justify="right")
    for variants, style in ((quantity.right, ""), (quantity.wrong, "yellow")):
        for name, values in variants.items():
            spread = f"{stdev(values):.3g}" if len(values) > 1 else "-"
            bound = proposal.bounds.get(name)
            shown = (f"{number:.4g}" for number in (min(values), fmean(values), max(values)))
            table.add_row(
                Text(name), str(len(values)), *shown, spread, "-" if bound is None else f"{bound:.4g}", style=style
            )
        table.add_section()
    return table


def sentences(quantity: Quantity, proposal: Proposal, seeds: int) -> Iterator[str]:
    """What follows from the values, in words."""
    runs = len(quantity.all_right)
    if quantity.full_at is None:
        yield "No bound decides on it."
        return
    yield f"Now: {_ends(quantity.zero_at, quantity.full_at)}."
    yield (
        f"By that, right solutions lost marks in {quantity.lost} of {runs} runs: with 95 % confidence in fewer than "
        f"{proposal.at_most:.2%}, whatever the distribution."
    )
    if proposal.full_at is None:
        yield f"Too few seeds for a proposal: expected at least {FEWEST} runs of each variant, received {seeds}."
        return
    stays = quantity.sign * quantity.full_at <= quantity.sign * proposal.full_at
    remark = " (the present end is on the safe side)" if stays else ""
    yield f"Proposed: {_ends(proposal.zero_at, proposal.full_at)}{remark}."
    if proposal.reason:
        yield f"Its beginning is {proposal.reason}."
    if proposal.sure:
        yield "A right solution loses a mark in fewer than 1 in 1,000 runs, with 95 % confidence and no assumption."
    else:
        yield (
            "A right solution then loses a mark in fewer than 1 in 1,000 runs, with 95 % confidence, if its values are "
            f"bell-shaped. Too few seeds to know that without the assumption: it takes {runs_needed():,} runs of each "
            f"variant, there were {seeds}."
        )


def _ends(zero_at: float | None, full_at: float) -> str:
    return f"full_at={full_at:g}" if zero_at is None else f"zero_at={zero_at:g}, full_at={full_at:g}"
