"""Running one notebook in a slot: its cells in order, and the checks of each tests cell when it is reached.

The engine is nbgrader's own Execute preprocessor (nbconvert's, nbclient's), so that a cell does here what it does
under `nbgrader autograde`; the kernel it drives is a walled-in one.
"""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Integer, Unicode

from autograder.checks.declare import Check
from autograder.checks.run import run_checks
from autograder.errors import SlotLost
from autograder.grading.faults import limit_in_outputs
from autograder.results import CheckResult, LimitHit, Verdict
from autograder.sandbox import Limits, Slot
from autograder.sandbox.process import StudentProcess, end_sentence
from autograder.sandbox.provisioner import SandboxKernelManager

IDLE_SECONDS = 3.0  # what an interrupted kernel gets to become idle before it is ended
FLOOD_FACTOR = 50  # a cell that shows this many times its output cap is interrupted, not merely cut


@dataclass(frozen=True)
class Execution:
    """What came of a notebook.

    Attributes:
        notebook: The executed notebook.
        verdicts: What the checks of each tests cell said, by grade_id.
        cell_seconds: Wall time by grade_id (cells without one: "cell N", counted from 1).
        limits: Limits that tripped, in order.
        notes: Sentences for the TA.
        seconds: Wall time of everything.
    """

    notebook: NotebookNode
    verdicts: dict[str, tuple[CheckResult, ...]]
    cell_seconds: dict[str, float]
    limits: tuple[LimitHit, ...]
    notes: tuple[str, ...]
    seconds: float


def run_notebook(
    notebook: NotebookNode, *, slot: Slot, files: Path, checks: tuple[Check, ...], limits: Limits, seed: str
) -> Execution:
    """Run every cell of `notebook` in a fresh kernel of `slot` and judge its tests cells.

    Args:
        notebook: A sanitised notebook; it is changed in place.
        slot: A warm slot.
        files: The folder whose plain files lie beside the notebook.
        checks: The lab's checks; a tests cell without one is only executed.
        limits: Seconds and output; the slot enforces the rest.
        seed: What every random number follows from: same seed, same submission, same result.

    Raises:
        SlotLost: The sandbox failed; nothing is known of the submission, which is to be graded again elsewhere.
    """
    manager = SandboxKernelManager(slot=slot, seed=_kernel_seed(seed))
    return _NotebookRun(notebook, manager, checks, limits, seed).run(files)


class _WalledExecute(Execute):
    """nbgrader's Execute with an output cap, deaf to tags by which a submission could skip its tests."""

    skip_cells_with_tag = Unicode("\0 no tag is this one \0")
    output_bytes = Integer(2**20)

    def __init__(self, on_flood: Callable[[], None], **traits: Any) -> None:
        super().__init__(**traits)
        self.on_flood = on_flood
        self.shown: dict[int, int] = {}
        self.flooded = False

    def output(self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Keep an output unless the cell has shown more than its cap."""
        before = self.shown.get(cell_index, 0)
        size = len(repr(msg["content"]))
        self.shown[cell_index] = before + size
        if before + size <= self.output_bytes or msg["msg_type"] == "error":
            return super().output(outs, msg, display_id, cell_index)
        if before + size > FLOOD_FACTOR * self.output_bytes and not self.flooded:
            self.flooded = True
            self.on_flood()
        return None


@dataclass
class _NotebookRun:
    notebook: NotebookNode
    manager: SandboxKernelManager
    checks: tuple[Check, ...]
    limits: Limits
    seed: str
    verdicts: dict[str, tuple[CheckResult, ...]] = field(default_factory=dict)
    cell_seconds: dict[str, float] = field(default_factory=dict)
    hits: list[LimitHit] = field(default_factory=list)
    ended: str = ""  # why no further cell can run; "" while the kernel lives

    def run(self, files: Path) -> Execution:
        begun = time.monotonic()
        self.deadline = begun + self.limits.total_seconds
        engine = _WalledExecute(
            on_flood=self.interrupt,
            timeout_func=lambda _: self.seconds_allowed(),
            output_bytes=self.limits.output_kib * 1024,
        )
        engine.nb, engine.km, engine.resources = self.notebook, self.manager, {"metadata": {"path": str(files)}}
        engine.reset_execution_trackers()
        try:
            with engine.setup_kernel(cleanup_kc=True):
                process = StudentProcess(self.manager)
                try:
                    for index, cell in enumerate(self.notebook.cells):
                        self.cell(engine, process, cell, index)
                finally:
                    process.close()
        except RuntimeError as error:
            # jupyter_client's word for a kernel that never became ready: no student code has run yet
            raise SlotLost(f"expected a kernel that answers, received: {error}") from error
        return Execution(
            self.notebook,
            self.verdicts,
            self.cell_seconds,
            tuple(self.hits),
            (),
            round(time.monotonic() - begun, 3),
        )

    def cell(self, engine: _WalledExecute, process: StudentProcess, cell: NotebookNode, index: int) -> None:
        if cell.cell_type != "code":
            return
        begun = time.monotonic()
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        name = grade_id or f"cell {index + 1}"
        if not self.ended and begun >= self.deadline:
            self.hit("total_seconds", name, self.limits.total_seconds, "s", self._too_long(name))
            self.ended = f"the notebook had used up its {self.limits.total_seconds:.0f} s"
        if self.ended:
            cell.outputs = [_not_run(self.ended)]
        else:
            self.execute(engine, process, cell, index, name)
        mine = tuple(check for check in self.checks if grade_id and check.cell == grade_id)
        if mine:
            self.judge(process, mine, grade_id)
        self.cell_seconds[name] = round(time.monotonic() - begun, 3)

    def execute(
        self, engine: _WalledExecute, process: StudentProcess, cell: NotebookNode, index: int, name: str
    ) -> None:
        allowed = self.seconds_allowed()
        begun = time.monotonic()
        try:
            engine.execute_cell(cell, index, store_history=True)
        except DeadKernelError:
            self.end(name)
            cell.outputs.append(_not_run(self.ended))
            return
        except CellTimeoutError:
            pass  # the kernel answers no interrupt; found out and ended below
        if time.monotonic() - begun >= allowed:
            self.timed_out(process, cell, name)
        if engine.shown.get(index, 0) > engine.output_bytes:
            kib = self.limits.output_kib
            self.hit("output", name, kib, "KiB", f"Cell `{name}` showed more than {kib} KiB; the rest was cut off.")
        found = limit_in_outputs(cell.outputs, name, self.limits)
        if found is not None:
            self.hits.append(found)

    def timed_out(self, process: StudentProcess, cell: NotebookNode, name: str) -> None:
        if time.monotonic() >= self.deadline:
            self.hit("total_seconds", name, self.limits.total_seconds, "s", self._too_long(name))
            self.ended = f"the notebook had used up its {self.limits.total_seconds:.0f} s"
            self.kill()
            return
        seconds = self.limits.cell_seconds
        sentence = f"Cell `{name}` used more than its {seconds:.0f} s and was stopped. Is there a loop that never ends?"
        self.hit("cell_seconds", name, seconds, "s", sentence)
        if not process.idle(IDLE_SECONDS):
            self.ended = f"cell `{name}` could not be stopped, so the notebook's process was ended"
            if not any(output.output_type == "error" for output in cell.outputs):
                cell.outputs.append(_not_run(self.ended))
            self.kill()

    def end(self, name: str) -> None:
        """Say why the kernel, which has ended in the cell `name`, did so."""
        run, slot = self.manager.run, self.manager.slot
        if slot.lost or run is None:
            raise SlotLost(f"expected the slot to live, it ended during cell {name!r}")
        self.ended = f"{end_sentence(run.status, run.killed_for_memory, self.limits.memory_mib)} in cell `{name}`"
        sentence = f"{self.ended[0].upper()}{self.ended[1:]}; the cells after it could not be run."
        if run.killed_for_memory:
            self.hit("memory", name, self.limits.memory_mib, "MiB", sentence)
        else:
            self.hit("kernel", name, run.status or 0, "exit status", sentence)

    def judge(self, process: StudentProcess, checks: tuple[Check, ...], grade_id: str) -> None:
        earlier: dict[str, Verdict] = {r.name: r.verdict for results in self.verdicts.values() for r in results}
        if self.ended:
            self.verdicts[grade_id] = tuple(_not_judged(check, self.ended) for check in checks)
            return
        sources = _sources(self.notebook)
        left = self.deadline - time.monotonic()
        self.verdicts[grade_id] = run_checks(checks, process, f"{self.seed}/{grade_id}", sources, earlier, left)
        if not process.alive:
            self.end(grade_id)
        elif not process.idle(IDLE_SECONDS):
            self.ended = (
                f"an answer to the checks of `{grade_id}` could not be stopped, so the notebook's process was ended"
            )
            self.hit("kernel", grade_id, 0, "", f"{self.ended[0].upper()}{self.ended[1:]}.")
            self.kill()

    def seconds_allowed(self) -> int:
        """What a cell that starts now may take; nbclient counts in whole seconds."""
        return max(1, round(min(self.limits.cell_seconds, self.deadline - time.monotonic())))

    def interrupt(self) -> None:
        if self.manager.run is not None:
            self.manager.slot.signal(self.manager.run, signal.SIGINT)

    def kill(self) -> None:
        run = self.manager.run
        if run is not None:
            self.manager.slot.kill(run)

    def hit(self, limit: Any, cell: str, value: float, unit: str, sentence: str) -> None:
        self.hits.append(LimitHit(limit=limit, cell=cell, value=float(value), unit=unit, sentence=sentence))

    def _too_long(self, name: str) -> str:
        seconds = self.limits.total_seconds
        return f"The notebook used more than its {seconds:.0f} s in total; it was stopped at cell `{name}`."


def _not_run(reason: str) -> NotebookNode:
    """An error output for a cell that did not run: nbgrader would give full marks to one without output."""
    output: NotebookNode = new_output("error", ename="NotRun", evalue=reason, traceback=[f"NotRun: {reason}"])
    return output


def _not_judged(check: Check, reason: str) -> CheckResult:
    return CheckResult(
        name=check.name,
        sentence=check.sentence,
        verdict="failed",
        fraction=0.0,
        weight=check.weight,
        evidence=check.evidence,
        message=f"not reached: {reason}",
    )


def _kernel_seed(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "little") >> 1


def _sources(notebook: Mapping[str, Any]) -> dict[str, str]:
    """The student's cells by grade_id."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["source"]
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id")
    }
