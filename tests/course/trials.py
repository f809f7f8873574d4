"""Trying a lab's variants for real: each filled into the students' notebook, run in a slot, judged by the checks."""

from __future__ import annotations

import queue
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from autograder.audit import Variant, apply_variant
from autograder.authoring import build_notebook, read_lab
from autograder.checks import Check, load_checks
from autograder.course import DEFAULT_PRELOAD
from autograder.grading.execute import Execution, run_notebook
from autograder.results import CheckResult
from autograder.sandbox import Limits, Slot, SlotSettings

SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Trial:
    """What became of one variant under one seed: its checks' results by tests cell."""

    variant: Variant
    seed: int
    results: dict[str, tuple[CheckResult, ...]]
    errors: tuple[str, ...]
    seconds: float

    def fraction(self, cell: str) -> float | None:
        """The share of the cell's points that was earned; None when it could not be judged."""
        results = self.results[cell]
        if any(result.fraction is None for result in results):
            return None
        weights = sum(result.weight for result in results)
        return sum(result.weight * (result.fraction or 0.0) for result in results) / weights

    def tell(self) -> str:
        """One line per check that was not passed, to read when a test fails."""
        lines = [f"{self.variant.kind} {self.variant.name}, seed {self.seed}:", *self.errors]
        for cell, results in self.results.items():
            lines += [
                f"  {cell}, {r.name}: {r.verdict}, {r.message} {r.fault}" for r in results if r.verdict != "passed"
            ]
        return "\n".join(lines)


class Laboratory:
    """A lab, and a few slots to try its variants in, side by side. Use as a context."""

    def __init__(self, folder: Path, num_slots: int = 2) -> None:
        self.folder, self.num_slots = folder, num_slots
        self.checks = load_checks(folder / "checks.py")
        self.notebook, _ = ClearSolutions().preprocess(build_notebook(read_lab(folder)), {})
        self.limits = Limits()
        self._slots: queue.Queue[Slot] = queue.Queue()

    def __enter__(self) -> Laboratory:
        with ExitStack() as stack:
            for number in range(self.num_slots):
                self._slots.put(
                    stack.enter_context(
                        Slot.open(SlotSettings(limits=self.limits, preload=DEFAULT_PRELOAD, number=number))
                    )
                )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def try_all(self, variants: Iterable[Variant], seeds: Iterable[int] = SEEDS) -> list[Trial]:
        """Try each variant under each seed."""
        asked = [(variant, seed) for variant in variants for seed in seeds]
        with ThreadPoolExecutor(self.num_slots) as pool:
            return list(pool.map(lambda pair: self._try(*pair), asked))

    def _try(self, variant: Variant, seed: int) -> Trial:
        notebook, checks = apply_variant(self.notebook, variant), self.checks
        if variant.kind == "wrong":
            notebook, checks = self._up_to_what_it_loses(notebook, variant)
        slot = self._slots.get()
        try:
            with tempfile.TemporaryDirectory() as folder:
                for path in (self.folder / "files").iterdir():
                    (Path(folder) / path.name).write_bytes(path.read_bytes())
                execution = run_notebook(
                    notebook, slot=slot, files=Path(folder), checks=checks, limits=self.limits, seed=f"audit/{seed}"
                )
        finally:
            ensure_event_loop().close()  # jupyter_core makes one for each thread and leaves it to the garbage collector
            self._slots.put(slot)
        return Trial(variant, seed, execution.verdicts, _errors(execution), execution.seconds)

    def _up_to_what_it_loses(self, notebook: NotebookNode, variant: Variant) -> tuple[NotebookNode, tuple[Check, ...]]:
        """Leave out what comes after the last cell a wrong variant is judged by: it decides nothing."""
        ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
        notebook.cells = notebook.cells[: max(ids.index(cell) for cell in variant.loses) + 1]
        return notebook, tuple(check for check in self.checks if check.cell in variant.loses)


def _errors(execution: Execution) -> tuple[str, ...]:
    return tuple(
        f"  cell {cell.metadata.get('nbgrader', {}).get('grade_id')} raised {output.ename}: {output.evalue[:200]}"
        for cell in execution.notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    )
