"""A control group around one slot: memory and processes of everything in it together, where one can be had.

Beside its limits, the group has a fair share of the processors: without one, a submission that starts thirty busy
processes would slow the one in the next slot down until its time is over.

Tried in order: the version 1 controllers, at their top (root may) and in this process's own group (where that was
given to an ordinary user); then version 2, in the own group and every group above it: root may use any, an ordinary
user those that systemd delegated to the user's own manager (user@.service). What was written is read back and a
process is made to join; a group that does not take both is not used.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REMOVAL_SECONDS = 10.0
PROC = Path("/proc/self")
JOIN = 'for f in "$@"; do echo $$ > "$f" || exit 1; done'


@dataclass(frozen=True)
class ControlGroup:
    """The folders of one group (v1: one per controller; v2: one) and how to read its kills.

    Attributes:
        memory: The folder of its memory limit.
        processes: The folder of its limit on processes, where there is one; each process is limited by itself anyway.
        version: Of the hierarchy, 1 or 2.
        processors: The folder by which processor time is shared, where it is one of its own (v1).
    """

    memory: Path
    processes: Path | None
    version: int
    processors: Path | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Its folders, each once."""
        return tuple(sorted({self.memory, self.processes or self.memory, self.processors or self.memory}))

    @property
    def joining_files(self) -> tuple[Path, ...]:
        """The files a process writes its pid to in order to join."""
        return tuple(folder / "cgroup.procs" for folder in self.folders)

    @property
    def description(self) -> str:
        """Which of the ways it is, in words."""
        return f"cgroup version {self.version}, in {self.memory.parent}"

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
        deadline = time.monotonic() + REMOVAL_SECONDS
        for folder in self.folders:
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)  # the kernel lets go of a killed process's memory a moment later


@dataclass(frozen=True)
class Hierarchy:
    """One mounted tree of groups.

    Attributes:
        version: 1 or 2.
        mount: Where it is mounted.
        own: The folder of the group this process is in.
    """

    version: int
    mount: Path
    own: Path

    @property
    def places(self) -> tuple[Path, ...]:
        """The folders a group may be made in, in the order they are tried."""
        if self.version == 1:
            return tuple(dict.fromkeys((self.mount, self.own)))
        # a group that holds processes, as our own does, cannot hand memory on to groups below: the next one up can
        return (self.own, *(one for one in self.own.parents if one.is_relative_to(self.mount)))


def make_control_group(name: str, memory_bytes: int, processes: int, proc: Path = PROC) -> ControlGroup | None:
    """A group with these limits, or None where this machine gives us none."""
    if (memory := find_hierarchy("memory", proc)) is not None:
        for place in memory.places:
            with contextlib.suppress(OSError):
                trees = find_hierarchy("pids", proc), find_hierarchy("cpu", proc)
                return _version_1(place, *trees, name, memory_bytes, processes)
    if (unified := find_hierarchy("", proc)) is not None:
        for place in unified.places:
            with contextlib.suppress(OSError):
                return _version_2(place, name, memory_bytes, processes)
    return None


def places() -> Iterator[Path]:
    """Every folder in which this user's graders may have made groups."""
    for controller in ("memory", "pids", "cpu", ""):
        if (hierarchy := find_hierarchy(controller)) is not None:
            yield from hierarchy.places


def find_hierarchy(controller: str, proc: Path = PROC) -> Hierarchy | None:
    """The hierarchy of a version 1 controller, or with "" of version 2; None where it is not mounted."""
    for line in (proc / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if (kind == "cgroup" and controller in options.split(",")) or (kind == "cgroup2" and not controller):
            _, _, _, root, mount, *_ = before.split()
            return Hierarchy(1 if controller else 2, Path(mount), _own(controller, root, Path(mount), proc))
    return None


def _own(controller: str, root: str, mount: Path, proc: Path) -> Path:
    for line in (proc / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):  # version 2's line names none, which is [""]
            group = Path(path)
            place = mount / (group.relative_to(root) if group.is_relative_to(root) else "")
            return place if place.is_dir() else mount
    return mount


def _set(folder: Path, file: str, value: int) -> None:
    (folder / file).write_text(str(value))
    found = (folder / file).read_text().strip()
    if not found.isdigit() or abs(int(found) - value) > os.sysconf("SC_PAGE_SIZE"):
        raise OSError(f"{folder / file} holds {found} after {value} was written")


def _joinable(group: ControlGroup) -> ControlGroup:
    """`group`, once a process has joined it: being allowed to make one is not being allowed to move into it."""
    files = [str(path) for path in group.joining_files]
    if subprocess.run(["/bin/sh", "-c", JOIN, "sh", *files], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise OSError(f"no process may join {group.memory}")
    return group


def _version_1(
    place: Path,
    processes_tree: Hierarchy | None,
    processors_tree: Hierarchy | None,
    name: str,
    memory_bytes: int,
    processes: int,
) -> ControlGroup:
    memory = place / name
    memory.mkdir()
    try:
        _set(memory, "memory.limit_in_bytes", memory_bytes)
        with contextlib.suppress(OSError):  # kernels that do not count swap have no such file
            _set(memory, "memory.memsw.limit_in_bytes", memory_bytes)
        with (
            _made(_folder(processes_tree, name, {"pids.max": processes})) as pids,
            _made(_folder(processors_tree, name, {})) as processors,  # groups side by side have equal shares
        ):
            return _joinable(ControlGroup(memory, pids, version=1, processors=processors))
    except OSError:
        memory.rmdir()
        raise


def _folder(tree: Hierarchy | None, name: str, settings: dict[str, int]) -> Path | None:
    for place in tree.places if tree is not None else ():
        folder = place / name
        with contextlib.suppress(OSError):
            folder.mkdir()
            try:
                for file, value in settings.items():
                    _set(folder, file, value)
            except OSError:
                folder.rmdir()
                raise
            return folder
    return None


@contextlib.contextmanager
def _made(folder: Path | None) -> Iterator[Path | None]:
    try:
        yield folder
    except OSError:
        if folder is not None:
            folder.rmdir()
        raise


def _version_2(place: Path, name: str, memory_bytes: int, processes: int) -> ControlGroup:
    for controller in ("memory", "pids", "cpu"):
        if controller not in (place / "cgroup.subtree_control").read_text().split():
            with contextlib.suppress(OSError):  # whether it was taken shows below
                (place / "cgroup.subtree_control").write_text(f"+{controller}")
    group = place / name
    group.mkdir()
    try:
        _set(group, "memory.max", memory_bytes)
        with contextlib.suppress(OSError):  # without it, each process is still limited by itself
            _set(group, "pids.max", processes)
        with contextlib.suppress(OSError):
            (group / "memory.swap.max").write_text("0")
        return _joinable(ControlGroup(group, None, version=2))
    except OSError:
        group.rmdir()
        raise
