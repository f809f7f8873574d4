"""The line a student's kernel talks on: capped, never dialled again, and held to the form of Jupyter's messages.

Whoever holds the kernel can send anything. A message that is not one is passed over; a message above the cap ends the
line, which `HangUp` and `Channel.overrun` tell from silence.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import zmq
import zmq.asyncio
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.session import Session

from autograder.sandbox.limits import MIB

AnyContext = TypeVar("AnyContext", bound=zmq.Context[Any])
SEND_SECONDS = 5.0
# JSON costs some thirty times its length once it is parsed; tensors and other buffers travel beside it.
MAX_JSON_BYTES = 32 * MIB
NUM_JSON_FRAMES = 5  # signature, header, parent header, metadata, content
# What a message that is none does to those who read it.
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, UnicodeDecodeError)


class Overrun(Exception):
    """A message with more JSON than anybody should parse."""


def capped_context(kind: type[AnyContext], max_message_bytes: int) -> AnyContext:
    """A ZeroMQ context whose sockets refuse larger frames and never reconnect to what a student may have put there."""
    context = kind()
    context.setsockopt(zmq.MAXMSGSIZE, max_message_bytes)
    context.setsockopt(zmq.RECONNECT_IVL, -1)
    context.setsockopt(zmq.SNDTIMEO, int(SEND_SECONDS * 1000))  # to a peer that is gone one would send for ever
    return context


class HangUp:
    """Tells whether the connection of a socket has ended: the kernel died, or ZeroMQ refused what it sent.

    Args:
        socket: A connected socket; `close` before it is closed.
    """

    def __init__(self, socket: zmq.Socket[Any]) -> None:
        self._socket, self._happened = socket, False
        address = f"inproc://hang-up-{id(self)}"
        socket.monitor(address, zmq.EVENT_DISCONNECTED)
        self._events: zmq.Socket[bytes] = zmq.Context.shadow(socket.context.underlying).socket(zmq.PAIR)
        self._events.setsockopt(zmq.LINGER, 0)
        self._events.connect(address)

    @property
    def happened(self) -> bool:
        """Whether the line is dead."""
        if not self._happened and not self._events.closed:
            self._happened = bool(self._events.poll(0))
        return self._happened

    def close(self) -> None:
        """Stop watching."""
        if not self._socket.closed:
            self._socket.disable_monitor()
        self._events.close()


class CappedSession(Session):
    """A session that parses no more JSON than is reasonable."""

    def deserialize(self, msg_list: list[Any], content: bool = True, copy: bool = True) -> dict[str, Any]:
        """The message in these frames.

        Raises:
            Overrun: Its JSON is too long to be parsed.
        """
        if sum(len(frame) for frame in msg_list[:NUM_JSON_FRAMES]) > MAX_JSON_BYTES:
            raise Overrun
        message = super().deserialize(msg_list, content, copy)
        if any(b"\\ud" in bytes(frame).lower() for frame in msg_list[:NUM_JSON_FRAMES]):
            # Half a surrogate pair is legal in JSON, and can be written into no notebook and no result.
            for part in ("header", "parent_header", "metadata", "content"):
                text = json.dumps(message[part], ensure_ascii=False, default=str)
                message[part] = json.loads(text.encode("utf-8", "replace"))
        return message


class Channel(AsyncZMQSocketChannel):
    """A channel that passes over whatever is no message.

    Attributes:
        overrun: Whether a message with too much JSON came in; the line is not to be trusted to be complete.
    """

    overrun = False

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override] # as its parent
        """The next well-formed message; `queue.Empty` after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                message: dict[str, Any] = await super().get_msg(left)
            except Overrun:
                self.overrun = True
            except MALFORMED:
                continue
            else:
                if is_well_formed(message):
                    return message


def is_well_formed(message: dict[str, Any]) -> bool:
    """Whether every part of a message that its readers rely on is there and of the right type."""
    content = message["content"]
    if not all(isinstance(message[part], dict) for part in ("header", "parent_header", "content", "metadata")):
        return False
    if not isinstance(message["msg_type"], str) or not isinstance(content.get("execution_count"), int | None):
        return False
    if not isinstance(content.get("transient"), dict | None):
        return False
    form = FORMS.get(message["msg_type"])
    return form is None or form(content)


def _is_error(content: dict[str, Any]) -> bool:
    lines = content.get("traceback")
    texts = (content.get("ename"), content.get("evalue"), *(lines if isinstance(lines, list) else (None,)))
    return all(isinstance(text, str) for text in texts)


def _is_display(content: dict[str, Any]) -> bool:
    return isinstance(content.get("data"), dict) and isinstance(content.get("metadata"), dict)


def _is_stream(content: dict[str, Any]) -> bool:
    return content.get("name") in ("stdout", "stderr") and isinstance(content.get("text"), str)


def _is_reply(content: dict[str, Any]) -> bool:
    return isinstance(content.get("status"), str) and (content["status"] != "error" or _is_error(content))


FORMS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "error": _is_error,
    "display_data": _is_display,
    "execute_result": _is_display,
    "update_display_data": _is_display,
    "stream": _is_stream,
    "execute_reply": _is_reply,
    "status": lambda content: isinstance(content.get("execution_state"), str),
}
