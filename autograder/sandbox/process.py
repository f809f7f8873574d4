"""The judge's line to a student's kernel: ask, and get a checked answer or a fault of the student's."""

from __future__ import annotations

import builtins
import itertools
import signal
import time
from collections.abc import Callable
from typing import Any, NoReturn

import zmq

from autograder.errors import NotThere, SlotLost, StudentFault
from autograder.sandbox import wire
from autograder.sandbox.clock import RunClock
from autograder.sandbox.limits import MIB
from autograder.sandbox.messages import MALFORMED, CappedSession, HangUp, Overrun, capped_context
from autograder.sandbox.provisioner import SandboxKernelManager

REQUEST, REPLY = "autograder_request", "autograder_reply"  # as in inside/agent.py
LIVENESS_SECONDS = 0.25
IDLE_SECONDS = 3.0  # what a kernel that was interrupted gets to become idle
NEWS_SECONDS = 1.0  # what the news of a kernel's end may lag behind the end of its connections


class StudentProcess:
    """A connection of the judge's own to the kernel of `manager`, opened before any student code runs.

    Args:
        manager: A kernel manager whose kernel has started.

    Attributes:
        clock: What limits of time go by.
        trouble: What went wrong in an earlier cell, for a name that is not there because of it; "" when nothing did.
    """

    def __init__(self, manager: SandboxKernelManager) -> None:
        self._manager = manager
        information = manager.get_connection_info()
        self._session = CappedSession(key=information["key"], signature_scheme=information["signature_scheme"])
        self._context = capped_context(zmq.Context, manager.slot.settings.limits.message_mib * MIB)
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._hang_up = HangUp(self._socket)
        self._socket.connect(f"ipc://{information['ip']}-{information['shell_port']}")
        self._count = itertools.count(1)
        self.clock = RunClock(self._waited)
        self.trouble = ""

    def close(self) -> None:
        """Hang up."""
        self._hang_up.close()
        self._socket.close()
        self._context.term()

    def _waited(self) -> float:
        run = self._manager.run
        return 0.0 if run is None else self._manager.slot.seconds_waited(run)

    @property
    def alive(self) -> bool:
        """Whether the kernel lives."""
        run = self._manager.run
        return run is not None and self._manager.slot.poll(run) is None

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in whatever the kernel is doing."""
        if (run := self._manager.run) is not None:
            self._manager.slot.signal(run, signal.SIGINT)

    def idle(self, seconds: float) -> bool:
        """Whether the kernel answers within `seconds`."""
        try:
            self.ask("ping", {}, seconds=seconds)
        except StudentFault:
            return False
        return True

    def restore(self, seconds: float) -> tuple[str, ...]:
        """Have what decides on a tests cell put back as it was before student code ran.

        Returns:
            Names tests rely on (`abs`, `np`, ...) which the notebook has given to something of its own.

        Raises:
            StudentFault: It could not be put back within `seconds`, or not all of it.
            SlotLost: The slot is gone; a grader fault.
        """
        names = self.ask("restore", {}, seconds=seconds)
        if not isinstance(names, list) or not all(isinstance(name, str) and name.isidentifier() for name in names):
            raise StudentFault("expected a list of names from the notebook's process, received something else")
        return tuple(sorted(names))

    def ask(
        self,
        request: str,
        arguments: dict[str, Any],
        *,
        seconds: float,
        keep: Callable[[wire.Kept], Any] = lambda kept: kept,
    ) -> Any:
        """One question to the agent; its answer as checked plain data.

        Args:
            request: One of the agent's requests.
            arguments: Plain values, arrays, and objects with a `kept` attribute.
            seconds: Time to wait, by `clock`.
            keep: What to make of an object that stays in the student's process.

        Raises:
            StudentFault: The student's code raised, took too long, died, or broke the format.
            SlotLost: The slot is gone; a grader fault.
        """
        number = next(self._count)
        buffers: list[bytes] = []
        encoded = {name: wire.encode(value, buffers) for name, value in arguments.items()}
        message = self._session.msg(REQUEST, {"id": number, "request": request, "arguments": encoded})
        self._send([*self._session.serialize(message), *buffers], seconds)
        answer, tensors = self._reply(number, self.clock.now() + seconds, seconds)
        try:
            if "error" in answer:
                raise _fault(answer["error"], self.trouble)
            return wire.decode(answer["ok"], tensors, keep)
        except (wire.Malformed, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise StudentFault(
                f"expected a well-formed answer from the notebook's process, received {error}",
                "Does the notebook change Jupyter's or Python's own machinery? Leave it alone.",
                untold="expected a well-formed answer from the notebook's process, received something else",
            ) from error

    def _send(self, frames: list[bytes], seconds: float) -> None:
        if not self.alive:
            self._raise_for_end()
        self._socket.sndtimeo = max(1, int(seconds * 1000))  # a socket whose peer is gone would block for ever
        try:
            self._socket.send_multipart(frames)
        except zmq.Again as error:
            if not self.alive:
                self._raise_for_end()
            raise StudentFault("expected the notebook's process to take a question, it has hung up") from error

    def _reply(self, number: int, deadline: float, seconds: float) -> tuple[dict[str, Any], list[Any]]:
        while True:
            if not self.alive:
                self._raise_for_end()
            left = deadline - self.clock.now()
            if left <= 0:
                self.interrupt()  # so that the next question finds the kernel idle
                raise StudentFault(
                    f"expected an answer within {seconds:.0f} s, received none",
                    "Is there an endless loop, or far more work than the task needs?",
                )
            if not self._socket.poll(int(min(left, LIVENESS_SECONDS) * 1000)):
                if self._hang_up.happened:
                    self._raise_for_size()
                continue
            try:
                frames = self._socket.recv_multipart()
                _, frames = self._session.feed_identities(frames)
                message = self._session.deserialize(frames)
                content = message["content"]
                if message["msg_type"] == REPLY and content.get("id") == number:
                    return content, message["buffers"]
            except Overrun:
                self._raise_for_size()
            except MALFORMED:
                continue  # not a message of the protocol: whoever wrote it, it is no answer to this question

    def _raise_for_size(self) -> NoReturn:
        """The line is dead, or as good: of a living kernel, because it sent more than the line takes."""
        deadline = time.monotonic() + NEWS_SECONDS
        while time.monotonic() < deadline:
            if not self.alive:
                self._raise_for_end()
            time.sleep(0.02)
        mib = self._manager.slot.settings.limits.message_mib
        raise StudentFault(
            f"expected an answer of at most {mib} MiB, received a larger one",
            "Does it return what was asked for, and only that?",
        )

    def _raise_for_end(self) -> NoReturn:
        slot, run = self._manager.slot, self._manager.run
        if slot.lost:
            raise SlotLost("expected the slot to live, it ended while a question was open")
        status, killed = (run.status, run.killed_for_memory) if run else (None, False)
        mib = slot.settings.limits.memory_mib
        raise StudentFault(end_sentence(status, killed, mib), untold=end_sentence(status, killed, mib, told=False))


def end_sentence(status: int | None, killed_for_memory: bool, memory_mib: int, *, told: bool = True) -> str:
    """What ended a kernel, in words; unless `told`, without its exit status, which student code may choose."""
    if killed_for_memory:
        return f"the notebook's process used more than its {memory_mib} MiB of memory and was ended"
    if not told:
        return "the notebook's process ended over hidden data"
    if status is None or status == 0:
        return "the notebook's process ended itself (exit status 0)"
    if status > 128:
        return f"the notebook's process crashed (signal {status - 128})"
    return f"the notebook's process ended itself (exit status {status})"


def _fault(error: Any, trouble: str) -> StudentFault:
    kind, name, text, line = (error[key] for key in ("kind", "name", "text", "line"))
    text = str(text)[:2000]
    if kind == "refused":
        hint = trouble or "Keep the names the notebook gives, and run every cell from the top once."
        return NotThere(text, hint, untold="expected what the check asks for in the notebook, found it missing")
    if kind == "unfit":
        return StudentFault(text, untold="expected an answer of the form the check asks for, received something else")
    where = f" (line {line} of its cell)" if isinstance(line, int) and not isinstance(line, bool) else ""
    if name == "NotImplementedError" and not text:
        unwritten = "expected an answer, found this part not yet written"
        return StudentFault(f"{unwritten}{where}", untold=unwritten)  # a line's number is a number, too
    known = isinstance(getattr(builtins, str(name), None), type)
    return StudentFault(
        f"the notebook's code raised {str(name)[:100]}{': ' if text else ''}{text}{where}",
        untold=f"the notebook's code raised {name if known else 'an exception'}",
    )
