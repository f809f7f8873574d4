"""What the reference's own run tells: what each check asks for and takes, and what can be asked together."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.audit.cuts import grade_id_of, rests_on
from autograder.audit.laboratory import Laboratory, Trial


@dataclass(frozen=True)
class Step:
    """Checks that rest on the same cells of the notebook, or a tests cell on which no check decides.

    Attributes:
        checks: Their names, the quickest first.
        cells: The tests cells they decide on.
        kept: Ids of the notebook's cells that they rest on.
    """

    checks: tuple[str, ...]
    cells: tuple[str, ...]
    kept: frozenset[str]


class Timetable:
    """What is known from a whole run of the reference.

    Args:
        laboratory: The lab.
        reference: That run.

    Attributes:
        reference: That run.
        asked: For each check, the names of the notebook (and of its cells) that it asked for.
        steps: Everything there is to ask; the quickest first, with the cells that it rests on.
    """

    def __init__(self, laboratory: Laboratory, reference: Trial) -> None:
        self.reference = reference
        self._notebook = laboratory.filled_in(reference.variant)
        self._cells = tuple(laboratory.points)
        self._cell_of = {check.name: check.cell for check in laboratory.checks}
        self._check_seconds = {one.name: one.seconds for cell in reference.results.values() for one in cell.checks}
        self._cell_seconds = dict(reference.cell_seconds)
        for check, seconds in self._check_seconds.items():
            self._cell_seconds[self._cell_of[check]] -= seconds
        notes = reference.notes  # without a check that needs another one which has failed
        self.asked = {check: set(notes[check].asked) if check in notes else set() for check in self._cell_of}
        self.steps = self._steps()

    def checks_of(self, cells: Collection[str]) -> tuple[str, ...]:
        """The checks that decide on these tests cells, in the order of the lab."""
        return tuple(check for check, cell in self._cell_of.items() if cell in cells)

    def rests_on(self, notebook: NotebookNode, checks: Iterable[str], cells: Iterable[str]) -> frozenset[str]:
        """Ids of the cells that some checks rest on, and those of `cells` on which no check decides."""
        asked = {name for check in checks for name in self.asked[check]}
        return rests_on(notebook, asked, [cell for cell in cells if cell not in self._cell_of.values()])

    def reference_rests_on(self, checks: Iterable[str], cells: Iterable[str]) -> frozenset[str]:
        """The same, of the reference's notebook."""
        return self.rests_on(self._notebook, checks, cells)

    def saved(self, kept: frozenset[str]) -> float:
        """The share of the time of the reference's cells that others than these took."""
        return 1.0 - self._took(kept) / max(math.fsum(self._cell_seconds.values()), 1e-9)

    def seconds(self, check: str) -> float:
        """What one check took, with the cells that it rests on."""
        return self._took(self.reference_rests_on([check], ())) + self._check_seconds.get(check, 0.0)

    def least(self, step: Step) -> float:
        """What the quickest check of a step took, with the cells that the step rests on."""
        quickest = min((self._check_seconds.get(check, 0.0) for check in step.checks), default=0.0)
        return self._took(step.kept) + quickest

    def names(self, kept: frozenset[str]) -> set[str]:
        """The names of cells."""
        return {grade_id_of(cell) for cell in self._notebook.cells if cell.id in kept}

    def _took(self, kept: frozenset[str]) -> float:
        return math.fsum(self._cell_seconds.get(name, 0.0) for name in self.names(kept))

    def _steps(self) -> tuple[Step, ...]:
        together: dict[frozenset[str], list[str]] = {}
        for check in sorted(self._cell_of, key=lambda check: self._check_seconds.get(check, 0.0)):
            together.setdefault(self.reference_rests_on([check], ()), []).append(check)
        found = [
            Step(tuple(checks), tuple(dict.fromkeys(self._cell_of[check] for check in checks)), kept)
            for kept, checks in together.items()
        ]
        undecided = [cell for cell in self._cells if cell not in self._cell_of.values()]
        found += [Step((), (cell,), self.reference_rests_on((), [cell])) for cell in undecided]
        return tuple(sorted(found, key=self.least))
