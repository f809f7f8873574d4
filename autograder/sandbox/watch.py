"""The watcher: the memory of a whole process tree, added up from outside where no cgroup bounds it.

Polling can be outrun for a moment; the limit on each process holds meanwhile, and files in memory are bounded by the
sized scratch disk (memfd and everything of System V's are refused by the seccomp filter). What waits in sockets and
page tables are counted; sockets that are on their way through another one are not, and the kernel lets a user have
only as many of these as one process may open files.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
POLL_SECONDS = 0.25
KIB = 1024
SHARED_MEMORY = "/dev/zero (deleted)"  # as the kernel calls it among the mappings of a process
# What a socket may hold that nobody reads from. The seccomp filter keeps buffers at their first size, which bounds
# what was sent; the kernel's own overhead comes to less than as much again.
SOCKET_BYTES = 2 * int((PROC / "sys/net/core/wmem_default").read_text())
FEW_FILES = 256  # open ones of a whole run: not worth a look at which of them are sockets
PRIVATE = ("RssAnon:", "RssShmem:", "VmPTE:")  # page tables: large ones are had by reading where nothing is written


def tree_memory(root: int, without: frozenset[int] = frozenset(), enough: int = 0) -> int:
    """Memory in bytes of the process `root` and everything below it, pages shared between them counted once.

    Args:
        root: The outermost process.
        without: Processes that do not count.
        enough: Whether the sum is above this is all that is asked: when a cheap upper bound is not, that is returned.
    """
    pids = [pid for pid in tree(root) if pid not in without]
    shared, sockets = _shared_memory(pids), _num_sockets(pids) * SOCKET_BYTES
    bound = shared + sockets + sum(_sum_of_lines(pid, "status", PRIVATE) for pid in pids)
    if bound <= enough:
        return bound
    # the kernel walks every page to divide it by the number of processes that share it
    seen = sum(_sum_of_lines(pid, "smaps_rollup", ("Pss_Shmem:",)) for pid in pids)
    tables = sum(_sum_of_lines(pid, "status", ("VmPTE:",)) for pid in pids)
    # one that lets nobody look in has all it holds counted as its own
    pages = sum(
        _sum_of_lines(pid, "smaps_rollup", ("Pss:",)) or _sum_of_lines(pid, "status", ("RssAnon:", "RssShmem:"))
        for pid in pids
    )
    return pages + tables + sockets + max(0, shared - seen)


def tree(root: int) -> Iterator[int]:
    """The process `root` and everything below it, as far as they can be seen."""
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        with contextlib.suppress(OSError):
            for task in (PROC / str(pid) / "task").iterdir():
                with contextlib.suppress(OSError):
                    waiting.extend(int(child) for child in (task / "children").read_text().split())


def num_processes(root: int) -> int:
    """How many processes there are, from `root` down."""
    return sum(1 for _ in tree(root))


def _shared_memory(pids: Iterable[int]) -> int:
    """The length of all memory shared without a file: a process can keep pages of it that it no longer maps."""
    ends: dict[str, int] = {}
    for pid in pids:
        for line in _lines(pid, "maps", SHARED_MEMORY):
            if line.endswith(SHARED_MEMORY):
                place, _, offset, _, number, *_ = line.split()
                begin, end = (int(one, 16) for one in place.split("-"))
                ends[number] = max(ends.get(number, 0), int(offset, 16) + end - begin)
    return sum(ends.values())


def _num_sockets(pids: Iterable[int]) -> int:
    """How many sockets the processes have open, where they have more files open than honest work needs."""
    slots = {pid: _sum_of_lines(pid, "status", ("FDSize:",)) // KIB for pid in pids}
    if sum(slots.values()) <= FEW_FILES:
        return 0
    sockets, unseen = set(), 0
    for pid, most in slots.items():
        try:
            for file in (PROC / str(pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if (target := str(file.readlink())).startswith("socket:"):
                        sockets.add(target)
        except PermissionError:
            unseen += most
        except OSError:
            continue  # gone meanwhile
    return len(sockets) + unseen


def _sum_of_lines(pid: int, name: str, beginnings: tuple[str, ...]) -> int:
    return sum(int(line.split()[1]) * KIB for line in _lines(pid, name, beginnings[0]) if line.startswith(beginnings))


def _lines(pid: int, name: str, wanted: str) -> list[str]:
    """The lines of a file of the process; of any of its threads' where the first has ended and knows nothing."""
    text = _text(PROC / str(pid) / name)
    if wanted in text:
        return text.splitlines()
    if "(zombie)" in _text(PROC / str(pid) / "status"):
        with contextlib.suppress(OSError):
            for task in (PROC / str(pid) / "task").iterdir():
                if wanted in (text := _text(task / name)):
                    return text.splitlines()
    return []


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # gone meanwhile, or one of the two processes of ours that let nobody look in


class Watcher:
    """Calls `on_excess` once when the tree below `root` holds more than `limit` bytes.

    Args:
        root: The outermost process of the tree.
        limit: Bytes, beside the processes in `without`.
        without: Processes that do not count: those that were there before the submission.
        on_excess: Called from the watcher's thread.
    """

    def __init__(self, root: int, limit: int, without: frozenset[int], on_excess: Callable[[], None]) -> None:
        self._root, self._limit, self._without, self._on_excess = root, limit, without, on_excess
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="autograder-watcher", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            if tree_memory(self._root, self._without, enough=self._limit) > self._limit:
                self._on_excess()
                return

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
