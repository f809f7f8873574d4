"""Jupyter's way to a walled-in kernel: a kernel provisioner, and the kernel manager and client that go with it.

nbclient and nbgrader's own Execute preprocessor drive it unchanged: they start, interrupt and shut down a kernel, and
never learn that it was forked in a slot.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import stat
import time
from pathlib import Path
from queue import Empty
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import ConnectionFileMixin, KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase
from jupyter_core.utils import run_sync
from traitlets import Any as AnyTrait
from traitlets import DottedObjectName, Int, Type, default

from autograder.errors import SlotLost
from autograder.sandbox.limits import MIB
from autograder.sandbox.messages import CappedSession, Channel, HangUp, capped_context
from autograder.sandbox.slot import Run, Slot

NAME = "autograder-sandbox"
POLL_SECONDS = 0.05
ANSWER_SECONDS = 1.0  # before a kernel is asked again whether it is ready
NEWS_SECONDS = 0.2  # what the news of its answer may lag behind that, once it is connected
# What a kernel may know of the grader's environment: nbgrader tells student code which step it runs in.
PASSED_ON = ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING")


class SandboxProvisioner(KernelProvisionerBase):
    """Forks the kernel in the slot of its kernel manager. Registered under the name "autograder-sandbox"."""

    run: Run | None = None

    @property
    def manager(self) -> SandboxKernelManager:
        """The kernel manager this provisioner belongs to.

        Raises:
            SlotLost: It is not one of ours, or has no slot.
        """
        if not isinstance(self.parent, SandboxKernelManager) or self.parent.slot is None:
            raise SlotLost("expected a SandboxKernelManager with an open slot, found a kernel manager without one")
        return self.parent

    @property
    def slot(self) -> Slot:
        """The manager's slot."""
        slot: Slot = self.manager.slot
        return slot

    @property
    def has_process(self) -> bool:
        """Whether a run was started and not yet cleaned up."""
        return self.run is not None

    async def poll(self) -> int | None:
        """The kernel's exit status, or None while it lives."""
        return self.slot.poll(self.run) if self.run is not None else 0

    async def wait(self) -> int | None:
        """Wait for the kernel's end."""
        while (status := await self.poll()) is None:
            await asyncio.sleep(POLL_SECONDS)
        return status

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel."""
        if self.run is not None:
            self.slot.signal(self.run, signum)

    async def kill(self, restart: bool = False) -> None:
        """End every process of the run."""
        if self.run is not None:
            self.slot.kill(self.run)

    terminate = kill

    async def cleanup(self, restart: bool = False) -> None:
        """Forget the run and its folder."""
        if self.run is not None:
            self.slot.kill(self.run)
            self.slot.forget(self.run)
            self.run = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the run's folder, stage the submission's files in it, choose its sockets."""
        manager = self.manager
        self.run = self.slot.new_run()
        if (folder := kwargs.pop("cwd", None)) is not None:
            try:
                stage_files(Path(folder), self.run.folder / "files", self.slot.settings.limits.disk_mib * MIB)
            except BaseException:
                self.slot.forget(self.run)
                self.run = None
                raise
        manager.transport = "ipc"
        manager.ip = str(self.run.folder / "k")
        manager.connection_file = str(self.run.folder / "kernel.json")
        manager.write_connection_file()
        return await super().pre_launch(cmd=["in the sandbox"], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel; its connection file names the sockets as the sandbox sees them."""
        manager, run = self.manager, self.run
        assert run is not None
        path = Path(manager.connection_file)
        text = path.read_text().replace(str(run.folder / "k"), f"{run.inside}/k")
        path.unlink()
        path.write_text(text)
        variables = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.slot.start_kernel(run, path, manager.seed, variables)
        return manager.get_connection_info()


class _Promptly(ConnectionFileMixin):
    """Closes its sockets at once: what is still on its way to a kernel that was ended is of no use to anybody.

    jupyter_client lets them linger for a second, which every run would pay.
    """

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> Any:
        socket = super()._create_connected_socket(channel, identity)
        socket.linger = 0
        return socket


class SandboxKernelClient(_Promptly, AsyncKernelClient):
    """A client that hangs up on messages above `max_message_bytes`, instead of holding them in memory."""

    max_message_bytes = Int(64 * MIB)
    shell_channel_class = Type(Channel)
    iopub_channel_class = Type(Channel)

    @default("context")
    def _capped_context(self) -> zmq.asyncio.Context:
        self._created_context = True  # ours to destroy, as the parent's default would be
        return capped_context(zmq.asyncio.Context, self.max_message_bytes)

    def start_channels(self, *which: bool, **by_name: bool) -> None:
        """Connect, and watch the connections that a cell is executed over.

        The heartbeat is left out: the slot knows whether a kernel lives, and Jupyter's thread that asks for it dies
        with a traceback, or keeps its client waiting for seconds, when the kernel's end of the line is gone.
        """
        super().start_channels(*which, **by_name | {"hb": False})
        self._watched = (self.shell_channel, self.iopub_channel)
        self._hang_ups = [HangUp(channel.socket) for channel in self._watched]

    def stop_channels(self) -> None:
        """Hang up."""
        for hang_up in self._hang_ups:
            hang_up.close()
        super().stop_channels()

    @property
    def hung_up(self) -> bool:
        """Whether what the kernel says no longer gets through: it has died, or sent too much."""
        return self.overrun or any(hang_up.happened for hang_up in self._hang_ups)

    @property
    def overrun(self) -> bool:
        """Whether a message had more JSON than is parsed."""
        return any(channel.overrun for channel in self._watched)

    async def _async_is_alive(self) -> bool:
        return not self.hung_up and await super()._async_is_alive()

    is_alive = run_sync(_async_is_alive)  # type: ignore[arg-type] # as its parent

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and what it shows comes through, and no longer: Jupyter's waits 0.2 s more.

        Raises:
            RuntimeError: It dies, or does not answer in `timeout` seconds; Jupyter's word for it.
        """
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            asked = self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.shell_channel.get_msg(timeout=ANSWER_SECONDS)
                while reply["parent_header"].get("msg_id") == asked:
                    news = await self.iopub_channel.get_msg(timeout=NEWS_SECONDS)
                    if (
                        news["parent_header"].get("msg_id") == asked
                        and news["content"].get("execution_state") == "idle"
                    ):
                        self._handle_kernel_info_reply(reply)
                        return
            if not await self._async_is_alive():
                raise RuntimeError("the kernel died before it answered")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kernel did not answer in {timeout} s")


class SandboxKernelManager(_Promptly, AsyncKernelManager):
    """Manages one kernel in `slot`. The kernel spec a submission names is not looked at.

    Attributes:
        slot: The open slot.
        seed: Seed of Python, NumPy and Keras at the kernel's start.
    """

    slot = AnyTrait(None, allow_none=True)
    seed = Int(0)
    # The factory is what makes clients; jupyter_client derives it from `client_class` only when that changes later.
    client_class = DottedObjectName("autograder.sandbox.provisioner.SandboxKernelClient")
    client_factory = Type(SandboxKernelClient, klass=AsyncKernelClient)

    @property
    def run(self) -> Run | None:
        """The run of the kernel, from its start to its clean-up."""
        return self.provisioner.run if isinstance(self.provisioner, SandboxProvisioner) else None

    @default("context")
    def _capped_context(self) -> zmq.asyncio.Context:
        self._created_context = True  # ours to destroy, as the parent's default would be
        return capped_context(zmq.asyncio.Context, self.slot.settings.limits.message_mib * MIB)

    @default("session")
    def _capped_session(self) -> CappedSession:
        return CappedSession(parent=self)

    @property
    def kernel_spec(self) -> KernelSpec:
        """A Python kernel behind our provisioner, whatever name was asked for."""
        return KernelSpec(
            argv=["python"],
            display_name="Python 3",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": NAME}},
        )

    @property
    def ipykernel(self) -> bool:
        """Arguments for ipykernel's command line have no effect here: the kernel is forked, not started."""
        return False

    def client(self, **kwargs: Any) -> Any:
        """A client with the slot's message cap."""
        return super().client(max_message_bytes=self.slot.settings.limits.message_mib * MIB, **kwargs)


def stage_files(source: Path, target: Path, max_bytes: int) -> None:
    """Copy the plain files below `source`; links and special files stay behind.

    Raises:
        SlotLost: More than `max_bytes`: they would not fit the sandbox's disk.
    """
    total = 0
    for folder, folders, files in os.walk(source):
        relative = Path(folder).relative_to(source)
        folders[:] = [name for name in folders if not (Path(folder) / name).is_symlink()]
        for name in folders:
            (target / relative / name).mkdir(parents=True, exist_ok=True)
        for name in files:
            path = Path(folder) / name
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                total += status.st_size
                if total > max_bytes:
                    raise SlotLost(f"expected at most {max_bytes // MIB} MiB of files beside the notebook, found more")
                shutil.copyfile(path, target / relative / name, follow_symlinks=False)
