"""What a command takes while it runs, and what it leaves behind: memory, processes, mounts, groups, sockets, files."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
MIB = 2**20
SAMPLE_SECONDS = 0.2
SUBREAPER = 36  # prctl: orphans of our descendants become our children, where we find them
CONTROL_GROUPS = Path("/sys/fs/cgroup")


@dataclass
class Footprint:
    """Watches a command's process tree from start to end. One command at a time.

    Attributes:
        peak_mib: Most resident memory of the grader and its workers together, the sandboxes left out.
        seen: Every process of the tree that was seen, by pid, with the time it began.
        earlier: Our own children before it began, such as a warm slot of another test's.
    """

    command: list[str]
    environment: dict[str, str]
    scratch: Path
    peak_mib: float = 0.0
    seen: dict[int, str] = field(default_factory=dict)
    mounts: str = ""
    earlier: frozenset[int] = frozenset()

    def run(self, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run the command with `scratch` as its folder of temporary files."""
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        self.mounts = Path("/proc/self/mounts").read_text()
        self.earlier = frozenset(_children_of(os.getpid()))
        process = subprocess.Popen(
            self.command,
            env={**self.environment, "TMPDIR": str(self.scratch)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        done = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(process.pid, done))
        sampler.start()
        try:
            shown, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        finally:
            done.set()
            sampler.join()
            ctypes.CDLL(None).prctl(SUBREAPER, 0, 0, 0, 0)  # whoever comes next has orphans of its own
        return subprocess.CompletedProcess(self.command, process.returncode, shown, errors)

    def left_behind(self) -> list[str]:
        """What is there although the command has ended; one line each."""
        found = [f"process {pid} {_words(pid)}" for pid, began in self.seen.items() if _began(pid) == began]
        adopted = set(_children_of(os.getpid())) - self.earlier
        found += [f"orphan {pid} {_words(pid)}" for pid in sorted(adopted) if "autograder" in _words(pid)]
        found += [f"file {path}" for path in self.scratch.rglob("*")]
        found += [line for line in Path("/proc/net/unix").read_text().splitlines() if str(self.scratch) in line]
        for folder in CONTROL_GROUPS.glob("**/autograder-*"):
            owner = re.search(r"autograder-(?:slot-)?(\d+)-", folder.name)
            if owner and int(owner[1]) in self.seen:
                found.append(f"control group {folder}")
        new = set(Path("/proc/self/mounts").read_text().splitlines()) - set(self.mounts.splitlines())
        found += [f"mount {line}" for line in new if "autograder" in line or str(self.scratch) in line]
        return found

    def _sample(self, root: int, done: threading.Event) -> None:
        while not done.wait(SAMPLE_SECONDS):
            tree = _tree(root)
            for pid in tree:
                if began := _began(pid):  # "" of one that has just ended
                    self.seen.setdefault(pid, began)
            ours = [root, *(pid for pid in tree if "autograder.grading.worker" in _words(pid))]
            self.peak_mib = max(self.peak_mib, sum(_resident(pid) for pid in ours) / MIB)


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = _stat(int(path.parent.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def _children_of(pid: int) -> list[int]:
    return [int(p.name) for p in Path("/proc").glob("[0-9]*") if (s := _stat(int(p.name))) and int(s[1]) == pid]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, ...; empty when it is gone."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _began(pid: int) -> str:
    fields = _stat(pid)
    return fields[19] if fields and fields[0] != "Z" else ""


def _words(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _resident(pid: int) -> int:
    try:
        return int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def wait_for_nothing(footprint: Footprint, seconds: float = 3.0) -> list[str]:
    """What is left behind after a moment: a process that is just ending is not."""
    deadline = time.monotonic() + seconds
    while (found := footprint.left_behind()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
