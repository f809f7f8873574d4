"""The price of the walls: one tiny notebook in a walled-in slot and in an unwalled one, in turn on this machine.

Both slots are warm and both fork a fresh kernel for each run, so what differs is what the walls cost: namespaces,
mounts, the sealing of the run's folder, and ending all of it. Each side goes first in every other round.

Run with `make bench-walls`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading.execute import run_notebook
from autograder.sandbox import Slot, SlotSettings

ROUNDS = 15
WARM_UP_ROUNDS = 2
PROMISE_SECONDS = 0.3
SOURCE = "import numpy as np\nprint(np.arange(10).reshape(2, 5).sum(axis=0))"
PRELOADS = (("numpy",), ("numpy", "keras"))
# What is timed: methods of the slot, and the whole of `run_notebook`.
PARTS = {
    "new_run": "a folder for the run",
    "start_kernel": "fork, walls, sockets",
    "kill": "end of every process",
    "forget": "clean-up of the folder",
}
WHOLE, REST = "whole submission", "talk with the kernel"


@dataclass
class Stopwatch:
    """Seconds by part of the runs of one slot."""

    runs: list[dict[str, float]] = field(default_factory=list)

    def around(self, part: str, function: Callable[..., object]) -> Callable[..., object]:
        """`function`, timed as `part` of the run at hand."""

        def timed(*arguments: object) -> object:
            with self.time(part):
                return function(*arguments)

        return timed

    @contextmanager
    def time(self, part: str) -> Iterator[None]:
        """Add what happens within to `part`."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            run = self.runs[-1]
            run[part] = run.get(part, 0.0) + time.perf_counter() - begun

    def column(self, part: str) -> list[float]:
        """The part's seconds in every counted run."""
        return [run[part] for run in self.runs[WARM_UP_ROUNDS:]]


def one_run(slot: Slot, watch: Stopwatch, files: Path) -> None:
    """One tiny notebook, whole."""
    notebook = new_notebook(cells=[new_code_cell(SOURCE)])
    watch.runs.append({})
    with watch.time(WHOLE):
        run_notebook(notebook, slot=slot, files=files, checks=(), limits=slot.settings.limits, seed="bench")
    run = watch.runs[-1]
    run[REST] = run[WHOLE] - sum(run[part] for part in PARTS)


def compare(preload: tuple[str, ...], rounds: int) -> None:
    """Print the table of so many rounds with these modules loaded."""
    walled, plain = Stopwatch(), Stopwatch()
    with (
        tempfile.TemporaryDirectory(prefix="autograder-bench-") as files,
        Slot.open(SlotSettings(preload=preload, number=1)) as inside,
        Slot.open(SlotSettings(preload=preload, number=2, sandboxed=False)) as outside,
    ):
        sides = [(inside, walled), (outside, plain)]
        for slot, watch in sides:
            for method in PARTS:
                setattr(slot, method, watch.around(method, getattr(slot, method)))
        for number in range(WARM_UP_ROUNDS + rounds):
            for slot, watch in sides if number % 2 else sides[::-1]:
                one_run(slot, watch, Path(files))
        heading = f"{', '.join(preload)} loaded; protection {inside.protection.level}; {rounds} rounds"
    print(f"{heading:<58}{'walled':>20}{'unwalled':>20}{'price':>8}")
    for part, name in (*PARTS.items(), (REST, REST), (WHOLE, WHOLE)):
        price = median(a - b for a, b in zip(walled.column(part), plain.column(part), strict=True))
        print(f"  {name:<56}{_spread(walled.column(part)):>20}{_spread(plain.column(part)):>20}{price:>8.3f}")
    verdict = "within" if price <= PROMISE_SECONDS else "ABOVE"
    print(f"The walls cost {price:.3f} s a submission: {verdict} the {PROMISE_SECONDS} s that are promised.\n")


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds):.3f} ({min(seconds):.3f}-{max(seconds):.3f})"


def main(rounds: int) -> None:
    """Print both tables."""
    print("seconds: median (least-most); price: median of the differences, round by round")
    for preload in PRELOADS:
        compare(preload, rounds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
