"""The watcher's sum, for processes that hide what they hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autograder.sandbox.limits import MIB
from autograder.sandbox.watch import tree_memory

HELD = 64 * MIB
HIDING = {
    "plainly": "x = b'x' * size",
    "in shared pages that it no longer maps": """
        x = mmap.mmap(-1, size)
        x.write(b"x" * size)
        x.madvise(mmap.MADV_DONTNEED)
    """,
    "in shared pages of /dev/zero": """
        x = mmap.mmap(os.open("/dev/zero", os.O_RDWR), size)
        x.write(b"x" * size)
        x.madvise(mmap.MADV_DONTNEED)
    """,
    "in the buffers of sockets": """
        import socket
        pairs = [socket.socketpair() for _ in range(300)]
        for one in (end for pair in pairs for end in pair):
            one.setblocking(False)
            try:
                while True: one.send(bytes(2**15))
            except BlockingIOError: pass
    """,
    "in page tables": """
        x = mmap.mmap(-1, size * 512, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
        for at in range(0, len(x), 2**21): x[at]
    """,
    "where nobody may look": """
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
        x = b"x" * size
    """,
    "in a process whose first thread has ended": """
        def hold():
            x = b"x" * size
            while open("/proc/self/stat").read().rpartition(") ")[2][0] != "Z":
                time.sleep(0.01)
            print("held", flush=True)
            time.sleep(60)
        threading.Thread(target=hold).start()
        ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
    """,
}


@contextmanager
def process(code: str) -> Iterator[int]:
    imports = "import ctypes, mmap, os, textwrap, threading, time\nsize = " + str(HELD)
    code = f"{imports}\nexec(textwrap.dedent({code!r}))\nprint('held', flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"held\n"
        try:
            yield running.pid
        finally:
            running.kill()


@pytest.mark.parametrize("way", HIDING)
def test_memory_counts_however_it_is_held(way: str) -> None:
    with process("pass") as idle, process(HIDING[way]) as holding:
        for enough in (0, 10 * HELD):  # summed exactly, and as the cheap upper bound
            assert tree_memory(holding, enough=enough) - tree_memory(idle, enough=enough) > 0.9 * HELD


def test_a_page_that_two_processes_share_counts_once() -> None:
    code = "x = mmap.mmap(-1, size)\nx.write(b'x' * size)\nif os.fork() == 0:\n    x.read()\n    time.sleep(60)"
    with process(code) as holding:
        assert HELD < tree_memory(holding) < 1.9 * HELD
