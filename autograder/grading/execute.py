"""Running one notebook in a slot: its cells in order, and the checks of each tests cell when it is reached.

The engine is nbgrader's own Execute preprocessor (nbconvert's, nbclient's), so that a cell does here what it does
under `nbgrader autograde`; the kernel it drives is a walled-in one.
"""

from __future__ import annotations

import hashlib
import math
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.utils import is_grade

from autograder.checks.declare import Check
from autograder.checks.run import run_checks
from autograder.errors import SlotLost
from autograder.grading.engine import NOTEBOOK_FACTOR, WalledExecute
from autograder.grading.faults import limit_in_outputs, missing_module
from autograder.results import CheckResult, LimitHit, Verdict
from autograder.sandbox import Limits, Slot
from autograder.sandbox.guard import MemoryGuard
from autograder.sandbox.limits import MIB
from autograder.sandbox.messages import MAX_JSON_BYTES
from autograder.sandbox.process import StudentProcess, end_sentence
from autograder.sandbox.provisioner import SandboxKernelManager

IDLE_SECONDS = 3.0  # what an interrupted kernel gets to become idle before it is ended
CROWD = 40  # processes
NEWS_SECONDS = 1.0  # what the news of a kernel's end may lag behind the end of its connections


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
    crowd: int = 0  # processes found running when a cell ran out of time; 0 when no more than usual
    ended: str = ""  # why no further cell can run; "" while the kernel lives

    def run(self, files: Path) -> Execution:
        begun = time.monotonic()
        engine = WalledExecute(
            on_flood=self.interrupt,
            on_timeout=self.stop_crowd,
            timeout_func=lambda _: self.seconds_allowed(),
            output_bytes=self.limits.output_kib * 1024,
        )
        engine.nb, engine.km, engine.resources = self.notebook, self.manager, {"metadata": {"path": str(files)}}
        engine.reset_execution_trackers()
        try:
            with engine.setup_kernel(cleanup_kc=True):
                run = self.manager.run
                assert run is not None
                process = StudentProcess(self.manager)
                self.deadline = time.monotonic() + self.limits.total_seconds
                try:
                    with MemoryGuard(self.manager.slot, run) as self.guard:
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
            tuple(self.notes(engine)),
            round(time.monotonic() - begun, 3),
        )

    def notes(self, engine: WalledExecute) -> Iterator[str]:
        """Sentences for the TA."""
        if engine.nonsense:
            yield f"{engine.nonsense} messages of the kernel were no output Jupyter knows"
        for module in dict.fromkeys(missing_module(cell) for cell in self.notebook.cells):
            if module:
                yield (
                    f"the notebook imports `{module}`, which is not installed here: if the course uses it, install it "
                    "beside autograder and grade again"
                )

    def cell(self, engine: WalledExecute, process: StudentProcess, cell: NotebookNode, index: int) -> None:
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
            self.judge(engine, process, mine, grade_id)
        self.cell_seconds[name] = round(time.monotonic() - begun, 3)

    def execute(
        self, engine: WalledExecute, process: StudentProcess, cell: NotebookNode, index: int, name: str
    ) -> None:
        allowed = self.seconds_allowed()
        begun = time.monotonic()
        last = self.deadline - begun < self.limits.cell_seconds
        complete = False
        try:
            engine.execute_cell(cell, index, store_history=True)
            complete = True
        except (DeadKernelError, zmq.Again):
            if not self.crowd:
                self.end(engine, name)
        except CellTimeoutError:
            if not self.crowd and engine.hung_up:
                self.end(engine, name)
            elif time.monotonic() - begun < allowed:
                self.incomplete(name)
        if not self.ended and time.monotonic() - begun >= allowed:
            self.timed_out(process, name, last, begun + allowed + IDLE_SECONDS if complete else 0.0)
        if (self.ended or not complete) and not any(output.output_type == "error" for output in cell.outputs):
            cell.outputs.append(_not_run(self.ended or "some of the cell's output was lost"))
        if engine.over(index):
            kib = self.limits.output_kib
            self.hit("output", name, kib, "KiB", f"Cell `{name}` showed more than {kib} KiB; the rest was cut off.")
        elif index in engine.cut:
            kib = self.limits.output_kib * NOTEBOOK_FACTOR
            sentence = f"The notebook showed more than {kib} KiB in all; what cell `{name}` showed was cut off."
            self.hit("output", name, kib, "KiB", sentence)
        found = limit_in_outputs(cell.outputs, name, self.limits)
        if found is not None:
            self.hits.append(found)
        error = next((output for output in cell.outputs if output.output_type == "error"), None)
        if error is not None and not process.trouble and not is_grade(cell):
            process.trouble = f"Look at cell `{name}` first: it stopped with {error.ename[:100]}, before it was done."

    def incomplete(self, name: str) -> None:
        """The cell is done, but the news of it went missing: more was sent than the queues of the line hold."""
        sentence = f"Cell `{name}` showed more, and faster, than can be taken down; some of it was lost."
        self.hit("output", name, self.limits.output_kib, "KiB", sentence)

    def timed_out(self, process: StudentProcess, name: str, last: bool, patience: float) -> None:
        """Say that the cell ran out of time, and end a kernel that is not idle by the time `patience`."""
        if last or time.monotonic() >= self.deadline:
            self.hit("total_seconds", name, self.limits.total_seconds, "s", self._too_long(name))
            self.ended = f"the notebook had used up its {self.limits.total_seconds:.0f} s"
            self.kill()
            return
        seconds = self.limits.cell_seconds
        sentence = f"Cell `{name}` used more than its {seconds:.0f} s and was stopped. Is there a loop that never ends?"
        self.hit("cell_seconds", name, seconds, "s", sentence)
        if self.crowd:
            self.ended = f"cell `{name}` had started {self.crowd} processes, so the notebook's process was ended"
            self.kill()
        elif not process.idle(max(0.1, patience - time.monotonic())):
            self.ended = f"cell `{name}` could not be stopped, so the notebook's process was ended"
            self.kill()

    def stop_crowd(self) -> None:
        """End the run of a cell that ran out of time at once, where an interrupt would leave its other processes."""
        count = self.manager.slot.num_processes
        if count > CROWD and self.manager.run is not None:
            self.crowd = count
            self.manager.slot.signal(self.manager.run, signal.SIGKILL)

    def end(self, engine: WalledExecute, name: str) -> None:
        """Say why the kernel, which has ended or hung up in the cell `name`, did so."""
        run, slot = self.manager.run, self.manager.slot
        if slot.lost or run is None:
            raise SlotLost(f"expected the slot to live, it ended during cell {name!r}")
        deadline = time.monotonic() + NEWS_SECONDS
        while slot.poll(run) is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.guard.tripped or run.status is None:
            self.kill()
            mib = MAX_JSON_BYTES // MIB if engine.overrun else self.limits.message_mib
            self.ended = f"cell `{name}` sent messages of more than {mib} MiB, so the notebook's process was ended"
            sentence = f"C{self.ended[1:]}. Show less at a time, and smaller pictures."
            self.hit("message", name, mib, "MiB", sentence)
            return
        self.ended = f"{end_sentence(run.status, run.killed_for_memory, self.limits.memory_mib)} in cell `{name}`"
        sentence = f"{self.ended[0].upper()}{self.ended[1:]}; the cells after it could not be run."
        if run.killed_for_memory:
            self.hit("memory", name, self.limits.memory_mib, "MiB", sentence)
        else:
            self.hit("kernel", name, run.status or 0, "exit status", sentence)

    def judge(self, engine: WalledExecute, process: StudentProcess, checks: tuple[Check, ...], grade_id: str) -> None:
        earlier: dict[str, Verdict] = {r.name: r.verdict for results in self.verdicts.values() for r in results}
        if self.ended:
            self.verdicts[grade_id] = tuple(_not_judged(check, self.ended) for check in checks)
            return
        sources = _sources(self.notebook)
        left = self.deadline - time.monotonic()
        self.verdicts[grade_id] = run_checks(checks, process, f"{self.seed}/{grade_id}", sources, earlier, left)
        if not process.alive:
            self.end(engine, grade_id)
        elif not process.idle(IDLE_SECONDS):
            self.ended = (
                f"an answer to the checks of `{grade_id}` could not be stopped, so the notebook's process was ended"
            )
            self.hit("kernel", grade_id, 0, "", f"{self.ended[0].upper()}{self.ended[1:]}.")
            self.kill()

    def seconds_allowed(self) -> int:
        """What a cell that starts now may take; nbclient counts in whole seconds."""
        return max(1, math.ceil(min(self.limits.cell_seconds, self.deadline - time.monotonic())))

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
