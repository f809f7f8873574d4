"""Examining a lab: reference, untouched notebook, right and wrong variants under several seeds.

Every variant is run whole under the first seed. Under the others, a wrong variant is run as far as it takes to ask
again what failed it: the cheapest such check of each cell it has to lose, and of the notebook the cells these rest on.
Such a cut is tried on the reference first. Where that loses marks by it, where a check asks for something left out, or
where a wrong variant passes, the whole notebook is run instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.audit.cuts import names_of, rests_on
from autograder.audit.judgement import judge, problems_of
from autograder.audit.laboratory import WHOLE, Laboratory, Part, Trial
from autograder.audit.record import VariantAudit
from autograder.audit.variants import Variant, load_variants, reference_variant, untouched_variant

FIRST = 0


class Examination:
    """The examination of one lab; it begins with a whole run of the reference.

    Args:
        laboratory: The lab and its slots.
        done: Called with a few words after each run.

    Attributes:
        reference: That run.
        right: The variants that may lose nothing.
        wrong: The variants that have to lose marks.
        asked: For each tests cell with checks, the names of the notebook that these ask for.
    """

    def __init__(self, laboratory: Laboratory, done: Callable[[str], None] = lambda _: None) -> None:
        self.laboratory, self._done = laboratory, done
        self._controls: dict[tuple[frozenset[str], frozenset[str], frozenset[str] | None], bool] = {}
        path = laboratory.lab.folder / "variants.py"
        written = load_variants(path) if path.exists() else ()
        self.right = tuple(variant for variant in written if variant.kind == "right")
        self.wrong = tuple(variant for variant in written if variant.kind == "wrong")
        self.reference = self.run(reference_variant(laboratory.lab.folder), FIRST)
        self.asked: dict[str, set[str]] = {check.cell: set() for check in laboratory.checks}
        for check in laboratory.checks:
            if check.name in self.reference.notes:  # it is not when another one that it needs has failed
                self.asked[check.cell] |= self.reference.notes[check.name].asked

    def variants(self, num_seeds: int) -> tuple[VariantAudit, ...]:
        """Try the reference, the untouched notebook and every written variant under so many seeds."""
        variants = (self.reference.variant, untouched_variant(), *self.right, *self.wrong)
        one_by_one = [range(seed, seed + 1) for seed in range(num_seeds)]
        jobs = [(v, seeds) for v in variants for seeds in ([range(num_seeds)] if v.kind == "wrong" else one_by_one)]
        trials: dict[str, list[Trial]] = {variant.name: [] for variant in variants}
        for (variant, _), found in zip(jobs, self.laboratory.side_by_side(self._under, jobs), strict=True):
            trials[variant.name] += found
        return tuple(judge(variant, trials[variant.name]) for variant in variants)

    def run(self, variant: Variant, seed: int, part: Part = WHOLE) -> Trial:
        """Try a variant, whole or in part."""
        trial = self.laboratory.try_variant(variant, seed, part)
        self._done(f"{variant.name}, seed {seed}")
        return trial

    def cut(self, variant: Variant, seed: int, cells: Sequence[str], part: Part) -> Trial:
        """Try what the marks of some tests cells rest on; the whole notebook where that cannot be told apart.

        Args:
            variant: What is tried.
            seed: What random numbers follow from.
            cells: Names of the tests cells.
            part: How to run it, and the checks to be asked.
        """
        notebook = self.laboratory.filled_in(variant)
        ours = self.laboratory.filled_in(self.reference.variant)
        kept = rests_on(notebook, cells, self.asked) | rests_on(ours, cells, self.asked)
        if self._holds(kept, cells, part.checks):
            trial = self.run(variant, seed, Part(kept, part.checks, part.hasty, part.limits))
            left_out = [names_of(cell.source) for cell in notebook.cells if _is_code(cell) and cell.id not in kept]
            missing = {name for names in left_out for name in names.made | names.values}
            if not missing & {name for notes in trial.notes.values() for name in notes.asked}:
                return trial
        return self.run(variant, seed, Part(None, part.checks, part.hasty, part.limits))

    def _holds(self, kept: frozenset[str], cells: Sequence[str], checks: frozenset[str] | None) -> bool:
        """Whether the reference still earns everything in these cells when it is cut like this."""
        key = (kept, frozenset(cells), checks)
        if key not in self._controls:
            trial = self.run(self.reference.variant, FIRST, Part(kept, checks))
            self._controls[key] = all(trial.fraction(cell) == 1.0 for cell in cells)
        return self._controls[key]

    def _under(self, job: tuple[Variant, range]) -> list[Trial]:
        variant, seeds = job
        first = self.reference if variant.kind == "reference" and FIRST in seeds else self.run(variant, seeds[0])
        return [first, *(self._again(first, seed) for seed in seeds[1:])]

    def _again(self, first: Trial, seed: int) -> Trial:
        """Try a wrong variant under another seed."""
        variant, cheapest = first.variant, []
        for cell in variant.loses:
            failed = [check for check in first.results[cell].checks if check.verdict == "failed"]
            if not failed:
                return self.run(variant, seed)
            cheapest.append(min(failed, key=lambda check: check.seconds).name)
        trial = self.cut(variant, seed, variant.loses, Part(checks=frozenset(cheapest)))
        return self.run(variant, seed) if any(problems_of(trial)) else trial


def _is_code(cell: object) -> bool:
    return getattr(cell, "cell_type", "") == "code"
