"""A student's kernel as these tests drive it: run a cell, see what came out; ask the agent."""

from __future__ import annotations

import asyncio
import contextlib
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.checks.student import Line, Student
from autograder.sandbox import Slot
from autograder.sandbox.process import StudentProcess
from autograder.sandbox.provisioner import SandboxKernelClient, SandboxKernelManager
from autograder.sandbox.slot import Run

CELL_SECONDS = 60.0


class Kernel:
    """One kernel of `slot`, with `files` beside the notebook. Use as a context manager."""

    def __init__(self, slot: Slot, files: Path | None = None, seed: int = 7) -> None:
        self.slot = slot
        self.manager = SandboxKernelManager(slot=slot, seed=seed)
        self.loop = asyncio.new_event_loop()
        self._files = files

    def __enter__(self) -> Kernel:
        try:
            self.wait(self.manager.start_kernel(**({"cwd": str(self._files)} if self._files else {})))
        except BaseException:
            self._close()
            raise
        self.client: SandboxKernelClient = self.manager.client()
        self.client.start_channels()
        self.wait(self.client.wait_for_ready(timeout=CELL_SECONDS))
        self.process = StudentProcess(self.manager)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.close()
        self.client.stop_channels()
        if not self.slot.lost:
            self.wait(self.manager.shutdown_kernel(now=True))
        self._close()

    def _close(self) -> None:
        self.wait(self.manager.cleanup_resources())
        self.loop.close()

    def wait(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    @property
    def current(self) -> Run:
        assert self.manager.run is not None
        return self.manager.run

    def run(self, code: str) -> str:
        """Run a cell: what it printed, then "Name: text" of its error."""
        message_id = self.client.execute(textwrap.dedent(code))
        shown = []
        while True:
            message = self.wait(self.client.get_iopub_msg(timeout=CELL_SECONDS))
            content = message["content"]
            if message["parent_header"].get("msg_id") != message_id:
                continue
            if message["msg_type"] == "stream":
                shown.append(content["text"])
            elif message["msg_type"] == "error":
                shown.append(f"{content['ename']}: {content['evalue']}")
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return "".join(shown).strip()

    def ended(self) -> int:
        """The exit status, once the kernel has ended."""
        return int(self.wait(asyncio.wait_for(self.manager.provisioner.wait(), CELL_SECONDS)))

    def student(
        self, seconds: float = CELL_SECONDS, clean: StudentProcess | None = None, hidden: bool = False
    ) -> Student:
        """What a check would be given; `clean` is the line to a kernel without student code."""
        sources = {"build": "def build(): ..."}
        return Student(Line(self.process, lambda: clean or self.process, "seed", seconds, sources, hidden))


def descendants(pid: int) -> list[int]:
    """Every process below `pid`."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def lines(text: str) -> Iterator[tuple[str, str]]:
    """The pairs of "name: value" lines."""
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        yield name, value
