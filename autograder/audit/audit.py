"""The audit of one lab, from its parts to the record of what was found."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from autograder.audit.evidence import points_by_evidence, require_evidence
from autograder.audit.examine import Examination
from autograder.audit.laboratory import Laboratory
from autograder.audit.record import LabAudit
from autograder.audit.stability import problems_of_repeats
from autograder.errors import CheckError


@dataclass(frozen=True)
class Plan:
    """What an audit tries.

    Attributes:
        seeds: How many seeds each variant is tried under.
        mutants: Whether generated mistakes are tried as well.
        repeat: How often the reference is graded to see that its marks are the same; not at all when 0.
        whole: Whether wrong variants are asked about everything they may lose, not only about what they have to.
    """

    seeds: int = 5
    mutants: bool = True
    repeat: int = 0
    whole: bool = False


def audit_lab(laboratory: Laboratory, plan: Plan, done: Callable[[str], None] = lambda _: None) -> LabAudit:
    """Audit a lab: what it must catch, and what it must leave alone.

    Args:
        laboratory: The lab and its slots.
        plan: What to try.
        done: Called with a few words after each run.

    Raises:
        CheckError: Its variants or its equivalent.toml cannot be loaded.
        SlotLost: The sandbox failed, twice.
    """
    begun = time.monotonic()
    examination = Examination(laboratory, done, whole=plan.whole)
    variants = examination.variants(plan.seeds)
    problems = [problem for variant in variants for problem in variant.problems]
    generated = None
    if plan.mutants:
        from autograder.audit.mutation import try_mutants  # with libcst, for which every command would wait

        generated = try_mutants(examination)
        problems += generated.problems
    problems += problems_of_repeats(laboratory, plan.repeat, done) if plan.repeat else ()
    problems += _problems_of_evidence(laboratory)
    wrong, right = len(examination.wrong), len(examination.right)
    if not (wrong and right):
        problems.append(
            f"expected wrong and right variants in {laboratory.lab.folder / 'variants.py'}, found {wrong} and {right}: "
            "without them nothing shows that the checks grade right"
        )
    checks = math.fsum(one.seconds for cell in examination.reference.results.values() for one in cell.checks)
    return LabAudit(
        lab=laboratory.lab.name,
        seeds=plan.seeds,
        repeats=plan.repeat,
        points=laboratory.points,
        variants=variants,
        evidence=points_by_evidence(laboratory.points, laboratory.checks),
        notebook_seconds=round(examination.reference.result.seconds - checks, 1),
        checks_seconds=round(checks, 1),
        mutants=generated,
        problems=tuple(problems),
        seconds=round(time.monotonic() - begun, 1),
    )


def _problems_of_evidence(laboratory: Laboratory) -> list[str]:
    try:
        require_evidence(laboratory.lab.name, laboratory.points, laboratory.checks)
    except CheckError as error:
        return [str(error)]
    return []
