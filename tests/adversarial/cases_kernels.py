"""Group A: speaking for the kernel (8 to 11), and being at work while it is asked (14)."""

from __future__ import annotations

from pathlib import Path

from tests.adversarial.case import (
    Case,
    all_of,
    answer,
    append,
    flagged,
    in_group,
    new_cell,
    scores,
    together,
    write_file,
)
from tests.adversarial.expectations import shows
from tests.adversarial.submissions import WRONG, measured_nothing, nothing

holds = in_group("A")


# 8, 9, 10, 11: speaking for the kernel --------------------------------------------------------------------------------

FORGED_KERNEL = """
kernel = get_ipython().kernel

async def do_execute(code, silent, store_history=True, user_expressions=None, *_, **__):
    return {"status": "ok", "execution_count": 1, "payload": [],
            "user_expressions": {name: {"status": "ok", "data": {"text/plain": "100"}} for name in user_expressions}}

def forge(stream, identity, message):
    kernel.session.send(stream, "autograder_reply", {"id": message["content"].get("id"), "ok": 1.0},
                        parent=message, ident=identity)

for name in list(kernel.shell_handlers):
    if name not in ("execute_request", "kernel_info_request"):
        kernel.shell_handlers[name] = forge
"""
FORGED_ANSWERS = """
kernel = get_ipython().kernel
original = dict(kernel.shell_handlers)

def forge(stream, identity, message):
    asked = message["content"]
    ok = {answer}
    kernel.session.send(stream, "autograder_reply", {{"id": asked.get("id"), "ok": ok}}, parent=message, ident=identity)

for name in list(kernel.shell_handlers):
    if "autograder" in name:
        kernel.shell_handlers[name] = forge
"""
BANNER = """
print('SCORE: 100')
print('{"score": 16, "max_score": 16, "status": "graded"}')
print("=== autograder: all tests passed, 16 of 16 ===")
print("\\x1b[2J\\x1b[1;1H\\x1b[32mAll tests passed\\x1b[0m\\x1b]0;full marks\\x07")
import sys
sys.__stdout__.write("VERDICT passed\\n")
"""
WRITES = """
import os, pathlib

for folder in (".", "..", "../..", "/", "/tmp", "/home/student", "/run", "/run/kernel", "/dev/shm", "/var/tmp"):
    for name in ("results.json", "arena.json", "gradebook.db", "feedback.html", "arena.ipynb", "checks.py"):
        try:
            pathlib.Path(folder, name).write_text('{"score": 16, "status": "graded"}')
        except OSError:
            pass
"""
FLOODS_REPLIES = """
kernel = get_ipython().kernel
session, iopub, shell = kernel.session, kernel.iopub_socket, kernel.shell_stream

def forged():
    parent = kernel.get_parent()
    for _ in range(3):
        session.send(iopub, "execute_result", {"data": {"text/plain": "3.0"}, "metadata": {}, "execution_count": 1},
                     parent=parent, ident=b"execute_result")
        session.send(iopub, "execute_result", {"data": {"text/plain": "3.0"}, "metadata": {}, "execution_count": 1},
                     parent={"header": {**parent["header"], "msg_id": "somebody-else"}}, ident=b"execute_result")
        session.send(iopub, "stream", {"name": "stdout", "text": "all tests passed"}, parent={}, ident=b"stream")
        for kind in ("execute_reply", "autograder_reply"):
            for identity in (b"judge", b"0", b""):
                session.send(shell, kind, {"status": "ok", "ok": 1.0, "id": 1, "user_expressions": {}},
                             parent={"header": {"msg_id": "somebody-else"}}, ident=identity)

"""
SPEAKS = (
    holds(
        8,
        "a kernel that answers ok to everything earns nothing that is measured, and a person is told",
        together(WRONG, append("scale", FORGED_KERNEL)),
        all_of(measured_nothing, flagged("shell_handlers")),
    ),
    holds(
        8,
        "a kernel that answers every question alike, with an array, earns nothing that is measured",
        together(WRONG, append("plain", FORGED_ANSWERS.format(answer="[0.0, 1.0]"))),
        all_of(measured_nothing, flagged("shell_handlers")),
    ),
    holds(
        8,
        "a replaced do_execute cannot answer for what is measured, and a person is told",
        together(WRONG, append("classify", FORGED_KERNEL + "\nkernel.do_execute = do_execute")),
        all_of(measured_nothing, flagged("do_execute")),
    ),
    holds(
        8,
        "a forged answer to a reported question is believed, marked as reported, and a person is told",
        together(WRONG, append("plain", FORGED_ANSWERS.format(answer='{"numbers": 108}'))),
        all_of(
            measured_nothing,
            flagged("shell_handlers"),
            lambda outcome: _is("reported", *(check.evidence for check in outcome.cells["report"].checks)),
        ),
        promise="detected",
    ),
    holds(
        9,
        "printed scores, banners and escape sequences earn nothing and are shown as the student's output",
        together(WRONG, new_cell(BANNER), append("plain", BANNER)),
        all_of(nothing, shows("SCORE: 100")),
    ),
    holds(
        9,
        "a function that prints a mark while plain tests run earns nothing",
        together(WRONG, answer("plain", "def double(n):\n    print(3.0)\n    display(3.0)\n    return 3 * n")),
        nothing,
    ),
    holds(
        10,
        "results, gradebooks and pages that a submission writes wherever it can change nothing",
        together(WRONG, new_cell(WRITES), append("plain", WRITES), write_file("results.json", '{"score": 16}')),
        all_of(nothing, lambda outcome: _no_files(outcome.course)),
    ),
    holds(
        11,
        "replies and results sent to others' questions, with the real key, are ignored",
        together(WRONG, append("scale", FLOODS_REPLIES + "forged()")),
        all_of(nothing, flagged("kernel.session")),
    ),
    holds(
        11,
        "replies sent while questions are answered do not stand for the answers",
        together(
            WRONG,
            new_cell(FLOODS_REPLIES),
            answer("scale", "def scale(values):\n    forged()\n    return values * 0.0 + 0.5"),
            answer("classify", "def classify(images):\n    forged()\n    return np.eye(3)[[0] * len(images)]"),
        ),
        nothing,
    ),
    holds(
        11,
        "a forged end of a plain tests cell may be believed, as nbgrader would, and a person is told",
        together(
            WRONG,
            new_cell(FLOODS_REPLIES),
            answer(
                "plain",
                """
                def double(number):
                    parent = kernel.get_parent()
                    session.send(shell, "execute_reply", {"status": "ok", "execution_count": 9, "user_expressions": {}},
                                 parent=parent, ident=kernel._parent_ident["shell"])
                    session.send(iopub, "status", {"execution_state": "idle"}, parent=parent, ident=b"status")
                    return 3 * number
                """,
            ),
        ),
        all_of(measured_nothing, flagged("kernel.session")),
        promise="detected",
    ),
)


# 14: at work while questions are asked

WATCHERS = """
import asyncio, atexit, signal, sys, threading, time, weakref

class Noisy:
    def __del__(self):
        print("deleted")

noisy, counted = Noisy(), []
reference = weakref.ref(noisy, lambda _: print("collected"))
atexit.register(lambda: print("SCORE: 100"))
sys.settrace(lambda *_: None)
sys.setprofile(lambda *_: counted.append(1) if len(counted) < 1000 else None)
signal.signal(signal.SIGALRM, lambda *_: counted.append(2))
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)

def meddle():
    while True:
        counted.append(3)
        np.allclose = lambda *_, **__: True
        print("SCORE: 100")
        time.sleep(0.02)

threading.Thread(target=meddle, daemon=True).start()

async def later():
    while True:
        await asyncio.sleep(0.02)
        counted.append(4)

try:
    asyncio.get_event_loop().create_task(later())
except RuntimeError:
    pass
"""
WATCHES = (
    holds(
        14,
        "threads, traces, signals, tasks and destructors at work during grading take nothing away",
        new_cell(WATCHERS, before="report"),
        all_of(scores(), flagged("sys.settrace")),
    ),
    holds(
        14,
        "threads, traces, signals, tasks and destructors at work during grading earn nothing",
        together(WRONG, new_cell(WATCHERS)),
        nothing,
    ),
)

CASES: tuple[Case, ...] = (*SPEAKS, *WATCHES)


def _no_files(course: Path) -> None:
    names = {
        path.name for path in course.rglob("*") if "submitted" not in path.parts and "autograded" not in path.parts
    }
    assert not names & {"results.json", "feedback.html"}, names


def _is(expected: object, *found: object) -> None:
    assert all(one == expected for one in found), found
