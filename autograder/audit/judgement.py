"""What the trials of a variant show: whether it earned what it must, in sentences where it did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.audit.laboratory import Trial
from autograder.audit.record import VariantAudit
from autograder.audit.variants import Variant

MAX_MESSAGE = 200


def judge(variant: Variant, trials: Sequence[Trial]) -> VariantAudit:
    """Put together what became of a variant.

    Args:
        variant: The variant.
        trials: Its trials, at least one, that under the first seed first.
    """
    problems = [problem for trial in trials for problem in (*trial.faults, *problems_of(trial))]
    return VariantAudit(
        name=variant.name,
        kind=variant.kind,
        sentence=variant.sentence,
        loses=variant.loses,
        fractions={cell: trials[0].fraction(cell) for cell in trials[0].results},
        problems=tuple(dict.fromkeys(problems)),
        flags=tuple(dict.fromkeys(flag for trial in trials for flag in trial.flags)),
        seconds=round(sum(trial.result.seconds for trial in trials), 1),
    )


def problems_of(trial: Trial) -> Iterator[str]:
    """What a trial earned that it should not have, or did not earn that it should have."""
    kind = trial.variant.kind
    where = f"{kind} {trial.variant.name}, seed {trial.seed}".replace(f"{kind} {kind}", kind)
    if kind == "wrong":
        lost = {cell for cell in trial.results if trial.fraction(cell) not in (None, 1.0)}
        for cell in trial.variant.loses:
            if trial.fraction(cell) == 1.0:
                elsewhere = f"; it lost some in {', '.join(sorted(lost))}" if lost else "; it lost none anywhere"
                yield f"{where}: expected it to lose marks in {cell}, received all of them{elsewhere}"
        return
    if kind != "untouched":
        yield from (f"{where}: expected every cell to run, {error}" for error in trial.errors)
        yield from (
            f"{where}: expected nothing for a person to look at, received the flag {one}" for one in trial.flags
        )
    for cell in trial.results:
        fraction = trial.fraction(cell)
        if kind == "untouched" and fraction not in (None, 0.0):
            yield f"{where}: expected no marks in {cell}, received {fraction:.0%}"
        elif kind != "untouched" and fraction not in (None, 1.0):
            yield f"{where}: expected all marks in {cell}, received {fraction:.0%}{_reasons(trial, cell)}"


def _reasons(trial: Trial, cell: str) -> str:
    found = trial.results[cell]
    said = [f"{check.name}: {check.message}" for check in found.checks if check.verdict != "passed"] or [found.message]
    return "".join(f"; {' '.join(one.split())[:MAX_MESSAGE]}" for one in said)
