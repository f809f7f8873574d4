"""A slot: one walled-in warm process, and the runs (one fresh kernel each) it forks."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import SandboxUnavailable, SlotLost
from autograder.results import Protection
from autograder.sandbox import wall
from autograder.sandbox.cgroup import ControlGroup, make_control_group
from autograder.sandbox.leftovers import PREFIX, sweep
from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.watch import Watcher, num_processes, tree

WARM_UP_SECONDS = 120.0
START_SECONDS = 30.0
KILL_SECONDS = 30.0  # hundreds of processes that fork all the time take seconds to end
HANG_UP_SECONDS = 5.0
WARM_PROCESS_MIB = 1536  # room for the warm process's own pages beside the submission's budget
MAX_PACKET = 65536
MAX_FOLDER = 91  # characters: a socket's name has room for 107, and is `FOLDER/runs/r12345/k-5`
KILLED = 128 + 9
SETUP_FAILED = 97  # as in inside/zygote.py
ENVIRONMENT_CANARY = "AUTOGRADER_CANARY"  # as in inside/probes.py: set around bubblewrap, which must clear it
DEFAULT_PRELOAD = ("numpy", "keras", "tensorflow")
# Walls without which nothing is graded; "memory group" alone separates strong from good.
MEMORY_GROUP = "memory group"


@dataclass(frozen=True)
class SlotSettings:
    """How a slot is made.

    Attributes:
        limits: What one submission may use.
        preload: Modules the warm process imports; a submission pays for anything else itself.
        number: Distinguishes slots of one grader (their user ids, as root).
        sandboxed: False runs without walls, on explicit demand only; every report then says so.
        gpu: Bind the GPU in.
        backend: The Keras backend.
    """

    limits: Limits = field(default_factory=Limits)
    preload: tuple[str, ...] = DEFAULT_PRELOAD
    number: int = 0
    sandboxed: bool = True
    gpu: bool = False
    backend: str = "tensorflow"


@dataclass
class Run:
    """One kernel of a slot, from the grader's side. `status` is its exit status once it has ended."""

    name: str
    folder: Path
    inside: str
    status: int | None = None
    killed_for_memory: bool = False
    kills_before: int = 0
    watcher: Watcher | None = None


class Slot:
    """One walled-in warm process. Use `Slot.open`; one submission at a time.

    Attributes:
        protection: The walls found to hold, by trying them from inside.
        versions: Versions of Python and of the preloaded packages inside.
        missing: Modules that were to be preloaded and are not installed.
    """

    def __init__(self, settings: SlotSettings, folder: Path, process: subprocess.Popen[bytes], control: socket.socket):
        self.settings, self._folder, self._process, self._control = settings, folder, process, control
        self._group: ControlGroup | None = None
        self._runs: dict[str, Run] = {}
        self._started: dict[str, dict[str, Any]] = {}
        self._counter = itertools.count(1)
        self.protection = Protection(level="none", holds={})
        self.versions: dict[str, str] = {}
        self.missing: tuple[str, ...] = ()

    @classmethod
    @contextmanager
    def open(cls, settings: SlotSettings | None = None) -> Iterator[Slot]:
        """A slot that is warm and whose walls have been tried; gone, with all it holds, at the end.

        Raises:
            SandboxUnavailable: It cannot be made here, or a wall does not hold.
        """
        slot = cls.start(settings or SlotSettings())
        try:
            slot.warm_up()
            yield slot
        finally:
            slot.close()

    @classmethod
    def start(cls, settings: SlotSettings) -> Slot:
        """Start the warm process without waiting for it; `warm_up` waits."""
        sweep()
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        if len(str(folder)) > MAX_FOLDER:
            folder.rmdir()
            raise SandboxUnavailable(
                f"expected a temporary folder of at most {MAX_FOLDER} characters, as the names of sockets are short, "
                f"received {folder}; set TMPDIR to a shorter one"
            )
        runs = folder / "runs"
        uid = wall.slot_uid(settings.number)
        for path, mode in ((folder, 0o711), (runs, 0o711)):
            path.mkdir(exist_ok=True)
            path.chmod(mode)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        group = None
        try:
            variables = wall.environment(settings.limits.threads, settings.backend, settings.gpu)
            program_folder = wall.INSIDE_MOUNT if settings.sandboxed else str(wall.INSIDE)
            config = {
                "walls": settings.sandboxed,
                "preload": list(settings.preload),
                "limits": settings.limits.rlimits(alone=settings.sandboxed),
                "disk_bytes": settings.limits.disk_mib * MIB,
                "max_files": settings.limits.files,
                "threads": settings.limits.threads,
                "keep": wall.hidden_by_scratch(),
            }
            program = [sys.executable, "-I", f"{program_folder}/zygote.py", str(theirs.fileno()), json.dumps(config)]
            if settings.sandboxed:
                program = wall.command(folder, uid, variables, program)
                memory = (settings.limits.memory_mib + WARM_PROCESS_MIB) * MIB
                group = make_control_group(
                    f"autograder-{os.getpid()}-{settings.number}", memory, settings.limits.processes
                )
                program = _joining(group, program)
            with (folder / "log").open("wb") as log:
                process = subprocess.Popen(
                    program,
                    env=variables | {ENVIRONMENT_CANARY: "1"},
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        except BaseException:
            if group is not None:
                group.remove()
            ours.close()
            shutil.rmtree(folder)
            raise
        finally:
            theirs.close()
        slot = cls(settings, folder, process, ours)
        slot._group = group
        return slot

    def warm_up(self) -> None:
        """Wait until the libraries are imported, then try every wall from inside.

        Raises:
            SandboxUnavailable: The slot did not come up, or a wall does not hold; says which and what to do.
        """
        packet = self._receive(time.monotonic() + WARM_UP_SECONDS)
        if packet is None or packet["event"] != "warm":
            raise SandboxUnavailable(f"expected a warm sandbox, received nothing from it: {self._diagnosis()}")
        self.versions = {name: version for name, version in packet["versions"].items() if version}
        self.missing = tuple(packet["missing"])
        if self.settings.sandboxed:
            self.protection = self._tried()

    def new_run(self) -> Run:
        """A folder for the next run: what is put into its `files` is copied to the student's working folder."""
        name = f"r{next(self._counter)}"
        folder = self._folder / "runs" / name
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
        before = frozenset(tree(self._process.pid))
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
        if self._group is not None:
            run.kills_before = self._group.memory_kills()
        elif self.settings.sandboxed:
            self._watch(run, before)

    def poll(self, run: Run) -> int | None:
        """The exit status of the run, or None while it lives."""
        while run.status is None and (packet := self._receive(time.monotonic())) is not None:
            self._note(packet)
        if run.status is None and self._process.poll() is not None:
            run.status = SETUP_FAILED
        return run.status

    def signal(self, run: Run, number: int) -> None:
        """Send a signal to the run's kernel."""
        if run.status is None:
            self._send({"do": "signal", "run": run.name, "number": number})

    def kill(self, run: Run) -> None:
        """End every process of the run and wait for it; kills the whole slot when that does not help.

        Raises:
            SlotLost: The slot itself had to be ended.
        """
        if self.poll(run) is None:
            self._send({"do": "kill", "run": run.name})
            deadline = time.monotonic() + KILL_SECONDS
            while self.poll(run) is None:
                if time.monotonic() > deadline:
                    self.close()
                    raise SlotLost("expected a run to end when killed, it did not; the slot was ended instead")
                self._wait(0.2)

    def forget(self, run: Run) -> None:
        """Remove the run's folder; it must have ended."""
        self._runs.pop(run.name, None)
        shutil.rmtree(run.folder, ignore_errors=True)

    @property
    def num_processes(self) -> int:
        """How many processes the slot holds: four without a run's own."""
        return num_processes(self._process.pid)

    @property
    def lost(self) -> bool:
        """Whether the warm process is gone."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End everything in the slot and remove what it left."""
        for run in self._runs.values():
            if run.watcher is not None:
                run.watcher.stop()
        if self._process.poll() is None:
            self._process.kill()  # bubblewrap dies, and with it its pid namespace
        self._process.wait()
        self._control.close()
        if self._group is not None:
            self._group.remove()
            self._group = None
        shutil.rmtree(self._folder, ignore_errors=True)

    # ------------------------------------------------------------------------------------------------------------

    def _tried(self) -> Protection:
        run = self.new_run()
        self._give_away(run.folder)
        with tempfile.NamedTemporaryFile(prefix="autograder-canary-", dir=self._folder) as canary:
            answer = self._launch({"do": "probe", "run": run.name, "canary": canary.name})
        if answer["error"]:
            raise SandboxUnavailable(
                f"expected walls that stand, received: {answer['error']}; {_advice(answer['error'])}"
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
        holds[MEMORY_GROUP] = self._group is not None
        return Protection(level="strong" if self._group is not None else "good", holds=holds)

    def _launch(self, packet: dict[str, Any]) -> dict[str, Any]:
        self._send(packet)
        deadline = time.monotonic() + START_SECONDS
        while packet["run"] not in self._started:
            answer = self._receive(deadline)
            if answer is None:
                raise SlotLost(f"expected the slot to start a run, received nothing: {self._diagnosis()}")
            self._note(answer)
        return self._started.pop(packet["run"])

    def _note(self, packet: dict[str, Any]) -> None:
        if packet["event"] == "started":
            self._started[packet["run"]] = packet
        elif packet["event"] == "ended" and packet["run"] in self._runs:
            run = self._runs[packet["run"]]
            run.status = packet["status"]
            if self._group is not None and run.status == KILLED:
                run.killed_for_memory = self._group.memory_kills() > run.kills_before
            if run.watcher is not None:
                run.watcher.stop()

    def _watch(self, run: Run, before: frozenset[int]) -> None:
        def end() -> None:
            run.killed_for_memory = True
            with contextlib.suppress(SlotLost):  # whoever asks the slot next is told
                self._send({"do": "kill", "run": run.name})

        run.watcher = Watcher(self._process.pid, self.settings.limits.memory_mib * MIB, before, end)

    def _send(self, packet: dict[str, Any]) -> None:
        try:
            self._control.send(json.dumps(packet).encode())
        except OSError as error:
            raise SlotLost(f"expected a slot that listens, received: {error}; {self._diagnosis()}") from error

    def _receive(self, deadline: float) -> dict[str, Any] | None:
        """The next packet, or None at the deadline or when the slot has hung up."""
        if not self._wait(max(0.0, deadline - time.monotonic())):
            return None
        try:
            packet = self._control.recv(MAX_PACKET)
        except OSError:
            return None
        if not packet:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=HANG_UP_SECONDS)
            return None
        answer: dict[str, Any] = json.loads(packet)
        return answer

    def _wait(self, seconds: float) -> bool:
        if self._control.fileno() < 0:
            return False
        return bool(select.select([self._control], [], [], seconds)[0])

    def _give_away(self, folder: Path) -> None:
        """As root, the run's folder belongs to the slot's user; files in it stay readable to that user only."""
        if self.settings.sandboxed and os.getuid() == 0:
            uid = wall.slot_uid(self.settings.number)
            os.chown(folder, uid, uid)
            for parent, folders, files in os.walk(folder):
                for name in (*folders, *files):
                    os.chown(Path(parent) / name, uid, uid, follow_symlinks=False)
        folder.chmod(0o700)

    def _diagnosis(self) -> str:
        log = self._folder / "log"
        text = log.read_text(errors="replace").strip()[-600:] if log.exists() else ""
        status = self._process.poll()
        ended = f"exit status {status}" if status is not None else "still running"
        return f"{ended}; {text or 'it said nothing'}; {_advice(text)}"


def _joining(group: ControlGroup | None, program: list[str]) -> list[str]:
    """`program`, started as a member of `group` from its first instruction on."""
    if group is None:
        return program
    files = [str(path) for path in group.joining_files]
    script = 'for f in "$@"; do [ "$f" = -- ] && break; echo $$ > "$f" || exit 1; shift; done; shift; exec "$@"'
    return ["/bin/sh", "-c", script, "sh", *files, "--", *program]


def _advice(text: str) -> str:
    if "uid map" in text or "RTM_NEWADDR" in text or "make namespaces" in text:
        return (
            "this system forbids user namespaces to ordinary programs: on Ubuntu 24.04 and newer install the AppArmor "
            "profile bwrap-userns-restrict (packages apparmor-profiles, apparmor-utils); on others set the sysctl "
            "user.max_user_namespaces above 0; in a container allow nested namespaces, or grade in a virtual machine"
        )
    return "`autograder doctor` tries each part and says what to do"
