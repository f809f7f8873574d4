"""Group C: processes that end, hang or wait, and training that never does."""

from __future__ import annotations

from tests.adversarial.case import (
    Case,
    all_of,
    answer,
    append,
    new_cell,
    scores,
    unaffected,
    zero,
)
from tests.adversarial.expectations import at_most, loses, shows, tripped

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

CASES: tuple[Case, ...] = (*ENDS, *TRAINING)
