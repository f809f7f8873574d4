"""A control group around one slot: memory and processes of everything in it together, where one can be had.

Tried in order: cgroup v1 controllers, a v2 hierarchy we may write to, a v2 group delegated to this user. What was
written is read back; a group that does not take the limit is not used.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
REMOVAL_SECONDS = 2.0


@dataclass(frozen=True)
class ControlGroup:
    """The folders of one group (v1: one per controller; v2: one) and how to read its kills."""

    memory: Path
    processes: Path | None
    version: int

    @property
    def joining_files(self) -> tuple[Path, ...]:
        """The files a process writes its pid to in order to join."""
        folders = {self.memory, self.processes or self.memory}
        return tuple(folder / "cgroup.procs" for folder in sorted(folders))

    def memory_kills(self) -> int:
        """How many processes of the group the kernel has killed for memory."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        for line in (self.memory / name).read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == "oom_kill":
                return int(value)
        return 0

    def remove(self) -> None:
        """Remove the folders once their last process is gone."""
        for folder in {self.memory, self.processes or self.memory}:
            deadline = time.monotonic() + REMOVAL_SECONDS
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)  # the kernel lets go of a killed process's memory a moment later


def make_control_group(name: str, memory_bytes: int, processes: int) -> ControlGroup | None:
    """A group with these limits, or None where this machine gives us none."""
    for make in (_version_1, _version_2):
        with contextlib.suppress(OSError):
            return make(name, memory_bytes, processes)
    return None


def _set(folder: Path, file: str, value: int) -> None:
    (folder / file).write_text(str(value))
    found = (folder / file).read_text().strip()
    if not found.isdigit() or abs(int(found) - value) > os.sysconf("SC_PAGE_SIZE"):
        raise OSError(f"{folder / file} holds {found} after {value} was written")


def _version_1(name: str, memory_bytes: int, processes: int) -> ControlGroup:
    memory, pids = ROOT / "memory" / name, ROOT / "pids" / name
    if not (ROOT / "memory" / "memory.limit_in_bytes").exists():
        raise OSError("no version 1 memory controller")
    memory.mkdir()
    try:
        _set(memory, "memory.limit_in_bytes", memory_bytes)
        pids.mkdir()
        _set(pids, "pids.max", processes)
    except OSError:
        memory.rmdir()
        with contextlib.suppress(OSError):
            pids.rmdir()
        raise
    return ControlGroup(memory, pids, version=1)


def _version_2(name: str, memory_bytes: int, processes: int) -> ControlGroup:
    own = next(
        (
            line.split("::", 1)[1]
            for line in Path("/proc/self/cgroup").read_text().splitlines()
            if line.startswith("0::")
        ),
        "/",
    ).strip("/")
    for parent in dict.fromkeys((ROOT / own, (ROOT / own).parent, ROOT)):
        group = parent / name
        try:
            if "memory" not in (parent / "cgroup.subtree_control").read_text().split():
                (parent / "cgroup.subtree_control").write_text("+memory +pids")
            group.mkdir()
        except OSError:
            continue
        try:
            _set(group, "memory.max", memory_bytes)
            _set(group, "pids.max", processes)
            with contextlib.suppress(OSError):
                (group / "memory.swap.max").write_text("0")
        except OSError:
            group.rmdir()
            continue
        return ControlGroup(group, None, version=2)
    raise OSError("no version 2 group with a memory controller that we may write to")
