"""Trying generated mistakes: does any tests cell give less than full marks?

Each is first run as far as the cheapest tests cell that rests on the changed cell needs; one that this does not catch
is run whole. Asking stops at the first check that is not passed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from autograder.audit.cuts import rests_on
from autograder.audit.equivalent import FILE, read_equivalent, stale
from autograder.audit.examine import FIRST, Examination
from autograder.audit.laboratory import NOT_ASKED, Part, Trial
from autograder.audit.mutants import Mutant, choose, make_mutants
from autograder.audit.record import MutantAudit, MutantsAudit
from autograder.audit.variants import Variant
from autograder.sandbox import Limits

MOST = 120
PATIENCE_FACTOR = 4.0  # as often as the reference's slowest cell or check may a cell or check of a mutant take,
PATIENCE_SECONDS = 3.0  # and so many seconds more


def try_mutants(examination: Examination, most: int = MOST) -> MutantsAudit:
    """Try the mistakes that can be made of a lab's solution, at most `most` of them.

    Raises:
        CheckError: The lab's equivalent.toml cannot be read.
    """
    begun = time.monotonic()
    laboratory = examination.laboratory
    reasons = read_equivalent(laboratory.lab.folder)
    made = make_mutants(laboratory.lab)
    nearest = _nearest(examination)
    limits = patience(examination)

    def attempt(mutant: Mutant) -> MutantAudit:
        return _tried(examination, mutant, nearest.get(mutant.cell, ""), limits, reasons.get(mutant.id, ""))

    tried = tuple(laboratory.side_by_side(attempt, choose(made, most)))
    problems = [f"mutant {one.id}: {one.fault}" for one in tried if one.fault]
    problems += [
        f"mutant {one.id} is caught by nothing; write a check that catches it, or say why it is right in {FILE}"
        for one in tried
        if not (one.caught_by or one.equivalent or one.fault)
    ]
    problems += stale(reasons, {mutant.id for mutant in made}, {one.id: one.caught_by for one in tried})
    return MutantsAudit(
        made=len(made), tried=tried, problems=tuple(problems), seconds=round(time.monotonic() - begun, 1)
    )


def patience(examination: Examination) -> Limits:
    """Limits for what may hang: a few times what the reference takes, and never more than the course allows."""
    limits = examination.laboratory.slots.limits
    slowest = max(examination.reference.cell_seconds.values(), default=0.0)  # of tests cells, their checks included
    cell_seconds = min(limits.cell_seconds, PATIENCE_FACTOR * slowest + PATIENCE_SECONDS)
    total = PATIENCE_FACTOR * examination.reference.result.seconds + PATIENCE_SECONDS
    return limits.model_copy(
        update={"cell_seconds": cell_seconds, "total_seconds": min(limits.total_seconds, max(total, cell_seconds))}
    )


def _nearest(examination: Examination) -> Mapping[str, str]:
    """For each solution cell, the cheapest tests cell that rests on it."""
    laboratory = examination.laboratory
    notebook = laboratory.filled_in(examination.reference.variant)
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.id for cell in notebook.cells}
    rests = {cell: rests_on(notebook, [cell], examination.asked) for cell in laboratory.points}
    seconds = {name: cell.seconds for name, cell in examination.reference.results.items()}
    return {
        str(solution.grade_id): min(near, key=lambda cell: seconds[cell])
        for solution in laboratory.lab.of_kind("solution")
        if (near := [cell for cell in laboratory.points if ids.get(solution.grade_id) in rests[cell]])
    }


def _tried(examination: Examination, mutant: Mutant, nearest: str, limits: Limits, reason: str) -> MutantAudit:
    cells = {**examination.reference.variant.cells, mutant.cell: mutant.source}
    variant = Variant(mutant.id, "wrong", mutant.diff, cells, (mutant.cell,))
    trial = None
    if nearest:
        checks = frozenset(check.name for check in examination.laboratory.checks if check.cell == nearest)
        trial = examination.cut(variant, FIRST, [nearest], Part(checks=checks, hasty=True, limits=limits))
    if trial is None or not _caught_by(trial):
        trial = examination.run(variant, FIRST, Part(hasty=True, limits=limits))
    caught_by = _caught_by(trial)
    return MutantAudit(
        id=mutant.id,
        operator=mutant.operator,
        cell=mutant.cell,
        line=mutant.line,
        diff=mutant.diff,
        caught_by=caught_by,
        equivalent=reason,
        fault="" if caught_by else "; ".join(trial.faults),
    )


def _caught_by(trial: Trial) -> str:
    """The first check, or tests cell without checks, that gave less than full marks; "" where all gave them."""
    for name, cell in trial.results.items():
        for check in cell.checks:
            if check.fraction is not None and check.fraction < 1.0 and check.message != NOT_ASKED:
                return check.name
        if not cell.checks and trial.fraction(name) not in (None, 1.0):
            return name
    return ""
