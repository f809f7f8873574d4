"""Group C: abusing resources. Whatever is used up, it costs the question that used it up, and nobody else anything."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.adversarial.case import (
    Case,
    Edit,
    Outcome,
    all_of,
    answer,
    append,
    before,
    edit_json,
    new_cell,
    refused,
    scores,
    unaffected,
    write_file,
    zero,
)

Expect = Callable[[Outcome], None]
NOTEBOOK_MIB = 2


def tripped(limit: str, *words: str) -> Expect:
    """Expect the sentence of a limit, with these words in it."""

    def expect(outcome: Outcome) -> None:
        assert limit in outcome.limits, str(outcome)
        for word in words:
            assert word in outcome.limits[limit], f"expected {word!r} in {outcome.limits[limit]!r}"
            assert "`" in outcome.limits[limit], outcome.limits[limit]

    return expect


def shows(*texts: str) -> Expect:
    """Expect these texts among the outputs of the executed notebook."""

    def expect(outcome: Outcome) -> None:
        for text in texts:
            assert text in outcome.outputs, f"expected {text!r}\n{outcome}"

    return expect


def at_most(question: str) -> Expect:
    """Expect the honest marks, or nothing for this one question."""

    def expect(outcome: Outcome) -> None:
        if outcome.scores[question] != 0.0:
            unaffected(outcome)
        else:
            scores(**{question: 0.0})(outcome)

    return expect


def any_tripped(*limits: str) -> Expect:
    """Expect the sentence of at least one of these limits."""

    def expect(outcome: Outcome) -> None:
        assert set(limits) & set(outcome.limits), str(outcome)

    return expect


def small(outcome: Outcome) -> None:
    """Expect no more in notebook and page than the limits on output allow."""
    assert len(outcome.outputs) < NOTEBOOK_MIB * 2**20, len(outcome.outputs)
    assert len(outcome.page) < NOTEBOOK_MIB * 2**20, len(outcome.page)


def loses(question: str, *words: str) -> Expect:
    """Expect nothing for a question whose cell had to be given up, and a page that shows why."""

    def shown(outcome: Outcome) -> None:
        page = re.sub(r"</?code>|`", "", html.unescape(outcome.page))
        for sentence in outcome.limits.values():
            assert sentence.replace("`", "") in page, sentence

    return all_of(zero(question, *words), shown)


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
for _ in range(16):
    child = os.fork()
    if child == 0:
        keep = b"x" * (150 * 2**20)
        os.write(write, b"x")
        time.sleep(60)
        os._exit(0)
    children.append(child)
print(os.waitpid(-1, 0))
for child in children:
    os.kill(child, 9)
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
        "a process that asks to die of a file too large says with which signal it died",
        append(
            "scale",
            "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nopen('x', 'wb').write(bytes(2**25))",
        ),
        loses("scale", "signal 25"),
    ),
)

OUTPUT: tuple[Case, ...] = (
    Case(
        39,
        "C",
        "ten gigabytes of print end at a limit, and are not kept",
        append("scale", "line = 'x' * 2**20\nfor _ in range(10 * 2**10):\n    print(line)"),
        all_of(at_most("scale"), any_tripped("output", "message", "memory"), small),
    ),
    Case(
        39,
        "C",
        "a million lines are cut off, and the answer before them counts",
        append("scale", "for number in range(10**6):\n    print(number)"),
        all_of(unaffected, tripped("output", "`scale`", "64 KiB"), small),
    ),
    Case(
        40,
        "C",
        "one line of a gigabyte does not come through",
        append("scale", "print('x' * 2**28)"),
        all_of(
            at_most("scale"),
            any_tripped("output", "message", "memory"),
            small,
        ),
    ),
    Case(
        41,
        "C",
        "a million displays are cut off",
        append("scale", "for number in range(10**6):\n    display(number)"),
        all_of(unaffected, tripped("output", "`scale`"), small),
    ),
    Case(
        41,
        "C",
        "a hundred thousand messages of widgets are passed over",
        append(
            "scale",
            """
            from comm import create_comm
            for number in range(10**5 // 2):
                create_comm(target_name="jupyter.widget", data={"state": {"value": "x" * 100}}).send({"n": number})
            """,
        ),
        all_of(scores(), small),
        slow=True,
    ),
    Case(
        41,
        "C",
        "an output that is cleared again and again is bounded all the same",
        append(
            "scale",
            """
            from IPython.display import clear_output
            while True:
                print("x" * 1000)
                clear_output()
            """,
        ),
        all_of(unaffected, tripped("output", "`scale`"), small),
        slow=True,
    ),
    Case(
        41,
        "C",
        "a display that is updated without end is bounded all the same",
        append("scale", "handle = display('x', display_id=True)\nwhile True:\n    handle.update('y' * 1000)"),
        all_of(unaffected, tripped("output", "`scale`"), small),
        slow=True,
    ),
)

ENDS: tuple[Case, ...] = (
    Case(
        42,
        "C",
        "a recursion without end is an error of the student's, and the answer before it counts",
        append("scale", "def down(): down()\ndown()"),
        all_of(unaffected, shows("RecursionError")),
    ),
    Case(
        42,
        "C",
        "a recursion that overflows the stack costs its cell",
        append(
            "scale",
            """
            import sys
            sys.setrecursionlimit(10**9)
            class Deep:
                def __repr__(self): return repr([self])
            repr(Deep())
            """,
        ),
        loses("scale", "crashed (signal 11)"),
    ),
    Case(
        42,
        "C",
        "reading where there is no memory costs its cell",
        append("scale", "import ctypes\nctypes.string_at(0)"),
        loses("scale", "crashed (signal 11)"),
    ),
    Case(
        42,
        "C",
        "a process that kills itself costs its cell",
        append("scale", "import os\nos.kill(os.getpid(), 9)"),
        loses("scale", "signal 9"),
    ),
    Case(
        42,
        "C",
        "a process that stops itself is ended in time",
        append("scale", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"),
        loses("scale", "4 s"),
    ),
    Case(
        42,
        "C",
        "a fault of the interpreter's own making costs its cell",
        append("scale", "import faulthandler\nfaulthandler._sigsegv()"),
        loses("scale", "crashed (signal 11)"),
        slow=True,
    ),
    Case(
        42,
        "C",
        "a function that crashes when it is asked costs its question",
        answer("scale", "import ctypes\n\ndef scale(values):\n    return ctypes.string_at(0)"),
        zero("scale", "crashed (signal 11)"),
    ),
    Case(
        43,
        "C",
        "asking for input is an error and no wait",
        append("scale", "input('Points? ')"),
        all_of(unaffected, shows("StdinNotImplementedError")),
    ),
    Case(
        43,
        "C",
        "asking for a password is an error and no wait",
        append("scale", "import getpass\ngetpass.getpass()"),
        all_of(unaffected, shows("StdinNotImplementedError")),
        slow=True,
    ),
    Case(43, "C", "a breakpoint is no wait", append("scale", "breakpoint()\nprint('on')"), unaffected),
    Case(
        43,
        "C",
        "a debugger called upon an error is no wait",
        append("scale", "try:\n    1 / 0\nexcept ZeroDivisionError:\n    import pdb; pdb.post_mortem()"),
        unaffected,
        slow=True,
    ),
    Case(43, "C", "the magic that debugs is no wait", new_cell("%debug"), unaffected, slow=True),
    Case(
        43,
        "C",
        "programs that wait for the keyboard are stopped in time",
        append("scale", "!cat\n!vi /tmp/x"),
        at_most("scale"),
    ),
    Case(
        44,
        "C",
        "a process that ignores every signal it may is ended in time",
        append(
            "scale",
            """
            import signal
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            while True: pass
            """,
        ),
        loses("scale", "4 s", "could not be stopped"),
    ),
    Case(
        44,
        "C",
        "killing parents and everybody there is ends nobody else",
        append(
            "scale",
            """
            import os
            for target in (1, os.getppid(), -1):
                try: os.kill(target, 9)
                except OSError as error: print(error)
            try: os.killpg(0, 0)
            except OSError as error: print(error)
            """,
        ),
        unaffected,
    ),
    Case(
        44,
        "C",
        "a kernel without a heartbeat is graded as any other",
        append(
            "scale",
            """
            import gc
            from ipykernel.heartbeat import Heartbeat
            for found in gc.get_objects():
                if isinstance(found, Heartbeat):
                    found.socket.close(0)
            """,
        ),
        scores(),
        slow=True,
    ),
)

SLOW_TRAINING = """
keras.utils.set_random_seed(1)
network = build_network()
network.compile("sgd", "sparse_categorical_crossentropy")
network.fit(images, labels, epochs=10**6, verbose=0)
"""
ENDLESS_DATA = """
import tensorflow as tf
def forever():
    while True:
        yield images[:8], labels[:8]
data = tf.data.Dataset.from_generator(
    forever, output_signature=(tf.TensorSpec((8, 6, 6)), tf.TensorSpec((8,), tf.int64))
)
network = build_network()
network.compile("sgd", "sparse_categorical_crossentropy")
network.fit(data, verbose=0)
"""
DEADLOCK = """
import tensorflow as tf, threading
lock = threading.Lock()
lock.acquire()
@tf.function
def wait():
    return tf.py_function(lambda: lock.acquire() and 1, [], tf.int64)
wait()
"""
MANY_THREADS = """
import os
os.environ["OMP_NUM_THREADS"] = os.environ["TF_NUM_INTRAOP_THREADS"] = "512"
import numpy as np, threading
def work():
    for _ in range(5): np.linalg.svd(np.random.rand(200, 200))
workers = [threading.Thread(target=work) for _ in range(60)]
for one in workers: one.start()
for one in workers: one.join()
"""
TRAINING: tuple[Case, ...] = (
    Case(
        45,
        "C",
        "a training of a million epochs is stopped, and the cell is named",
        answer("learn", SLOW_TRAINING),
        all_of(
            lambda outcome: scores(learn=outcome.scores["learn"] or 0.0, saved=0.0)(outcome),
            tripped("cell_seconds", "`learn`", "20 s"),
        ),
        keras=True,
    ),
    Case(
        45,
        "C",
        "data without an end is stopped, and the cell is named",
        answer("learn", ENDLESS_DATA),
        all_of(
            lambda outcome: scores(learn=outcome.scores["learn"] or 0.0, saved=0.0)(outcome),
            tripped("cell_seconds", "`learn`", "20 s"),
        ),
        keras=True,
        slow=True,
    ),
    Case(
        45,
        "C",
        "a deadlock within a graph costs its cell",
        append("learn", DEADLOCK),
        lambda outcome: tripped("cell_seconds", "`learn`", "20 s")(outcome),
        keras=True,
    ),
    Case(45, "C", "more threads than processors only take longer", append("learn", MANY_THREADS), scores(), keras=True),
)


def text_of(make: Callable[[str], str]) -> Edit:
    """Change the notebook's file as text."""

    def submit(folder: Path) -> None:
        (path,) = folder.glob("*.ipynb")
        path.write_text(make(path.read_text(encoding="utf-8")), encoding="utf-8")

    return submit


def many_cells(count: int) -> Edit:
    def edit(notebook: dict[str, Any]) -> None:
        cell = {"cell_type": "markdown", "metadata": {}, "source": "x", "id": "x"}
        notebook["cells"] += [dict(cell) for _ in range(count)]

    return edit_json(edit)


def attach(size: int) -> Edit:
    def edit(notebook: dict[str, Any]) -> None:
        picture = {"picture.png": {"image/png": "A" * size}}
        notebook["cells"].append(
            {"cell_type": "markdown", "metadata": {}, "source": "![](attachment:picture.png)", "attachments": picture}
        )

    return edit_json(edit)


PARSERS: tuple[Case, ...] = (
    Case(
        46,
        "C",
        "a number of a million digits in the notebook's JSON is refused",
        text_of(lambda text: text.replace('"nbformat": 4', '"nbformat": ' + "4" * 10**6)),
        refused("arena.ipynb"),
    ),
    Case(
        46,
        "C",
        "JSON nested five thousand deep is refused or read",
        text_of(
            lambda text: text.replace('"metadata": {', '"deep": ' + "[" * 5000 + "]" * 5000 + ', "metadata": {', 1)
        ),
        lambda outcome: unaffected(outcome) if outcome.record.notebooks else refused("nested")(outcome),
    ),
    Case(
        46,
        "C",
        "JSON nested a million deep is refused",
        text_of(lambda text: "[" * 10**6 + text),
        refused("nested"),
    ),
    Case(
        46,
        "C",
        "a hundred thousand cells are refused before they cost time",
        many_cells(100_000),
        refused("arena.ipynb", "2,000 cells", "found 100,0"),
    ),
    Case(
        46,
        "C",
        "a picture of two hundred megabytes makes the notebook too large, in a sentence",
        attach(200 * 10**6),
        refused("arena.ipynb", "bytes"),
        soak=False,
        slow=True,
    ),
    Case(
        46,
        "C",
        "a line of a million characters is a line",
        append("scale", "long = '" + "x" * 10**6 + "'"),
        unaffected,
    ),
    Case(
        46,
        "C",
        "text that sends the renderers of Markdown and of tracebacks back and forth is shown in time",
        lambda folder: (
            [
                new_cell(text, cell_type="markdown")(folder)
                for text in ("[" * 20_000, "> " * 5_000 + "x", "*a **a " * 10_000, "`" * 30_001 + "x", "![a](" * 8_000)
            ]
            and None
        ),
        unaffected,
    ),
    Case(
        46,
        "C",
        "escapes by the hundred thousand are shown in time",
        append("scale", "raise ValueError('\\x1b[1;31m\\x1b[0;4m' * 10**5)"),
        all_of(unaffected, small),
    ),
    Case(
        46,
        "C",
        "tables nested ten thousand deep are shown in time",
        append("scale", "from IPython.display import HTML\ndisplay(HTML('<table><tr><td>' * 2_500))"),
        all_of(unaffected, small),
    ),
    Case(
        46,
        "C",
        "a file beside the notebook that is too large is left out, with its name",
        write_file("big.bin", b"\0" * (2**20)),
        unaffected,
        soak=False,
    ),
)

CASES: tuple[Case, ...] = (*TIME, *PROCESSES, *MEMORY, *DISK, *OUTPUT, *ENDS, *TRAINING, *PARSERS)
