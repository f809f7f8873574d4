"""nbgrader's Execute preprocessor, hardened: what a cell may show is bounded, whatever its kernel sends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Integer, Unicode

from autograder.sandbox.provisioner import SandboxKernelClient

NOTEBOOK_FACTOR = 16  # the whole notebook may show this many times the output cap of a cell
FLOOD_FACTOR = 50  # a cell that shows this many times its output cap is interrupted, not merely cut
IOPUB_SECONDS = 3  # what the output of a cell may lag behind the news that it is done
ALIVE_SECONDS = 1.0
SHOWN = frozenset(("display_data", "execute_result", "update_display_data", "stream", "error"))
MAX_ERRORS = 10  # of one cell
MAX_NESTING = 50  # of lists and dicts in what is shown
MAX_NAME, MAX_TEXT, MAX_TRACEBACK = 200, 10_000, 100_000  # characters of an error


class WalledExecute(Execute):
    """nbgrader's Execute with an output cap, deaf to tags by which a submission could skip its tests.

    Attributes:
        shown: Characters each cell has sent to be shown, by index.
        kept: Characters of what was kept of all cells together.
        cut: Cells that showed something that was not kept, or not whole.
        nonsense: How many messages were no output that can be kept.
    """

    skip_cells_with_tag = Unicode("\0 no tag is this one \0")
    output_bytes = Integer(2**20)

    def __init__(
        self,
        on_flood: Callable[[], None],
        on_timeout: Callable[[], None],
        time_left: Callable[[], float],
        **traits: Any,
    ) -> None:
        # "immediate": a kernel is not asked to shut down, it is ended
        super().__init__(shutdown_kernel="immediate", iopub_timeout=IOPUB_SECONDS, **traits)
        self.on_flood, self.on_timeout, self.time_left = on_flood, on_timeout, time_left
        self.shown: dict[int, int] = {}
        self.kept = 0
        self.cut: set[int] = set()
        self.remains: dict[int, int] = {}
        self.errors: dict[int, int] = {}
        self.flooded: set[int] = set()
        self.nonsense = 0

    @property
    def hung_up(self) -> bool:
        """Whether what the kernel says no longer gets through."""
        return isinstance(self.kc, SandboxKernelClient) and self.kc.hung_up

    @property
    def overrun(self) -> bool:
        """Whether the kernel sent more JSON than is parsed."""
        return isinstance(self.kc, SandboxKernelClient) and self.kc.overrun

    def over(self, cell_index: int) -> bool:
        """Whether the cell showed more than its cap."""
        return self.shown.get(cell_index, 0) > self.output_bytes

    @property
    def full(self) -> bool:
        """Whether the notebook has shown all it may."""
        return self.kept > NOTEBOOK_FACTOR * self.output_bytes

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        assert self.kc is not None
        while (left := self.time_left()) > 0:  # by a clock that goes slower than nbclient's, on a crowded machine
            if await self.kc.shell_channel.socket.poll(1000 * min(left, ALIVE_SECONDS)):
                return None  # nbclient reads what has come
            await self._async_check_alive()
        self.on_timeout()
        return await super()._async_handle_timeout(timeout, cell)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Keep what a message shows unless the cell has shown more than its cap; an error is kept all the same."""
        kind = msg["msg_type"]
        if kind.startswith("comm"):
            return None  # widgets: nobody is there to move them, and their state would grow without bound
        if kind in SHOWN and nested_deeper(msg["content"], MAX_NESTING):
            self.nonsense += 1  # legal, and whoever reads the notebook later overflows its stack
            return None
        if kind in SHOWN:
            self.shown[cell_index] = self.shown.get(cell_index, 0) + len(repr(msg["content"]))
            if self.shown[cell_index] > FLOOD_FACTOR * self.output_bytes and cell_index not in self.flooded:
                self.flooded.add(cell_index)
                self.on_flood()
        if kind == "error":
            self.errors[cell_index] = self.errors.get(cell_index, 0) + 1
            if self.errors[cell_index] > MAX_ERRORS:
                return None
            msg = {**msg, "content": {**msg["content"], **self.shortened(msg["content"])}}
        elif kind in SHOWN and (self.over(cell_index) or self.full):
            self.cut.add(cell_index)
            content = what_decides(kind, msg["content"])
            if content is None or self.remains.get(cell_index, 0) >= MAX_ERRORS:
                return None
            self.remains[cell_index] = self.remains.get(cell_index, 0) + 1
            msg = {**msg, "content": content}
        if kind in SHOWN:
            self.kept += len(repr(msg["content"]))
        try:
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception:  # noqa: BLE001 - whatever a forged message breaks, it is no output of the cell's
            self.nonsense += 1
            return None

    def on_cell_executed(self, **kwargs: Any) -> None:
        """Have nbgrader record the reply's error, at a bounded length."""
        reply = kwargs["execute_reply"]
        if reply["content"]["status"] == "error":
            kwargs["execute_reply"] = {**reply, "content": {**reply["content"], **self.shortened(reply["content"])}}
        super().on_cell_executed(**kwargs)

    def shortened(self, error: dict[str, Any]) -> dict[str, Any]:
        """The parts of an error at a bounded length: of a long traceback, its end; in a full notebook, a line."""
        lines, left = [], 0 if self.full else MAX_TRACEBACK
        for line in reversed(error["traceback"]):
            if left <= 0:
                break
            lines.append(line[-left:])
            left -= len(line) + 1
        return {
            "ename": error["ename"][:MAX_NAME],
            "evalue": error["evalue"][: MAX_NAME if self.full else MAX_TEXT],
            "traceback": lines[::-1],
        }


def nested_deeper(value: Any, most: int) -> bool:
    """Whether lists and dicts stand in each other more than `most` deep, found without recursion."""
    level = [value]
    for _ in range(most + 1):
        level = [part for one in level if isinstance(one, (dict, list)) for part in _parts(one)]
        if not level:
            return False
    return True


def _parts(one: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return one.values() if isinstance(one, dict) else one


def what_decides(kind: str, content: dict[str, Any]) -> dict[str, Any] | None:
    """What is kept of an output that is cut: nbgrader takes marks for text on stderr, and a mark from a result."""
    if kind == "stream" and content["name"] == "stderr":
        return {**content, "text": content["text"][:MAX_NAME]}
    if kind == "execute_result" and isinstance(text := content["data"].get("text/plain"), str):
        return {**content, "data": {"text/plain": text[:MAX_NAME]}, "metadata": {}}
    return None
