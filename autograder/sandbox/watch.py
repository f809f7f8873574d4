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


def tree_memory(root: int) -> int:
    """Proportional memory in bytes of the process `root` and everything below it; what cannot be read counts 0."""
    return sum(_memory(pid) for pid in _tree(root))


def num_processes(root: int) -> int:
    """How many processes there are, from `root` down."""
    return sum(1 for _ in _tree(root))


def _tree(root: int) -> Iterator[int]:
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        with contextlib.suppress(OSError):
            for task in (PROC / str(pid) / "task").iterdir():
                with contextlib.suppress(OSError):
                    waiting.extend(int(child) for child in (task / "children").read_text().split())


def _memory(pid: int) -> int:
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0  # gone meanwhile, or one of the two processes of ours that let nobody look in
    return sum(int(line.split()[1]) * KIB for line in text.splitlines() if line.startswith("Pss:"))


class Watcher:
    """Calls `on_excess` once when the tree below `root` holds more than `limit` bytes.

    Args:
        root: The outermost process of the tree.
        limit: Bytes, on top of what the tree held when the watch began.
        on_excess: Called from the watcher's thread.
    """

    def __init__(self, root: int, limit: int, on_excess: Callable[[], None]) -> None:
        self._root, self._limit, self._on_excess = root, tree_memory(root) + limit, on_excess
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="autograder-watcher", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            if tree_memory(self._root) > self._limit:
                self._on_excess()
                return

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
