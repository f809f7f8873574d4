"""A slot: one walled-in warm process, and the runs (one fresh kernel each) it forks."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import SandboxUnavailable, SlotLost
from autograder.results import Protection
from autograder.sandbox import wall
from autograder.sandbox.clock import seconds_waited
from autograder.sandbox.limits import MIB
from autograder.sandbox.settings import SlotSettings
from autograder.sandbox.warm import WarmProcess, advice
from autograder.sandbox.watch import Watcher, num_processes, tree, tree_memory

WARM_UP_SECONDS = 120.0
START_SECONDS = 30.0
KILL_SECONDS = 30.0  # hundreds of processes that fork all the time take seconds to end
KILLED = 128 + 9
SETUP_FAILED = 97  # as in inside/zygote.py
# The one wall without which submissions are graded all the same: it separates strong from good.
MEMORY_GROUP = "memory group"


@dataclass
class Run:
    """One kernel of a slot, from the grader's side. `status` is its exit status once it has ended."""

    name: str
    folder: Path
    inside: str
    status: int | None = None
    killed_for_memory: bool = False
    kills_before: int = 0
    relayed: int = 0  # signals its kernel has been given
    before: frozenset[int] = frozenset()  # processes of the slot that were there before
    watcher: Watcher | None = None


class Slot:
    """One walled-in warm process. Use `Slot.open`; one submission at a time.

    Attributes:
        warm: The warm process, which forks each run.
        protection: The walls found to hold, by trying them from inside.
        versions: Versions of Python and of the preloaded packages inside.
        missing: Modules that were to be preloaded and are not installed.
    """

    def __init__(self, settings: SlotSettings) -> None:
        self.settings = settings
        self.warm = WarmProcess.start(settings)
        self._runs: dict[str, Run] = {}
        self._started: dict[str, dict[str, Any]] = {}
        self._counter = itertools.count(1)
        self.protection = Protection(level="none", holds={})
        self.versions: dict[str, str] = {}
        self.missing: tuple[str, ...] = ()

    @classmethod
    @contextmanager
    def open(
        cls, settings: SlotSettings | None = None, meanwhile: Callable[[], object] = lambda: None
    ) -> Iterator[Slot]:
        """A slot that is warm and whose walls have been tried; gone, with all it holds, at the end.

        Args:
            settings: How it is made.
            meanwhile: Called while the libraries are imported inside.

        Raises:
            SandboxUnavailable: It cannot be made here, or a wall does not hold.
        """
        slot = cls(settings or SlotSettings())
        try:
            meanwhile()
            slot.warm_up()
            yield slot
        finally:
            slot.close()

    def warm_up(self) -> None:
        """Wait until the libraries are imported, then try every wall from inside.

        Raises:
            SandboxUnavailable: The slot did not come up, or a wall does not hold; says which and what to do.
        """
        packet = self.warm.receive(time.monotonic() + WARM_UP_SECONDS)
        if packet is None or packet["event"] != "warm":
            raise SandboxUnavailable(f"expected a warm sandbox, received nothing from it: {self.warm.diagnosis()}")
        self.versions = {name: version for name, version in packet["versions"].items() if version}
        self.missing = tuple(packet["missing"])
        if self.settings.sandboxed:
            self.protection = self._tried()

    def new_run(self) -> Run:
        """A folder for the next run: what is put into its `files` is copied to the student's working folder."""
        name = f"r{next(self._counter)}"
        folder = self.warm.folder / "runs" / name
        folder.mkdir()
        (folder / "files").mkdir()
        inside = "/run/kernel" if self.settings.sandboxed else str(folder)
        run = Run(name, folder, inside)
        self._runs[name] = run
        return run

    def start_kernel(self, run: Run, connection_file: Path, seed: int, variables: dict[str, str]) -> None:
        """Fork a kernel for `run`; returns when its walls stand and its sockets are bound and sealed.

        Raises:
            SlotLost: The slot did not manage; a grader fault.
        """
        self._give_away(run.folder)
        run.before = frozenset(tree(self.warm.pid))
        if self.settings.sandboxed:
            home, work = "/home/student", "/home/student/work"
        else:
            home, work = str(run.folder / "home"), str(run.folder / "home" / "work")
            Path(work).mkdir(parents=True)
        answer = self._launch(
            {
                "do": "kernel",
                "run": run.name,
                "files": f"{run.inside}/files",
                "connection_file": f"{run.inside}/{connection_file.name}",
                "seed": seed,
                "home": home,
                "work": work,
                "variables": variables,
            }
        )
        if answer["error"]:
            raise SlotLost(f"expected a kernel behind its walls, received: {answer['error']}")
        if self.warm.group is not None:
            run.kills_before = self.warm.group.memory_kills()
        elif self.settings.sandboxed:
            self._watch(run)

    def poll(self, run: Run) -> int | None:
        """The exit status of the run, or None while it lives."""
        while run.status is None and (packet := self.warm.receive(time.monotonic())) is not None:
            self._note(packet)
        if run.status is None and self.warm.ended:
            run.status = SETUP_FAILED
        return run.status

    def signal(self, run: Run, number: int) -> None:
        """Send a signal to the run's kernel and wait until the kernel has it: later, it would hit what comes next.

        Raises:
            SlotLost: Nobody passes it on; a grader fault.
        """
        if run.status is not None:
            return
        relayed = run.relayed
        self.warm.send({"do": "signal", "run": run.name, "number": number})
        deadline = time.monotonic() + KILL_SECONDS
        while number != signal.SIGKILL and self.poll(run) is None and run.relayed == relayed:
            if time.monotonic() > deadline:
                raise SlotLost("expected a signal to be passed on to a run, it was not")
            self.warm.wait(0.2)

    def memory_kills(self, run: Run) -> int:
        """How many processes of the run the kernel has killed for memory, its children among them; 0 without a group.

        A killed child can leave the kernel alive and its cell waiting, or failing, for no visible reason.
        """
        if self.warm.group is None or run.status is not None:
            return int(run.killed_for_memory)
        return self.warm.group.memory_kills() - run.kills_before

    def memory_held(self, run: Run) -> int:
        """Bytes that the processes of the run hold now, beside those that the warm process has given them."""
        return tree_memory(self.warm.pid, run.before)

    def seconds_waited(self, run: Run) -> float:
        """What the threads of the run have waited for a processor, in seconds."""
        return seconds_waited(pid for pid in tree(self.warm.pid) if pid not in run.before)

    def kill(self, run: Run) -> None:
        """End every process of the run and wait for it; kills the whole slot when that does not help.

        Raises:
            SlotLost: The slot itself had to be ended.
        """
        if self.poll(run) is None:
            self.warm.send({"do": "kill", "run": run.name})
            deadline = time.monotonic() + KILL_SECONDS
            while self.poll(run) is None:
                if time.monotonic() > deadline:
                    self.close()
                    raise SlotLost("expected a run to end when killed, it did not; the slot was ended instead")
                self.warm.wait(0.2)

    def forget(self, run: Run) -> None:
        """Remove the run's folder; it must have ended."""
        self._runs.pop(run.name, None)
        shutil.rmtree(run.folder, ignore_errors=True)

    @property
    def num_processes(self) -> int:
        """How many processes the slot holds: four without a run's own."""
        return num_processes(self.warm.pid)

    @property
    def lost(self) -> bool:
        """Whether the warm process is gone."""
        return self.warm.ended

    def close(self) -> None:
        """End everything in the slot and remove what it left."""
        for run in self._runs.values():
            if run.watcher is not None:
                run.watcher.stop()
        self.warm.close()

    # ------------------------------------------------------------------------------------------------------------

    def _tried(self) -> Protection:
        run = self.new_run()
        self._give_away(run.folder)
        with tempfile.NamedTemporaryFile(prefix="autograder-canary-", dir=self.warm.folder) as canary:
            answer = self._launch({"do": "probe", "run": run.name, "canary": canary.name})
        if answer["error"]:
            raise SandboxUnavailable(
                f"expected walls that stand, received: {answer['error']}; {advice(answer['error'])}"
            )
        holds = dict(answer["probes"])
        self.kill(run)
        self.forget(run)
        broken = [name for name, held in holds.items() if not held]
        if broken:
            raise SandboxUnavailable(
                f"expected every wall of the sandbox to hold, these do not: {', '.join(broken)}; "
                "run `autograder doctor` for what to enable"
            )
        holds[MEMORY_GROUP] = self.warm.group is not None
        return Protection(level="strong" if self.warm.group is not None else "good", holds=holds)

    def _launch(self, packet: dict[str, Any]) -> dict[str, Any]:
        self.warm.send(packet)
        deadline = time.monotonic() + START_SECONDS
        while packet["run"] not in self._started:
            answer = self.warm.receive(deadline)
            if answer is None:
                raise SlotLost(f"expected the slot to start a run, received nothing: {self.warm.diagnosis()}")
            self._note(answer)
        return self._started.pop(packet["run"])

    def _note(self, packet: dict[str, Any]) -> None:
        if packet["event"] == "started":
            self._started[packet["run"]] = packet
        elif packet["event"] == "signalled" and packet["run"] in self._runs:
            self._runs[packet["run"]].relayed += 1
        elif packet["event"] == "ended" and packet["run"] in self._runs:
            run = self._runs[packet["run"]]
            run.status = packet["status"]
            if self.warm.group is not None and run.status == KILLED:
                run.killed_for_memory = self.warm.group.memory_kills() > run.kills_before
            if run.watcher is not None:
                run.watcher.stop()

    def _watch(self, run: Run) -> None:
        def end() -> None:
            run.killed_for_memory = True
            with contextlib.suppress(SlotLost):  # whoever asks the slot next is told
                self.warm.send({"do": "kill", "run": run.name})

        run.watcher = Watcher(self.warm.pid, self.settings.limits.memory_mib * MIB, run.before, end)

    def _give_away(self, folder: Path) -> None:
        """As root, the run's folder belongs to the slot's user; files in it stay readable to that user only."""
        if self.settings.sandboxed and os.getuid() == 0:
            uid = wall.slot_uid(self.settings.number)
            os.chown(folder, uid, uid)
            for parent, folders, files in os.walk(folder):
                for name in (*folders, *files):
                    os.chown(Path(parent) / name, uid, uid, follow_symlinks=False)
        folder.chmod(0o700)
