"""A worker: a process of its own that holds one slot, executes tasks in it and judges them.

Started as `python -m autograder.grading.worker FD`; it reads settings, then tasks, as JSON lines from that socket and
answers in JSON lines. It never touches the gradebook. When it dies, only the task it held has to be done again.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import logging
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from autograder.errors import AutograderError, SandboxError
from autograder.grading.announcer import Announcer
from autograder.grading.task import Done, Lost, Ready, Running, Settings, Task, Unavailable
from autograder.sandbox import Slot, SlotSettings

if TYPE_CHECKING:
    from autograder.checks import Check

PR_SET_PDEATHSIG = 1
WORK = "autograder.grading.task_run"  # imports nbgrader, nbclient and the checks: as long as all else here, four times


def serve(requests: BinaryIO, send: Callable[[bytes], object]) -> None:
    """Serve one grader until it hangs up."""
    whole = threading.Lock()  # one line at a time

    def answer(message: Ready | Unavailable | Running | Done | Lost) -> None:
        line = message.model_dump_json().encode() + b"\n"
        with whole:
            send(line)

    announcer = Announcer(answer)
    settings = Settings.model_validate_json(requests.readline())
    slot_settings = SlotSettings(
        limits=settings.limits,
        preload=settings.preload,
        hide=settings.hide,
        number=settings.number,
        sandboxed=settings.sandboxed,
    )
    checks: dict[str, tuple[Check, ...]] = {}
    while True:
        try:
            with Slot.open(slot_settings, meanwhile=lambda: importlib.import_module(WORK)) as slot:
                execute = importlib.import_module(WORK).execute
                answer(Ready(protection=slot.protection, versions=slot.versions))
                while line := _next_line(requests):
                    task = Task.model_validate_json(line)
                    try:
                        with announcer.at_work():
                            notebooks = execute(task, slot, settings, checks, announcer)
                        answer(Done(student=task.student, notebooks=notebooks))
                    except Exception as error:  # noqa: BLE001 - a grader fault, told to the one who keeps the list
                        answer(Lost(student=task.student, message=_described(error)))
                    if slot.lost:
                        break  # a fresh slot for the next task
                else:
                    return
        except SandboxError as error:
            answer(Unavailable(message=str(error)))
            return


def _next_line(requests: BinaryIO) -> bytes:
    """The next request; empty when there is none any more: the grader has hung up, or ended."""
    try:
        return requests.readline()
    except ConnectionResetError:  # it ended with something of ours unread
        return b""


def _described(error: Exception) -> str:
    if isinstance(error, AutograderError):
        return str(error)
    return "".join(traceback.format_exception(error))[-4000:]


def end_with_grader() -> None:
    """Have the system end this process when the grader ends, however it ends: a killed one can say nothing.

    A worker that went on would write its notebook over that of the next run's worker.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "expected to set the parent-death signal")


def main() -> None:
    """Serve on the inherited socket."""
    end_with_grader()
    # nbclient logs every student's timeout as an error; the result record says it better.
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    with (
        socket.socket(fileno=int(sys.argv[1])) as line,
        line.makefile("rb") as requests,
        contextlib.suppress(BrokenPipeError),  # the grader hung up: there is nobody to answer
    ):
        serve(requests, line.sendall)


if __name__ == "__main__":
    main()
