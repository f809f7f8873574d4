"""Trying generated mistakes: does any tests cell give less than full marks?

The checks that rest on the changed cell are asked, those first that are quickest with all they rest on; the whole
notebook is run where these do not catch it. Asking stops at the first check that is not passed. What somebody has
called no mistake is asked about as long as that is quick: the network of an equivalent learns as well as any.
"""

from __future__ import annotations

import time

from autograder.audit.equivalent import FILE, read_equivalent, stale
from autograder.audit.examine import FIRST, Examination
from autograder.audit.laboratory import NOT_ASKED, Part, Trial
from autograder.audit.mutants import Mutant, choose, make_mutants
from autograder.audit.record import MutantAudit, MutantsAudit
from autograder.audit.variants import Variant
from autograder.sandbox import Limits

MOST = 120


def try_mutants(examination: Examination, most: int = MOST) -> MutantsAudit:
    """Try the mistakes that can be made of a lab's solution, at most `most` of them.

    Raises:
        CheckError: The lab's equivalent.toml cannot be read.
    """
    begun = time.monotonic()
    laboratory = examination.laboratory
    reasons = read_equivalent(laboratory.lab.folder)
    made = make_mutants(laboratory.lab)
    limits = examination.patience

    def attempt(mutant: Mutant) -> MutantAudit:
        return _tried(examination, mutant, limits, reasons.get(mutant.id, ""))

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


def _tried(examination: Examination, mutant: Mutant, limits: Limits, reason: str) -> MutantAudit:
    cells = {**examination.reference.variant.cells, mutant.cell: mutant.source}
    variant = Variant(mutant.id, "wrong", mutant.diff, cells, (mutant.cell,))
    table = examination.timetable
    steps = [step for step in table.steps if mutant.cell in table.names(step.kept)]
    if reason:
        steps = [step for step in steps if table.least(step) <= examination.quick] or steps[:1]
    trial = None
    for step in steps:
        part = Part(checks=step.checks, hasty="notebook", limits=limits)
        trial = examination.cut(variant, FIRST, step.cells, part)
        if trial is None or _caught_by(trial):
            break
    if trial is None or not (_caught_by(trial) or reason):
        trial = examination.run(variant, FIRST, Part(hasty="notebook", limits=limits))
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
