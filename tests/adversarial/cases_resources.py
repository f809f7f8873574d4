"""Group C: abusing resources. Whatever is used up, it costs the question that used it up, and nobody else anything."""

from __future__ import annotations

from tests.adversarial.case import (
    Case,
    all_of,
    answer,
    append,
    before,
    new_cell,
    scores,
    unaffected,
    zero,
)
from tests.adversarial.expectations import at_most, loses, shows, tripped

TIME: tuple[Case, ...] = (
    Case(
        28,
        "C",
        "a loop without end behind an answer is stopped, and the answer counts",
        append("scale", "print('partial result')\nwhile True: pass"),
        all_of(unaffected, tripped("cell_seconds", "`scale`", "4 s", "loop"), shows("partial result")),
    ),
    Case(
        28,
        "C",
        "a loop without end in the function that is asked costs its question",
        answer("scale", "def scale(values):\n    while True: pass"),
        zero("scale", "4 s"),
        slow=True,
    ),
    Case(
        28,
        "C",
        "a loop without end in a cell of its own costs no question",
        new_cell("while True: pass"),
        all_of(unaffected, tripped("cell_seconds", "4 s")),
        slow=True,
    ),
    Case(
        29,
        "C",
        "a cell that sleeps for ever before it answers loses its answer in time",
        before("scale", "import time\nprint('partial result')\ntime.sleep(10**9)"),
        all_of(loses("scale", "4 s"), tripped("cell_seconds", "`scale`"), shows("partial result")),
    ),
    Case(
        29,
        "C",
        "cells that each stay below their limit are stopped by the one on all together",
        lambda folder: [new_cell("import time; time.sleep(3.5)", before="plain")(folder) for _ in range(9)] and None,
        all_of(scores(plain=0.0), tripped("total_seconds", "25 s")),
        slow=True,
    ),
    Case(
        30,
        "C",
        "a deadlock that ignores interrupts costs its cell",
        append(
            "scale",
            """
            import signal, threading
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()
            """,
        ),
        loses("scale", "4 s", "could not be stopped"),
    ),
    Case(
        30,
        "C",
        "one endless call into C costs its cell",
        append("scale", "import hashlib\nhashlib.pbkdf2_hmac('sha256', b'x', b'y', 2**31 - 1)"),
        loses("scale", "4 s", "could not be stopped"),
        slow=True,
    ),
    Case(
        30,
        "C",
        "a function that sleeps in C and swallows interrupts costs its question",
        answer(
            "scale",
            """
            import time
            def scale(values):
                while True:
                    try: time.sleep(1)
                    except BaseException: pass
            """,
        ),
        zero("scale", "4 s"),
        slow=True,
    ),
)

FORK_BOMB = """
import os
while True:
    try: os.fork()
    except OSError: pass
"""
PROCESSES: tuple[Case, ...] = (
    Case(31, "C", "a fork bomb costs its cell", append("scale", FORK_BOMB), loses("scale", "processes")),
    Case(
        31,
        "C",
        "a fork bomb of the shell's costs at most its cell",
        append("scale", "!b() { b | b & }; b; sleep 60"),
        at_most("scale"),
        slow=True,
    ),
    Case(
        32,
        "C",
        "a thread too many is refused, and the answer before it counts",
        append(
            "scale",
            """
            import threading
            threading.stack_size(2**16)  # with larger stacks, the memory there is would be over first
            while True:
                threading.Thread(target=threading.Event().wait, daemon=True).start()
            """,
        ),
        all_of(unaffected, tripped("processes", "`scale`", "64"), shows("can't start new thread")),
    ),
    Case(
        33,
        "C",
        "a daemon that leaves its process group and its parent is ended with its run",
        append(
            "scale",
            """
            import os, signal, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    for number in range(1, 32):
                        if number not in (9, 19):
                            signal.signal(number, signal.SIG_IGN)
                    while True: time.sleep(0.01)
                os._exit(0)
            os.wait()
            """,
        ),
        unaffected,
    ),
)

KEEP_IN_CHILDREN = """
import os, time
read, write = os.pipe()
children = []
for _ in range(10):  # together more than their 512 MiB and the warm process's share
    child = os.fork()
    if child == 0:
        keep = b"x" * (250 * 2**20)
        os.write(write, b"x")
        time.sleep(60)
        os._exit(0)
    children.append(child)
first, _ = os.waitpid(-1, 0)
children.remove(first)
for child in children:
    os.kill(child, 9)
for child in children:
    os.waitpid(child, 0)  # until then its memory counts, and the next cell would be the one that is short of it
"""
MEMORY: tuple[Case, ...] = (
    Case(
        34,
        "C",
        "an array larger than any memory is refused in a sentence",
        before("scale", "huge = np.ones(10**12)"),
        all_of(loses("scale", "512 MiB"), tripped("memory", "`scale`", "smaller arrays")),
    ),
    Case(
        34,
        "C",
        "an array larger than any memory in the function that is asked costs its question",
        answer("scale", "def scale(values):\n    return np.ones(10**12)"),
        zero("scale", "MemoryError"),
    ),
    Case(
        35,
        "C",
        "a slow leak ends at the limit",
        before("scale", "import time\nkeep = []\nwhile True:\n    keep.append(b'x' * 2**22)\n    time.sleep(0.001)"),
        all_of(loses("scale", "512 MiB"), tripped("memory", "`scale`")),
    ),
    Case(
        35,
        "C",
        "processes that each stay below the limit are ended together, and the sentence says so",
        append("scale", KEEP_IN_CHILDREN),
        all_of(at_most("scale"), tripped("memory", "512 MiB", "scale")),
    ),
    Case(
        36,
        "C",
        "files in memory are not to be had",
        append("scale", "import os\nos.memfd_create('x')"),
        all_of(unaffected, shows("Function not implemented")),
    ),
    Case(
        36,
        "C",
        "filling /dev/shm ends at the limit on the disk",
        before(
            "scale",
            "for number in range(10**6):\n    open(f'/dev/shm/{number}', 'wb').write(bytes(2**22))",
        ),
        all_of(loses("scale", "32 MiB of disk"), tripped("disk", "`scale`")),
    ),
    Case(
        36,
        "C",
        "memory that processes share is counted too",
        append(
            "scale",
            """
            import mmap
            keep = []
            while True:
                keep.append(mmap.mmap(-1, 2**26))
                keep[-1].write(b"x" * 2**26)
            """,
        ),
        # getting the pages is slow on some machines: one of the two limits it is that ends it
        lambda outcome: tripped("memory" if "memory" in outcome.limits else "cell_seconds", "`scale`")(outcome),
    ),
    Case(
        36,
        "C",
        "memory held in the buffers of sockets is bounded",
        append(
            "scale",
            """
            import socket
            keep, held = [], 0
            try:
                while True:
                    pair = socket.socketpair()
                    keep += pair
                    for one in pair:
                        one.setblocking(False)
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**30)
                        try:
                            while True: held += one.send(bytes(2**15))
                        except BlockingIOError: pass
            except OSError as error:
                print(error)
            print("held below 256 MiB:", held < 2**28)
            del keep, pair, one
            """,
        ),
        all_of(unaffected, shows("Too many open files", "held below 256 MiB: True")),
    ),
)

DISK: tuple[Case, ...] = (
    Case(
        38,
        "C",
        "filling /tmp ends at the limit on the disk",
        before("scale", "for number in range(10**6):\n    open(f'/tmp/{number}', 'wb').write(bytes(2**22))"),
        all_of(loses("scale", "32 MiB of disk"), tripped("disk", "`scale`", "Write less")),
        slow=True,
    ),
    Case(
        38,
        "C",
        "millions of empty files end at the limit on their number",
        before("scale", "for number in range(10**7):\n    open(str(number), 'w').close()"),
        all_of(loses("scale", "500 files"), tripped("disk", "`scale`")),
    ),
    Case(
        38,
        "C",
        "a sparse file of a terabyte is refused",
        before("scale", "open('sparse', 'wb').truncate(2**40)"),
        all_of(loses("scale", "more than 16 MiB"), tripped("disk", "`scale`")),
    ),
    Case(
        38,
        "C",
        "files that are opened and never closed end at the limit on open ones",
        before("scale", "kept = [open('/dev/null', 'rb') for _ in range(10**5)]"),
        all_of(loses("scale", "1024 files open"), tripped("open_files", "`scale`", "Close each")),
    ),
    Case(
        38,
        "C",
        "a process that asks to die of a file too large says with which signal it died",
        append(
            "scale",
            "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nopen('x', 'wb').write(bytes(2**25))",
        ),
        loses("scale", "signal 25"),
    ),
)

CASES: tuple[Case, ...] = (*TIME, *PROCESSES, *MEMORY, *DISK)
