"""The warm process of a slot from the grader's side: started behind its wall, talked to in packets, ended whole."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from autograder.errors import SandboxUnavailable, SlotLost
from autograder.sandbox import wall
from autograder.sandbox.cgroup import ControlGroup, make_control_group
from autograder.sandbox.leftovers import PREFIX, sweep
from autograder.sandbox.limits import MIB
from autograder.sandbox.settings import SlotSettings

HANG_UP_SECONDS = 5.0
WARM_PROCESS_MIB = 1536  # room for the warm process's own pages beside the submission's budget
RESERVE = 64  # processes of the group beyond a submission's own limit: for ours, and for a clean run beside a full one
MAX_PACKET = 65536
MAX_FOLDER = 91  # characters: a socket's name has room for 107, and is `FOLDER/runs/r12345/k-5`
IN_A_CONTAINER = (
    "in a container allow nested namespaces and an uncovered /proc (docs/administrators.md says how, for Docker and "
    "Kubernetes), or grade in a virtual machine"
)
ENVIRONMENT_CANARY = "AUTOGRADER_CANARY"  # as in inside/probes.py: set around bubblewrap, which must clear it


class WarmProcess:
    """A running `inside/zygote.py`. Use `start`.

    Attributes:
        folder: What belongs to it on the host; its runs lie in `folder/runs`.
        group: The control group it is in, where there is one.
    """

    def __init__(
        self, folder: Path, process: subprocess.Popen[bytes], control: socket.socket, group: ControlGroup | None
    ) -> None:
        self.folder, self.group = folder, group
        self._process, self._control = process, control

    @classmethod
    def start(cls, settings: SlotSettings) -> WarmProcess:
        """Start it without waiting until it is warm.

        Raises:
            SandboxUnavailable: It cannot be started on this machine.
        """
        sweep()
        folder = _make_folder()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        group = None
        try:
            variables = wall.environment(settings.limits.threads, settings.backend)
            program = _program(settings, theirs.fileno())
            if settings.sandboxed:
                program = wall.command(folder, wall.slot_uid(settings.number), variables, program, settings.hide)
                memory = (settings.limits.memory_mib + WARM_PROCESS_MIB) * MIB
                group = make_control_group(
                    f"autograder-{os.getpid()}-{settings.number}", memory, settings.limits.processes + RESERVE
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
        return cls(folder, process, ours, group)

    @property
    def pid(self) -> int:
        """The outermost process."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def send(self, packet: dict[str, Any]) -> None:
        """Send a request.

        Raises:
            SlotLost: Nobody listens any more.
        """
        try:
            self._control.send(json.dumps(packet).encode())
        except OSError as error:
            raise SlotLost(f"expected a slot that listens, received: {error}; {self.diagnosis()}") from error

    def receive(self, deadline: float) -> dict[str, Any] | None:
        """The next packet, or None at the deadline (of `time.monotonic`) or when it has hung up."""
        if not self.wait(max(0.0, deadline - time.monotonic())):
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

    def wait(self, seconds: float) -> bool:
        """Whether there is something to receive within `seconds`."""
        if self._control.fileno() < 0:
            return False
        return bool(select.select([self._control], [], [], seconds)[0])

    def diagnosis(self) -> str:
        """What is known of why it does not answer, and what to do."""
        log = self.folder / "log"
        text = log.read_text(errors="replace").strip()[-600:] if log.exists() else ""
        status = self._process.poll()
        ended = f"exit status {status}" if status is not None else "still running"
        return f"{ended}; {text or 'it said nothing'}; {advice(text)}"

    def close(self) -> None:
        """End everything in it and remove what it left."""
        if self._process.poll() is None:
            self._process.kill()  # bubblewrap dies, and with it its pid namespace
        self._process.wait()
        self._control.close()
        if self.group is not None:
            self.group.remove()
            self.group = None
        shutil.rmtree(self.folder, ignore_errors=True)


def _make_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    if len(str(folder)) > MAX_FOLDER:
        folder.rmdir()
        raise SandboxUnavailable(
            f"expected a temporary folder of at most {MAX_FOLDER} characters, as the names of sockets are short, "
            f"received {folder}; set TMPDIR to a shorter one"
        )
    for path in (folder, folder / "runs"):
        path.mkdir(exist_ok=True)
        path.chmod(0o711)
    return folder


def _program(settings: SlotSettings, control: int) -> list[str]:
    limits = settings.limits
    config = {
        "walls": settings.sandboxed,
        "preload": list(settings.preload),
        "limits": limits.rlimits(alone=settings.sandboxed),
        "disk_bytes": limits.disk_mib * MIB,
        "max_files": limits.files,
        "threads": limits.threads,
        "keep": wall.hidden_by_scratch(),
    }
    inside = wall.INSIDE_MOUNT if settings.sandboxed else str(wall.INSIDE)
    return [sys.executable, "-I", f"{inside}/zygote.py", str(control), json.dumps(config)]


def _joining(group: ControlGroup | None, program: list[str]) -> list[str]:
    """`program`, started as a member of `group` from its first instruction on."""
    if group is None:
        return program
    files = [str(path) for path in group.joining_files]
    script = 'for f in "$@"; do [ "$f" = -- ] && break; echo $$ > "$f" || exit 1; shift; done; shift; exec "$@"'
    return ["/bin/sh", "-c", script, "sh", *files, "--", *program]


def advice(text: str) -> str:
    """What to do about what a failing sandbox said."""
    said = text.lower()
    if any(words in said for words in ("uid map", "rtm_newaddr", "make namespaces", "new namespace")):
        return (
            "this system forbids user namespaces to ordinary programs: on Ubuntu 24.04 and newer install the AppArmor "
            "profile bwrap-userns-restrict (packages apparmor-profiles, apparmor-utils); on others set the sysctl "
            f"user.max_user_namespaces above 0; {IN_A_CONTAINER}"
        )
    if "mount proc" in said:
        return f"this system forbids a /proc of one's own; {IN_A_CONTAINER}"
    return "`autograder doctor` tries each part and says what to do"
