"""A lab under trial: variants of its solution handed in for real, in warm slots, on the notebook students get."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

import nbformat
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode

from autograder.audit.cuts import grade_id_of
from autograder.audit.slots import Slots
from autograder.audit.variants import Variant, apply_variant
from autograder.authoring import Lab, read_lab, rehearse
from autograder.checks import Check, Student, load_checks
from autograder.checks.notes import Notes, taking_notes
from autograder.course import Course
from autograder.errors import Failure, SlotLost, UsageError
from autograder.grading.execute import Execution, run_notebook
from autograder.grading.score import score_notebook
from autograder.grading.tripwire import tripwires
from autograder.results import CellResult, NotebookResult
from autograder.sandbox import Limits

MAX_TRIES = 2
NOT_ASKED = "not asked: another check had failed before"

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Part:
    """How much of a submission is run.

    Attributes:
        cells: Ids of the notebook's cells; all when None. Of a tests cell that checks decide on, only what these ask.
        checks: Names of the checks, in the order in which they are asked; all when None. What they need is only asked
            for where it stands before them.
        hasty: At the first check that is not passed, whether to ask nothing more of its "cell", or of the "notebook".
        limits: Limits of cells and questions; those of the course when None.
        times: How often each check is run, each time with other random numbers on both sides.
    """

    cells: frozenset[str] | None = None
    checks: tuple[str, ...] | None = None
    hasty: Literal["", "cell", "notebook"] = ""
    limits: Limits | None = None
    times: int = 1


WHOLE = Part()


@dataclass(frozen=True)
class Trial:
    """What became of one variant under one seed.

    Attributes:
        variant: What was handed in.
        seed: What its random numbers followed from.
        whole: Whether the whole notebook was run.
        result: Its marks, as the grader records them; of the cells that were run.
        notes: What each check that ran measured and asked for, by its name.
        cell_seconds: Wall-clock time of each cell, checks included, by name.
        errors: One line for each exception a cell ended with.
    """

    variant: Variant
    seed: int
    whole: bool
    result: NotebookResult
    notes: Mapping[str, Notes]
    cell_seconds: Mapping[str, float]
    errors: tuple[str, ...]

    @property
    def results(self) -> dict[str, CellResult]:
        """The tests cells that were run, by name, in the notebook's order."""
        return {cell.cell: cell for cell in self.result.cells if cell.kind != "manual"}

    def fraction(self, cell: str) -> float | None:
        """The share of the cell's points that was earned; None when it could not be judged."""
        found = self.results[cell]
        return None if found.score is None else found.score / found.points if found.points else 1.0

    def only(self, cells: Collection[str]) -> Trial:
        """What became of some of the tests cells."""
        kept = tuple(cell for cell in self.result.cells if cell.cell in cells)
        return replace(self, result=self.result.model_copy(update={"cells": kept}))

    def lost(self, cell: str) -> bool:
        """Whether the cell was judged, and lost marks."""
        return self.fraction(cell) not in (None, 1.0)

    @property
    def faults(self) -> tuple[str, ...]:
        """One line for each check that could not judge."""
        return tuple(
            f"check {check.name} of {cell.cell} could not judge: {check.fault.strip().splitlines()[-1][:300]}"
            for cell in self.result.cells
            for check in cell.checks
            if check.fault.strip()
        )

    @property
    def flags(self) -> tuple[str, ...]:
        """Why a person would have to look at it."""
        return (*self.result.flags, *(flag for cell in self.result.cells for one in cell.checks for flag in one.flags))

    def tell(self) -> str:
        """Everything it lost marks for, one line each."""
        lines = [f"{self.variant.kind} {self.variant.name}, seed {self.seed}:", *(f"  {e}" for e in self.errors)]
        for cell in self.results.values():
            if not cell.checks and cell.score != cell.points:
                lines.append(f"  {cell.cell}: {cell.score} of {cell.points}, {cell.message}")
            lines += [
                f"  {cell.cell}, {check.name}: {check.verdict}, {check.message} {check.fault}"
                for check in cell.checks
                if check.verdict != "passed"
            ]
        return "\n".join(lines)


def joined(trials: Sequence[Trial]) -> Trial:
    """What became of one variant under one seed, tried part by part: at least one, of different tests cells."""
    result = trials[0].result.model_copy(
        update={
            "cells": tuple(cell for trial in trials for cell in trial.result.cells),
            "flags": tuple(dict.fromkeys(flag for trial in trials for flag in trial.result.flags)),
            "seconds": sum(trial.result.seconds for trial in trials),
        }
    )
    notes = {name: one for trial in trials for name, one in trial.notes.items()}
    return replace(trials[0], result=result, notes=notes, errors=tuple(e for trial in trials for e in trial.errors))


class Laboratory:
    """A lab, released in rehearsal, and slots to try variants of its solution in. Use `Laboratory.open`.

    Attributes:
        lab: The lab as its author wrote it.
        notebook: The notebook that students get.
        checks: The lab's checks; none when it has no checks.py.
        points: The points of each tests cell.
    """

    def __init__(self, lab: Lab, released: Path, slots: Slots) -> None:
        self.lab, self.slots, self._released = lab, slots, released
        self.notebook: NotebookNode = nbformat.read(released / f"{lab.name}.ipynb", as_version=4)
        self.checks = load_checks(lab.checks_path) if lab.checks_path.exists() else ()
        self.points = {str(cell.grade_id): float(cell.points or 0) for cell in lab.of_kind("tests")}

    @classmethod
    @contextmanager
    def open(cls, course: Course, name: str, slots: Slots) -> Iterator[Laboratory]:
        """The lab of a course, as it would be released now.

        Raises:
            UsageError: There is no such lab.
            AuthoringError, LeakError: It cannot be released.
            CheckError: Its checks cannot be loaded.
        """
        if course.reference is None:
            raise UsageError(f"expected a folder of labs, {course.root / 'reference'}, found none")
        lab = read_lab(course.reference / name)
        with rehearse(course, name) as released:
            yield cls(lab, released, slots)

    def filled_in(self, variant: Variant, part: Part = WHOLE) -> NotebookNode:
        """The variant's notebook, or a part of it."""
        notebook = apply_variant(self.notebook, variant)
        if part.cells is not None:
            decided = {check.cell for check in self._chosen(part)}
            for cell in notebook.cells:
                if cell.id not in part.cells:
                    cell.source = ""  # its visible tests decide nothing, and may need what is left out
            notebook.cells = [one for one in notebook.cells if one.id in part.cells or grade_id_of(one) in decided]
        return notebook

    def side_by_side(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Do `work` on each item, as many at a time as there are slots; results in the order of the items."""
        with ThreadPoolExecutor(self.slots.number) as pool:
            yield from pool.map(work, items)

    def try_variant(self, variant: Variant, seed: int, part: Part = WHOLE) -> Trial:
        """Hand in one variant under one seed.

        Raises:
            SlotLost: The sandbox failed, twice.
        """
        for attempt in range(1, MAX_TRIES + 1):
            try:
                return self._try(variant, seed, part)
            except SlotLost:
                if attempt == MAX_TRIES:
                    raise
        raise AssertionError("unreachable")

    def _try(self, variant: Variant, seed: int, part: Part) -> Trial:
        watch = _Watch(part.hasty)
        watched = tuple(watch.over(check) for check in self._chosen(part))
        limits = part.limits or self.slots.limits
        notebook = self.filled_in(variant, part)
        with self.slots.lend() as slot:
            try:
                execution = run_notebook(
                    notebook, slot=slot, files=self._released, checks=watched, limits=limits, seed=f"audit/{seed}"
                )
            finally:
                ensure_event_loop().close()  # jupyter_core makes one for each thread, for the garbage collector to find
        return Trial(
            variant=variant,
            seed=seed,
            whole=part.cells is None,
            result=self._scored(execution),
            notes=watch.notes,
            cell_seconds=execution.cell_seconds,
            errors=_errors(execution),
        )

    def _chosen(self, part: Part) -> Iterator[Check]:
        by_name = {check.name: check for check in self.checks}
        asked: set[str] = set()
        for name in by_name if part.checks is None else part.checks:
            check = by_name[name]
            if part.limits is not None and check.seconds is not None:
                check = replace(check, seconds=min(check.seconds, part.limits.cell_seconds))
            if part.checks is not None:
                check = replace(check, needs=tuple(other for other in check.needs if other in asked))
            asked.add(name)
            yield check
            # a check's random numbers follow from its name
            yield from (replace(check, name=f"{name}, once more {n}") for n in range(1, part.times))

    def _scored(self, execution: Execution) -> NotebookResult:
        """Its marks; without those tests cells that checks would have to decide on which were not asked."""
        result = score_notebook(
            self.lab.name,
            execution.notebook,
            execution.verdicts,
            cell_seconds=execution.cell_seconds,
            limits=execution.limits,
            notes=execution.notes,
            flags=(*execution.flags, *tripwires(execution.notebook)),
            seconds=execution.seconds,
        )
        decided = {check.cell for check in self.checks}
        asked = tuple(cell for cell in result.cells if cell.kind != "tests" or cell.cell not in decided)
        return result.model_copy(update={"cells": asked})


@dataclass
class _Watch:
    """Takes notes of every check, and lets none be asked any more after a failure where there is haste."""

    hasty: Literal["", "cell", "notebook"]
    notes: dict[str, Notes] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def over(self, check: Check) -> Check:
        group = {"cell": check.cell, "notebook": "", "": check.name}[self.hasty]

        def function(student: Student) -> float | None:
            if group in self.failed:
                raise Failure(NOT_ASKED)
            self.failed.add(group)  # until it has passed
            with taking_notes() as self.notes[check.name]:
                fraction = check.function(student)
            if fraction in (None, 1):
                self.failed.discard(group)
            return fraction

        return replace(check, function=function)


def _errors(execution: Execution) -> tuple[str, ...]:
    return tuple(
        f"cell {cell.metadata.get('nbgrader', {}).get('grade_id')} raised {output.ename}: {output.evalue[:200]}"
        for cell in execution.notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    )
