"""The watcher: the memory of a whole process tree, added up from outside where no cgroup bounds it.

Polling can be outrun for a moment; the limit on each process holds meanwhile, and files in memory are bounded by the
sized scratch disk (memfd and System V shared memory are refused by the seccomp filter).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

PROC = Path("/proc")
POLL_SECONDS = 0.25
KIB = 1024


def tree_memory(root: int, without: frozenset[int] = frozenset(), enough: int = 0) -> int:
    """Memory in bytes of the process `root` and everything below it, pages shared between them counted once.

    Args:
        root: The outermost process.
        without: Processes that do not count.
        enough: Whether the sum is above this is all that is asked: when a cheap upper bound is not, that is returned.
    """
    pids = [pid for pid in tree(root) if pid not in without]
    bound = sum(_resident(pid) for pid in pids)
    return bound if bound <= enough else sum(_proportional(pid) for pid in pids)


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


def _resident(pid: int) -> int:
    """An upper bound that costs nothing: private and in-memory-file pages, shared ones counted in each process."""
    return _sum_of_lines(PROC / str(pid) / "status", ("RssAnon:", "RssShmem:"))


def _proportional(pid: int) -> int:
    """Each page divided by the number of processes that share it; the kernel walks every page for it."""
    return _sum_of_lines(PROC / str(pid) / "smaps_rollup", ("Pss:",))


def _sum_of_lines(path: Path, names: tuple[str, ...]) -> int:
    try:
        text = path.read_text()
    except OSError:
        return 0  # gone meanwhile, or one of the two processes of ours that let nobody look in
    return sum(int(line.split()[1]) * KIB for line in text.splitlines() if line.startswith(names))


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
