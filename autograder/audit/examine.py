"""Examining a lab: reference, untouched notebook, right and wrong variants under several seeds.

The reference and the untouched notebook are run whole under every seed, and right variants under the first (in haste
the first of them alone, beside the reference: all others wait for what the reference took). Otherwise only what matters
is asked: of a right variant, the tests cells that rest on a cell it changes; of a wrong one, those it has to lose (in
haste, until a check of each is not passed, the quickest first), and under further seeds what failed it (of each such
cell, the quickest check). Under further seeds, and in haste, cells that only a long training decides on are asked about
where nothing else fails it. And of the notebook, only the cells that these checks rest on are run.

Each such cut is tried on the reference first. Where that loses marks by it, where a name could mean something else in
the whole notebook, or where the outcome is not what it should be, the whole notebook is run instead: a cut alone never
counts against anybody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from threading import Lock

from nbformat import NotebookNode

from autograder.audit.cuts import grade_id_of, names_of
from autograder.audit.judgement import judge, problems_of
from autograder.audit.laboratory import WHOLE, Laboratory, Part, Trial, joined
from autograder.audit.record import VariantAudit
from autograder.audit.timetable import Step, Timetable
from autograder.audit.variants import Variant, load_variants, reference_variant, untouched_variant
from autograder.sandbox import Limits

FIRST = 0
PATIENCE_FACTOR = 4.0  # so many times what the reference's slowest cell or check takes, and so many seconds more, may
PATIENCE_SECONDS = 3.0  # a cell or check of what is tried in haste take
LEAST_SAVED = 0.25  # of the reference's cells' time: a cut that saves less is not worth the trial on the reference
QUICK = 0.1  # of the reference's time: what is asked again under every seed, whatever else fails the same mistake;
QUICK_SECONDS = 1.0  # and so is what takes no longer than opening a kernel for it


class Examination:
    """The examination of one lab; a whole run of the reference comes first, beside others that need not wait for it.

    Args:
        laboratory: The lab and its slots.
        done: Called with a few words after each run.
        hasty: Whether a wrong variant is only asked, in each cell that it has to lose, until a check is not passed, and
            a right one, but for the first, only about what rests on what it changes.
        whole: Whether it is also asked about the other tests cells that rest on a cell it changes, and under every seed
            about all that it has to lose.

    Attributes:
        right: The variants that may lose nothing.
        wrong: The variants that have to lose marks.
    """

    def __init__(
        self,
        laboratory: Laboratory,
        done: Callable[[str], None] = lambda _: None,
        *,
        hasty: bool = False,
        whole: bool = False,
    ) -> None:
        self.laboratory, self._done, self._hasty, self._whole = laboratory, done, hasty, whole
        path = laboratory.lab.folder / "variants.py"
        written = load_variants(path) if path.exists() else ()
        self.right = tuple(variant for variant in written if variant.kind == "right")
        self.wrong = tuple(variant for variant in written if variant.kind == "wrong")
        self._known: Timetable | None = None
        self._first = Lock()
        self._controls: dict[Step, bool] = {}
        self._in_turn: dict[Step, Lock] = {}
        self._ambiguous: set[tuple[str, frozenset[str]]] = set()  # cuts that told nothing under an earlier seed

    @property
    def timetable(self) -> Timetable:
        """What the reference's run tells of each check; whoever asks first waits for that run, and so do all others."""
        with self._first:
            if self._known is None:
                trial = self.run(reference_variant(self.laboratory.lab.folder), FIRST)
                self._known = Timetable(self.laboratory, trial)
            return self._known

    @property
    def reference(self) -> Trial:
        """The whole run of the reference."""
        return self.timetable.reference

    def variants(self, num_seeds: int) -> tuple[VariantAudit, ...]:
        """Try the reference, the untouched notebook and every written variant under so many seeds."""
        variants = (reference_variant(self.laboratory.lab.folder), untouched_variant(), *self.right, *self.wrong)
        one_by_one = [range(seed, seed + 1) for seed in range(num_seeds)]
        jobs = [(v, seeds) for v in variants for seeds in ([range(num_seeds)] if v.kind == "wrong" else one_by_one)]
        jobs.sort(key=lambda job: not self._runs_whole(job[0], job[1][0]))  # they need not know what the reference took
        trials: dict[str, list[Trial]] = {variant.name: [] for variant in variants}
        for (variant, _), found in zip(jobs, self.laboratory.side_by_side(self._under, jobs), strict=True):
            trials[variant.name] += found
        return tuple(judge(variant, trials[variant.name]) for variant in variants)

    @property
    def patience(self) -> Limits:
        """Limits for what may hang: a few times what the reference takes, and never more than the course allows."""
        limits = self.laboratory.slots.limits
        slowest = max(self.reference.cell_seconds.values(), default=0.0)  # of tests cells, their checks included
        cell_seconds = min(limits.cell_seconds, PATIENCE_FACTOR * slowest + PATIENCE_SECONDS)
        total = PATIENCE_FACTOR * self.reference.result.seconds + PATIENCE_SECONDS
        return limits.model_copy(
            update={"cell_seconds": cell_seconds, "total_seconds": min(limits.total_seconds, max(total, cell_seconds))}
        )

    def run(self, variant: Variant, seed: int, part: Part = WHOLE) -> Trial:
        """Try a variant, whole or in part."""
        trial = self.laboratory.try_variant(variant, seed, part)
        self._done(f"{variant.name}, seed {seed}")
        return trial

    def cut(self, variant: Variant, seed: int, cells: Collection[str], part: Part) -> Trial | None:
        """Try what the marks of some tests cells rest on; None where that cannot be told apart, or saves little.

        Args:
            variant: What is tried.
            seed: What random numbers follow from.
            cells: Names of the tests cells.
            part: How to run it, and the checks to be asked; all of theirs when None.
        """
        checks = self.timetable.checks_of(cells) if part.checks is None else part.checks
        notebook = self.laboratory.filled_in(variant)
        kept = self.timetable.rests_on(notebook, checks, cells) | self.timetable.reference_rests_on(checks, cells)
        steps = [step for step in self.timetable.steps if {*step.checks} & {*checks} or not step.checks]
        if self.timetable.saved(kept) < LEAST_SAVED or not all(
            self._holds(step) for step in steps if {*step.cells} & {*cells}
        ):
            return None
        if (variant.name, kept) in self._ambiguous:
            return None
        trial = self.run(variant, seed, replace(part, cells=kept, checks=checks))
        if self._may_lack(trial, notebook, kept):
            self._ambiguous.add((variant.name, kept))
            return None
        return trial

    def touched(self, variant: Variant) -> list[str]:
        """The tests cells that rest on a cell which the variant changes, and those it has to lose."""
        notebook = self.laboratory.filled_in(variant)
        changed = {cell.id for cell in notebook.cells if grade_id_of(cell) in variant.changed}
        table = self.timetable
        found = []
        for cell in self.laboratory.points:
            checks = table.checks_of([cell])
            kept = table.rests_on(notebook, checks, [cell]) | table.reference_rests_on(checks, [cell])
            if cell in variant.loses or changed & kept:
                found.append(cell)
        return found

    def _holds(self, step: Step) -> bool:
        """Whether the reference still earns everything in this step when it is cut to what that rests on."""
        with self._in_turn.setdefault(step, Lock()):
            if step not in self._controls:
                trial = self.run(self.reference.variant, FIRST, Part(step.kept, step.checks))
                self._controls[step] = all(trial.fraction(cell) == 1.0 for cell in step.cells)
            return self._controls[step]

    @staticmethod
    def _may_lack(trial: Trial, notebook: NotebookNode, kept: frozenset[str]) -> bool:
        """Whether a name could have another meaning in the whole notebook than it had in the cut."""
        code = [(cell.id in kept, names_of(cell.source)) for cell in notebook.cells if cell.cell_type == "code"]
        left_out = {name for is_kept, names in code if not is_kept for name in names.given}
        asked = {name for notes in trial.notes.values() for name in notes.asked}
        if trial.errors:  # a cell may have left a name the meaning that an earlier one gave it
            asked |= {name for is_kept, names in code if is_kept for name in names.used}
        else:
            left_out -= {name for is_kept, names in code if is_kept for name in names.surely}
        return bool(left_out & asked)

    def _under(self, job: tuple[Variant, range]) -> list[Trial]:
        variant, seeds = job
        first = self._once(variant, seeds[0])
        return [first, *self._again(first, seeds[1:])] if seeds[1:] else [first]

    def _once(self, variant: Variant, seed: int) -> Trial:
        """Try a variant under a seed of its own."""
        if variant.kind == "reference" and seed == FIRST:
            return self.reference
        if self._runs_whole(variant, seed):
            return self.run(variant, seed)
        if variant.kind == "wrong" and self._hasty:
            return self._in_haste(variant, seed)
        declared = variant.kind == "wrong" and not self._whole
        return self._as_it_should_be(variant, seed, variant.loses if declared else self.touched(variant))

    def _runs_whole(self, variant: Variant, seed: int) -> bool:
        if variant.kind == "right":
            return seed == FIRST and (not self._hasty or variant == self.right[0])
        return variant.kind in ("reference", "untouched")

    def _in_haste(self, variant: Variant, seed: int) -> Trial:
        """Ask a wrong variant about each cell that it has to lose until a check of it is not passed.

        Where something quick fails it, cells that only a long training decides on are not asked about at all.
        """
        waiting = set(variant.loses)
        caught: list[Trial] = []
        for step in self.timetable.steps:
            lost = tuple(cell for cell in variant.loses if cell not in waiting)
            if lost and self.timetable.least(step) > self.quick:
                return replace(joined(caught), variant=replace(variant, loses=lost))
            if cells := waiting & {*step.cells}:
                checks = tuple(check for check in step.checks if check in self.timetable.checks_of(cells))
                part = Part(checks=checks, hasty="cell", limits=self.patience)
                trial = self.cut(variant, seed, cells, part) or self.run(variant, seed, part)
                if trial.faults:
                    break
                caught.append(trial.only({cell for cell in cells if trial.lost(cell)}))
                waiting -= {cell for cell in cells if trial.lost(cell)}
            if not waiting:
                return joined(caught)
        return self.run(variant, seed)

    @property
    def quick(self) -> float:
        """So many seconds may a question take that is asked although something else tells as much."""
        return max(QUICK * self.reference.result.seconds, QUICK_SECONDS)

    def _again(self, first: Trial, seeds: range) -> list[Trial]:
        """Try a wrong variant under further seeds: each cell again by the quickest check that it failed.

        Where one of them takes no time to speak of, cells that only a long training decides on are not asked again.
        """
        checks: dict[str, str] = {}
        for cell in first.variant.loses:
            failed = [check.name for check in first.results[cell].checks if check.verdict == "failed"]
            if not failed:
                return [self.run(first.variant, seed) for seed in seeds]
            checks[cell] = min(failed, key=self.timetable.seconds)
        quickest = min(map(self.timetable.seconds, checks.values()))
        most = math.inf if self._whole else max(quickest, self.quick)
        checks = {cell: check for cell, check in checks.items() if self.timetable.seconds(check) <= most}
        variant, names = replace(first.variant, loses=tuple(checks)), tuple(checks.values())
        if self._is_without_chance(variant, names):
            trial = self.cut(variant, seeds[0], variant.loses, Part(checks=names, times=len(seeds)))
            if trial is not None and _loses_each_time(trial):
                return [trial]
        return [self._as_it_should_be(variant, seed, variant.loses, names) for seed in seeds]

    def _is_without_chance(self, variant: Variant, checks: Sequence[str]) -> bool:
        """Whether some checks rest on definitions alone, so that the kernel's own seed cannot matter."""
        notebook = self.laboratory.filled_in(variant)
        kept = self.timetable.rests_on(notebook, checks, ())
        return all(names_of(cell.source).only_defines for cell in notebook.cells if cell.id in kept)

    def _as_it_should_be(
        self, variant: Variant, seed: int, cells: Collection[str], checks: tuple[str, ...] | None = None
    ) -> Trial:
        """Try some cells, by some checks or all of theirs, until everything is as it should be.

        Some checks first, then all of theirs, then the whole notebook.
        """
        every = self.timetable.checks_of(cells)
        for asked in (every,) if checks in (None, every) else (checks, every):
            part = Part(checks=asked)
            trial = self.cut(variant, seed, cells, part) or self.run(variant, seed, part)
            if not (any(problems_of(trial)) or trial.faults):
                return trial
        return self.run(variant, seed)


def _loses_each_time(trial: Trial) -> bool:
    """Whether no check of the cells that a wrong variant has to lose was passed, however often it was run."""
    checks = [check for cell in trial.variant.loses for check in trial.results[cell].checks]
    return all(check.fraction is not None and check.fraction < 1.0 for check in checks)
