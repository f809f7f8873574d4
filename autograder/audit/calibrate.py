"""Calibration: what checks measure of right solutions, over many seeds, and where a mark curve should begin and end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from autograder.audit.examine import Examination
from autograder.audit.laboratory import Part, Trial
from autograder.audit.tolerance import lower_bound, most_often, runs_needed
from autograder.audit.variants import Variant
from autograder.checks.notes import Measurement

FIRST_SEED = 1000  # none of the audit's: what is set by some seeds is to be tried on others
WRONG_RUNS = 3


@dataclass(frozen=True)
class Quantity:
    """Something that a check measured, over all runs.

    Attributes:
        check: The check.
        cell: The tests cell it decides on.
        what: What was measured.
        zero_at: Up to where nothing is earned now; None without a curve.
        full_at: From where everything is earned now; None where no bound decides.
        right: The values of the reference and of each right variant, by name.
        wrong: Those of the wrong variants that have to lose marks in the cell.
    """

    check: str
    cell: str
    what: str
    zero_at: float | None
    full_at: float | None
    right: Mapping[str, tuple[float, ...]]
    wrong: Mapping[str, tuple[float, ...]]

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        if self.full_at is None:
            return 1
        if self.zero_at is not None:
            return 1 if self.full_at > self.zero_at else -1
        return 1 if median(self.all_right) >= self.full_at else -1

    @property
    def all_right(self) -> tuple[float, ...]:
        """The values of all right solutions."""
        return tuple(value for values in self.right.values() for value in values)

    @property
    def lost(self) -> int:
        """How many runs of right solutions lost marks by it."""
        return (
            0 if self.full_at is None else sum(self.sign * value < self.sign * self.full_at for value in self.all_right)
        )


@dataclass(frozen=True)
class Proposal:
    """Where a mark curve should begin and end.

    Attributes:
        bounds: For the reference and each right variant, what fewer than 1 in 1,000 of its runs should fall short of;
            None where there are too few runs.
        full_at: The proposed end; None where there are too few runs, or no bound decides.
        zero_at: The proposed beginning; None without a curve.
        reason: What the beginning rests on.
        sure: Whether the bounds rest on no assumption.
        at_most: How often, with 95 % confidence and no assumption, a right solution loses marks by the present end.
    """

    bounds: Mapping[str, float | None]
    full_at: float | None
    zero_at: float | None
    reason: str
    sure: bool
    at_most: float


def measure(examination: Examination, num_seeds: int) -> tuple[Quantity, ...]:
    """Run the reference and the right variants under many seeds, the wrong ones under a few, and collect the values."""
    measuring = {name for name, notes in examination.reference.notes.items() if notes.measurements}
    checks = [check for check in examination.laboratory.checks if check.name in measuring]
    cells = tuple(dict.fromkeys(check.cell for check in checks))
    right = (examination.reference.variant, *examination.right)
    wrong = [variant for variant in examination.wrong if set(variant.loses) & set(cells)]
    jobs = [(variant, seed) for seed in range(num_seeds) for variant in right]
    jobs += [(variant, seed) for seed in range(min(WRONG_RUNS, num_seeds)) for variant in wrong]

    def run(job: tuple[Variant, int]) -> Trial:
        variant, seed, part = job[0], FIRST_SEED + job[1], Part(checks=tuple(check.name for check in checks))
        return examination.cut(variant, seed, cells, part) or examination.run(variant, seed, part)

    trials = list(examination.laboratory.side_by_side(run, jobs)) if checks else []
    return tuple(
        _quantity(check.name, check.cell, what, trials)
        for check in checks
        for what in dict.fromkeys(one.what for one in examination.reference.notes[check.name].measurements)
    )


def propose(quantity: Quantity) -> Proposal:
    """Propose where the mark curve of a quantity should begin and end."""
    sign, full_at, zero_at = quantity.sign, quantity.full_at, quantity.zero_at
    bounds = {name: _bound(values, sign) for name, values in quantity.right.items()}
    known = [sign * bound for bound in bounds.values() if bound is not None]
    enough = len(known) == len(bounds) > 0
    step = _step(quantity)
    proposed = None if full_at is None or not enough else sign * math.floor(min(known) / step + 1e-9) * step
    begin, reason = None, ""
    if proposed is not None and full_at is not None and zero_at is not None:
        begin, reason = _begin(quantity, proposed, step, full_at - zero_at)
    runs = len(quantity.all_right)
    return Proposal(
        bounds=bounds,
        full_at=None if proposed is None else round(proposed, 12),
        zero_at=None if begin is None else round(begin, 12),
        reason=reason,
        sure=all(len(values) >= runs_needed() for values in quantity.right.values()),
        at_most=most_often(quantity.lost, runs) if runs else 1.0,
    )


def _bound(values: Sequence[float], sign: int) -> float | None:
    bound = lower_bound([sign * value for value in values])
    if sign < 0 and all(0.0 <= value <= 1.0 for value in values):  # a share of errors: as a share of what is right
        turned = lower_bound([1.0 - value for value in values])
        return None if turned is None else 1.0 - turned
    return None if bound is None else sign * bound


def _begin(quantity: Quantity, full_at: float, step: float, width: float) -> tuple[float, str]:
    """Where a curve begins: at the best that a wrong variant reaches, where that falls short of its end."""
    sign = quantity.sign
    best = max((sign * value for values in quantity.wrong.values() for value in values), default=None)
    if best is not None:
        begin = sign * math.ceil(best / step - 1e-9) * step
        if sign * begin < sign * full_at:
            return begin, "the best that a wrong variant reached"
        return full_at - width, "the present distance kept: a wrong variant reached the end, look for another measure"
    return full_at - width, "the present distance kept: no wrong variant that loses marks here was measured"


def _step(quantity: Quantity) -> float:
    """Bounds are rounded to per cents where shares are measured, to two digits elsewhere; on the lenient side."""
    values = quantity.all_right
    if all(0.0 <= value <= 1.0 for value in values):
        return 0.01
    largest = max((abs(value) for value in values), default=1.0) or 1.0
    return float(10.0 ** (math.floor(math.log10(largest)) - 1))


def _quantity(check: str, cell: str, what: str, trials: Sequence[Trial]) -> Quantity:
    worst = [
        (trial.variant, min(mine, key=_margin))
        for trial in trials
        if check in trial.notes and (trial.variant.kind != "wrong" or cell in trial.variant.loses)
        if (mine := [one for one in trial.notes[check].measurements if one.what == what])
    ]
    right = [(variant.name, one) for variant, one in worst if variant.kind != "wrong"]
    wrong = [(variant.name, one) for variant, one in worst if variant.kind == "wrong"]
    if len({(one.zero_at, one.full_at) for _, one in right}) > 1:
        # the bound follows from the run: what can be compared is the distance to it
        what = f"{what}, less its bound"
        right, wrong = ([(name, _distance(one)) for name, one in found] for found in (right, wrong))
    zero_at, full_at = (right[0][1].zero_at, right[0][1].full_at) if right else (None, None)
    return Quantity(check, cell, what, zero_at, full_at, _by_name(right), _by_name(wrong))


def _margin(one: Measurement) -> float:
    """How far a value is on the good side of its bound; where it is not known which side that is, how far from it."""
    if one.full_at is None:
        return one.value
    if one.zero_at is None:
        return abs(one.value - one.full_at)
    return (one.value - one.full_at) * math.copysign(1.0, one.full_at - one.zero_at)


def _distance(one: Measurement) -> Measurement:
    return Measurement(one.what, one.value - (one.full_at or 0.0), None, 0.0)


def _by_name(found: Sequence[tuple[str, Measurement]]) -> dict[str, tuple[float, ...]]:
    return {name: tuple(one.value for other, one in found if other == name) for name, _ in found}
