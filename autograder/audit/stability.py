"""The same submission, many times: alone and beside others, in any order, the same marks bit for bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.audit.examine import FIRST
from autograder.audit.laboratory import Laboratory, Trial
from autograder.audit.variants import Variant, load_variants, reference_variant

ORDER_SEED = 7
AROUND = 80  # characters


def problems_of_repeats(
    laboratory: Laboratory, times: int, done: Callable[[str], None] = lambda _: None
) -> tuple[str, ...]:
    """Grade the reference so many times, half of them alone, half beside right variants in a shuffled order.

    Args:
        laboratory: The lab and its slots.
        times: How often, at least twice.
        done: Called with a few words after each run.

    Returns:
        What was not the same, one sentence each.
    """
    reference = reference_variant(laboratory.lab.folder)
    path = laboratory.lab.folder / "variants.py"
    others = [one for one in (load_variants(path) if path.exists() else ()) if one.kind == "right"]

    def run(variant: Variant) -> Trial:
        trial = laboratory.try_variant(variant, FIRST)
        done(f"{variant.name}, once more")
        return trial

    trials = [run(reference) for _ in range(times // 2)]
    crowd = [*[reference] * (times - times // 2), *others, *others]
    order = np.random.default_rng(ORDER_SEED).permutation(len(crowd))
    trials += laboratory.side_by_side(run, [crowd[place] for place in order])
    return tuple(
        f"{variant.name}, seed {FIRST}: expected the same {what} each time, received {len(seen)} different ones in "
        f"{len(mine)} runs: {first_difference(*seen[:2])}"
        for variant in (reference, *others)
        for mine in [[trial for trial in trials if trial.variant.name == variant.name]]
        for what, of in (("marks", marks), ("measured values", measured))
        if len(seen := list(dict.fromkeys(of(trial) for trial in mine))) > 1
    )


def first_difference(one: str, other: str) -> str:
    """Where two texts begin to differ, with what stands around it."""
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    begin = max(0, place - AROUND)
    return f"...{one[begin : place + AROUND]}... and ...{other[begin : place + AROUND]}..."


def marks(trial: Trial) -> str:
    """Everything the record of a submission says, but for how long it took."""
    return json.dumps(_timeless(trial.result.model_dump(mode="json")))


def measured(trial: Trial) -> str:
    """The exact values its checks measured."""
    return repr([(name, [one.value.hex() for one in notes.measurements]) for name, notes in trial.notes.items()])


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(part) for key, part in value.items() if key != "seconds"}
    return [_timeless(part) for part in value] if isinstance(value, list) else value
