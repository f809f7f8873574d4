"""The agent: the only code of ours inside a student's kernel. It answers the judge's requests and holds no secret.

A request is a Jupyter message of type `autograder_request` on the shell channel, its reply one of type
`autograder_reply` to the asker alone: nothing is broadcast, nothing is pickled, no file is shared. What an answer is
worth is the judge's business: everything in this process belongs to the student's code.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
import traceback
from typing import Any

import encoding
from gradient_requests import GradientRequests
from kept import Kept, Refused, Unfit
from model_requests import ModelRequests
from originals import Originals

REQUEST, REPLY = "autograder_request", "autograder_reply"
MAX_TEXT = 2000


class _Nowhere(io.TextIOBase):
    """Swallows what student code prints while it answers: hidden inputs must not come out in the notebook."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


class Agent:
    """Answers requests about the objects in the student's namespace.

    Args:
        namespace: The kernel's user namespace.
    """

    REQUESTS = ("ping", "restore", "seed", "call", "value", "has", "call_method", "attribute")

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.kept = Kept()
        self.numpy: Any = sys.modules.get("numpy")  # captured before student code runs
        self.originals: Originals | None = None  # those of a kernel, once it has one
        self.not_restored = ""
        self.models = ModelRequests(self.kept, namespace)
        parts = (self, self.models, GradientRequests(self.kept, self._named))
        self.requests = {name: getattr(part, name) for part in parts for name in part.REQUESTS}

    # functions and values ----------------------------------------------------------------------------------------

    def ping(self) -> str:
        """Answer, to show that the kernel is idle and alive."""
        return "pong"

    def restore(self) -> list[str]:
        """Names tests rely on that the notebook has redefined; the rest was put back before this was called."""
        if self.originals is None or self.not_restored:
            raise Refused(f"not everything could be put back: {self.not_restored}")
        return self.originals.hidden()

    def seed(self, seed: int) -> None:
        """Fix the seeds of Python, NumPy and Keras."""
        random.seed(seed)
        if self.numpy is not None:
            self.numpy.random.seed(seed)
        if self.kept.keras is not None:
            self.kept.keras.utils.set_random_seed(seed)

    def call(self, function: str, args: list[Any], kwargs: dict[str, Any], float64: bool = False) -> Any:
        """Call the student's function (or class) of that name, perhaps while float64 is Keras's default."""
        with self.models.in_float64() if float64 else contextlib.nullcontext():
            return self._named(function)(*args, **kwargs)

    def value(self, name: str) -> Any:
        """The value of a name in the student's notebook."""
        return self._named(name)

    def has(self, name: str) -> bool:
        """Whether the student's notebook defines the name."""
        return name in self.namespace

    def call_method(self, handle: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a method of a kept object; "__call__" calls the object itself."""
        kept = self.kept.object(handle)
        return (kept if method == "__call__" else getattr(kept, method))(*args, **kwargs)

    def attribute(self, handle: str, name: str) -> Any:
        """An attribute of a kept object."""
        return getattr(self.kept.object(handle), name)

    def _named(self, name: str) -> Any:
        if name not in self.namespace:
            raise Refused(f"the notebook does not define `{name}`")
        return self.namespace[name]

    # answering ---------------------------------------------------------------------------------------------------

    def answer(self, content: dict[str, Any], buffers: list[Any]) -> tuple[dict[str, Any], list[bytes]]:
        """The reply to one request: `{"id", "ok"}` or `{"id", "error"}`, and its tensors."""
        reply: dict[str, Any] = {"id": content.get("id")}
        out: list[bytes] = []
        try:
            if (request := self.requests.get(content["request"])) is None:
                raise Refused(f"no request {content['request']!r}")
            arguments = {
                name: encoding.decode(value, buffers, self.kept.object) for name, value in content["arguments"].items()
            }
            nowhere = _Nowhere()
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                result = request(**arguments)
                reply["ok"] = encoding.encode(result, out, self.kept.handle)
        except (Refused, Unfit) as error:
            kind = "refused" if isinstance(error, Refused) else "unfit"
            reply["error"] = {"kind": kind, "name": "", "text": str(error)[:MAX_TEXT], "line": None}
        except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of student code included
            out.clear()
            reply["error"] = {
                "kind": "raised",
                "name": type(error).__name__[:100],
                "text": _text(error),
                "line": _line_in_notebook(error),
            }
        return reply, out


def install(kernel: Any, namespace: dict[str, Any]) -> Agent:
    """Have `kernel` answer the judge's requests about `namespace`."""
    agent = Agent(namespace)
    session = kernel.session

    def on_request(stream: Any, identity: Any, message: dict[str, Any]) -> None:
        if message["content"].get("request") == "restore":
            # before anything else is called, which may have been changed too
            agent.not_restored = originals.restore()
        reply, buffers = agent.answer(message["content"], message.get("buffers") or [])
        session.send(stream, REPLY, reply, parent=message, ident=identity, buffers=buffers)

    kernel.shell_handlers[REQUEST] = on_request
    agent.originals = originals = Originals(kernel)
    return agent


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except BaseException:  # noqa: BLE001 - a student's exception may refuse to be printed
        return "(the exception has no readable text)"


def _line_in_notebook(error: BaseException) -> int | None:
    """The line, within its cell, where student code raised last."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if "ipykernel_" in frame.filename]
    return lines[-1] if lines else None
