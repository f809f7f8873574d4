"""One live kernel of a submission: cells are executed in it, and it says when and why it ended.

The engine is nbgrader's own Execute preprocessor (nbconvert's, nbclient's), so that a cell does here what it does
under `nbgrader autograde`; the kernel it drives is a walled-in one.
"""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zmq
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.utils import is_grade

from autograder.errors import SlotLost
from autograder.grading.engine import NOTEBOOK_FACTOR, WalledExecute
from autograder.grading.faults import killed_children, limit_in_outputs
from autograder.results import LimitHit
from autograder.sandbox import Limits, Slot
from autograder.sandbox.guard import MemoryGuard
from autograder.sandbox.limits import MIB
from autograder.sandbox.messages import MAX_JSON_BYTES
from autograder.sandbox.process import IDLE_SECONDS, NEWS_SECONDS, StudentProcess, end_sentence
from autograder.sandbox.provisioner import SandboxKernelManager

CROWD = 40  # processes
SHOW_LESS = "Print a summary, or every hundredth line."
FULL = 0.8  # share of its memory


class LiveKernel:
    """A fresh kernel of a slot. Use `LiveKernel.open`.

    Attributes:
        notebook: The notebook its outputs go into.
        process: The judge's own line to it.
        deadline: When the time for cells is over, by the clock of `process`.
        over: Whether that time has run out.
        ended: Why it ended, as the rest of a sentence; "" while it lives.
        hits: Limits that tripped, in order.
        restorable: Whether it has put back, so far, what it was asked to.
        nonsense: How many of its messages were no output Jupyter knows.
    """

    process: StudentProcess
    _guard: MemoryGuard

    def __init__(self, slot: Slot, notebook: NotebookNode, limits: Limits, seed: int) -> None:
        self.notebook, self.limits = notebook, limits
        self.manager = SandboxKernelManager(slot=slot, seed=seed)
        self.deadline = math.inf
        self._cell_deadline = math.inf
        self.over = False
        self.restorable = True
        self.ended = ""
        self.hits: list[LimitHit] = []
        self._crowd = 0  # processes found running when a cell ran out of time; 0 when no more than usual
        self._engine = WalledExecute(
            on_flood=self._interrupt,
            on_timeout=self._stop_crowd,
            time_left=lambda: self._cell_deadline - self.process.clock.now(),
            timeout_func=lambda _: self._seconds_allowed(),
            output_bytes=limits.output_kib * 1024,
        )

    @classmethod
    @contextmanager
    def open(
        cls, slot: Slot, notebook: NotebookNode, files: Path | None, limits: Limits, seed: int
    ) -> Iterator[LiveKernel]:
        """A kernel that answers, with a judge's line to it that was laid before any student code ran.

        Args:
            slot: A warm slot.
            notebook: Where outputs go; changed in place.
            files: The folder whose plain files lie beside the notebook.
            limits: Seconds and output; the slot enforces the rest.
            seed: Seed of Python, NumPy and Keras at its start.

        Raises:
            SlotLost: It does not come up; a grader fault.
        """
        kernel = cls(slot, notebook, limits, seed)
        engine = kernel._engine
        engine.nb, engine.km = notebook, kernel.manager
        engine.resources = {"metadata": {"path": str(files)} if files is not None else {}}
        engine.reset_execution_trackers()
        try:
            with engine.setup_kernel(cleanup_kc=True):
                run = kernel.manager.run
                assert run is not None
                kernel.process = StudentProcess(kernel.manager)
                try:
                    with MemoryGuard(slot, run) as kernel._guard:
                        yield kernel
                finally:
                    kernel.process.close()
        except RuntimeError as error:
            # jupyter_client's word for a kernel that never became ready: no student code has run yet
            raise SlotLost(f"expected a kernel that answers, received: {error}") from error

    @property
    def nonsense(self) -> int:
        """How many messages were no output that Jupyter knows."""
        return self._engine.nonsense

    def execute(self, index: int, name: str) -> None:
        """Execute the cell at `index` of the notebook, called `name` in sentences."""
        cell = self.notebook.cells[index]
        killed = self._memory_kills()
        begun, allowed = self.process.clock.now(), self._seconds_allowed()
        self._cell_deadline = begun + allowed
        last = self.deadline - begun < self.limits.cell_seconds
        complete = False
        try:
            self._engine.execute_cell(cell, index, store_history=True)
            complete = True
        except (DeadKernelError, zmq.Again):
            if not self._crowd:
                self.note_end(name)
        except CellTimeoutError:
            if not self._crowd and self._engine.hung_up:
                self.note_end(name)
            elif self.process.clock.now() < self._cell_deadline:
                self._incomplete(name)
        if not self.ended and self.process.clock.now() >= self._cell_deadline:
            self._timed_out(name, last, self._cell_deadline + IDLE_SECONDS if complete else 0.0)
        if (self.ended or not complete) and not any(output.output_type == "error" for output in cell.outputs):
            cell.outputs.append(not_run(self.ended or "some of the cell's output was lost"))
        self._note_cuts(index, name)
        found = limit_in_outputs(cell.outputs, name, self.limits)
        if found is not None:
            self.hits.append(found)
        if not self.ended and (more := self._memory_kills() - killed) > 0:
            self.hits.append(killed_children(more, name, self.limits))
        if not self.ended and found is not None and found.limit == "memory" and self._is_full():
            # whatever came next would fail for it: better to go on without this cell
            self.ended = f"cell `{name}` left no memory for what follows, so the notebook's process was ended"
            self.kill()
        error = next((output for output in cell.outputs if output.output_type == "error"), None)
        if error is not None and not self.process.trouble and not is_grade(cell):
            # the student pressed no key: the interrupt was ours
            ours = error.ename == "KeyboardInterrupt" and any(hit.cell == name for hit in self.hits)
            how = "it was stopped at a limit" if ours else f"it stopped with {error.ename[:100]}"
            self.process.trouble = f"Look at cell `{name}` first: {how}, before it was done."

    def note_end(self, name: str, *, told: bool = True) -> None:
        """Say why the kernel, which has ended or hung up in the cell `name`, did so.

        Args:
            name: The cell.
            told: Whether its exit status is told; it ends over hidden data otherwise, which a status could carry out.

        Raises:
            SlotLost: The whole slot is gone; a grader fault.
        """
        run, slot = self.manager.run, self.manager.slot
        if slot.lost or run is None:
            raise SlotLost(f"expected the slot to live, it ended during cell {name!r}")
        deadline = time.monotonic() + NEWS_SECONDS
        while slot.poll(run) is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._guard.tripped or run.status is None:
            self.kill()
            mib = MAX_JSON_BYTES // MIB if self._engine.overrun else self.limits.message_mib
            self.ended = f"cell `{name}` sent messages of more than {mib} MiB, so the notebook's process was ended"
            sentence = f"C{self.ended[1:]}. Show less at a time, and smaller pictures."
            self._hit("message", name, mib, "MiB", sentence)
            return
        end = end_sentence(run.status, run.killed_for_memory, self.limits.memory_mib, told=told)
        self.ended = f"{end} in cell `{name}`"
        sentence = f"{self.ended[0].upper()}{self.ended[1:]}."
        if run.killed_for_memory:
            self._hit("memory", name, self.limits.memory_mib, "MiB", f"{sentence} Work on smaller arrays.")
        else:
            try_it = "Restart the kernel and run the notebook from the top to see it."
            value, unit = (run.status or 0, "exit status") if told else (0, "")
            self._hit("kernel", name, value, unit, f"{sentence} {try_it}")

    def end_stubborn(self, name: str) -> None:
        """End a kernel that does not become idle after the questions of the tests cell `name`."""
        self.ended = f"an answer to the checks of `{name}` could not be stopped, so the notebook's process was ended"
        self._hit("kernel", name, 0, "", f"A{self.ended[1:]}.")
        self.kill()

    def kill(self) -> None:
        """End every process of the kernel's run."""
        run = self.manager.run
        if run is not None:
            self.manager.slot.kill(run)

    def _memory_kills(self) -> int:
        """How many of its processes the system has ended for memory."""
        run = self.manager.run
        return 0 if run is None else self.manager.slot.memory_kills(run)

    def _is_full(self) -> bool:
        """Whether it still holds most of the memory it may have."""
        run = self.manager.run
        return run is not None and self.manager.slot.memory_held(run) > FULL * self.limits.memory_mib * MIB

    def _note_cuts(self, index: int, name: str) -> None:
        if self._engine.over(index):
            kib = self.limits.output_kib
            sentence = f"Cell `{name}` showed more than {kib} KiB; the rest was cut off. {SHOW_LESS}"
            self._hit("output", name, kib, "KiB", sentence)
        elif index in self._engine.cut:
            kib = self.limits.output_kib * NOTEBOOK_FACTOR
            sentence = (
                f"The notebook showed more than {kib} KiB in all; what cell `{name}` showed was cut off. {SHOW_LESS}"
            )
            self._hit("output", name, kib, "KiB", sentence)

    def _incomplete(self, name: str) -> None:
        """The cell is done, but the news of it went missing: more was sent than the queues of the line hold."""
        sentence = f"Cell `{name}` showed more, and faster, than can be taken down; some of it was lost. {SHOW_LESS}"
        self._hit("output", name, self.limits.output_kib, "KiB", sentence)

    def _timed_out(self, name: str, last: bool, patience: float) -> None:
        """Say that the cell ran out of time, and end a kernel that is not idle by the time `patience`."""
        now = self.process.clock.now()
        if last or now >= self.deadline:
            self.over = True
            self._hit("total_seconds", name, self.limits.total_seconds, "s", too_long(name, self.limits))
        else:
            seconds = self.limits.cell_seconds
            sentence = (
                f"Cell `{name}` used more than its {seconds:.0f} s and was stopped. Is there a loop that never ends?"
            )
            self._hit("cell_seconds", name, seconds, "s", sentence)
        if self._crowd:
            self.ended = f"cell `{name}` had started {self._crowd} processes, so the notebook's process was ended"
            self.kill()
        elif not self.process.idle(max(0.1, patience - now)):
            self.ended = f"cell `{name}` could not be stopped, so the notebook's process was ended"
            self.kill()

    def _stop_crowd(self) -> None:
        """End the run of a cell that ran out of time at once, where an interrupt would leave its other processes."""
        count = self.manager.slot.num_processes
        if count > CROWD and self.manager.run is not None:
            self._crowd = count
            self.manager.slot.signal(self.manager.run, signal.SIGKILL)

    def _seconds_allowed(self) -> int:
        """What a cell that starts now may take; nbclient counts in whole seconds."""
        return max(1, math.ceil(min(self.limits.cell_seconds, self.deadline - self.process.clock.now())))

    def _interrupt(self) -> None:
        if self.manager.run is not None:
            self.manager.slot.signal(self.manager.run, signal.SIGINT)

    def _hit(self, limit: Any, cell: str, value: float, unit: str, sentence: str) -> None:
        self.hits.append(LimitHit(limit=limit, cell=cell, value=float(value), unit=unit, sentence=sentence))


def not_run(reason: str) -> NotebookNode:
    """An error output for a cell that did not run: nbgrader would give full marks to one without output."""
    output: NotebookNode = new_output("error", ename="NotRun", evalue=reason, traceback=[f"NotRun: {reason}"])
    return output


def too_long(name: str, limits: Limits) -> str:
    """The sentence for a notebook that has used up its time."""
    return (
        f"The notebook used more than its {limits.total_seconds:.0f} s in total; it was stopped at cell `{name}`. "
        "Train for fewer epochs, or on less."
    )
