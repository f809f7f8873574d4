"""The warm process of a slot: imports the heavy libraries once, then forks one walled-in Jupyter kernel per run.

Started as `python -I zygote.py CONTROL_FD CONFIG_JSON` inside bubblewrap, as an ordinary user. It talks to the grader
in JSON packets over an inherited socket pair, runs no student code and no numerical operation of its own (a forked
TensorFlow that has run one hangs), and is not dumpable, so that no child can look into it.

The processes of one run: the *warden* (keeps capabilities in the run's own user namespace just long enough to seal the
run folder, then waits), *init* (pid 1 of the run: when it ends, the kernel kills everything in the run), and the
student's *kernel*.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import logging
import os
import random
import selectors
import signal
import socket
import sys
import time
import traceback
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import agent
import gradient_requests
import originals
import probes
import traced_once
import walls

MAX_PACKET = 65536
PICTURES = "matplotlib_inline.backend_inline"
KERNEL = ("ipykernel.ipkernel", "ipykernel.kernelapp")
# What every kernel would import when it starts, and the package without which it would not.
LATER = (
    ("debugpy", "ipykernel.debugger"),
    ("sqlite3", "sqlite3"),
    *(("IPython", f"IPython.{name}") for name in ("core.completerlib", "core.oinspect", "extensions.storemagic")),
    *(("matplotlib", name) for name in ("matplotlib.pyplot", PICTURES)),
)
OURS = (
    *("agent", "encoding", "gradient_requests", "gradients_jax", "gradients_tensorflow", "gradients_torch", "kept"),
    *("model_requests", "originals", "probes", "seccomp", "snapshots", "traced_once", "walls"),
)
SMALL_GRAPH_NODES = 100
NUM_TIPS = 20
SETUP_FAILED = 97  # exit status of a run whose walls could not be built: a grader fault, never the student's


def main() -> None:
    """Warm up, say so, then serve requests until the grader hangs up."""
    control = socket.socket(fileno=int(sys.argv[1]))
    config = json.loads(sys.argv[2])
    if config["walls"]:
        walls.set_dumpable(False)
    begun = time.monotonic()
    os.environ["MPLBACKEND"] = f"module://{PICTURES}"  # as every Jupyter kernel has it
    for name in (*KERNEL, *(module for needed, module in LATER if importlib.util.find_spec(needed) is not None)):
        importlib.import_module(name)
    # exit() is for people; here it would end the kernel some time after the cell
    sys.modules["ipykernel.zmqshell"].ZMQInteractiveShell.ask_exit = lambda _: None
    missing = [name for name in config["preload"] if importlib.util.find_spec(name.partition(".")[0]) is None]
    for name in config["preload"]:
        if name not in missing:
            importlib.import_module(name)
    gradient_requests.load_backend()
    traced_once.install()
    originals.loaded_judges()
    # TensorFlow's advice on speed would show up as the student's stderr, which nbgrader's rule takes for a failed test
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.path.pop(0)  # student code has no business importing what is ours
    # A collection in a kernel would look at a million objects of the libraries, and copy every page they lie on.
    gc.collect()
    gc.freeze()
    _tell(
        control, event="warm", seconds=time.monotonic() - begun, versions=_versions(config["preload"]), missing=missing
    )
    Zygote(control, config).serve()


class Zygote:
    """Serves one grader: forks runs, signals them, reports their ends.

    Args:
        control: The socket pair's end.
        config: "walls" (whether to build them), "limits" (RLIMIT names to values), "disk_bytes", "max_files", "keep"
            (folders of Python's that lie where a run mounts its scratch disk), "threads".
    """

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self.control, self.config = control, config
        self.wardens: dict[int, str] = {}  # warden's pid: run
        self.inits: dict[str, int] = {}  # run: pid of its init, which takes the whole run with it
        self.wake_read, self.wake_write = os.pipe()
        self.selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Handle packets and ended children until the control socket closes."""
        for end in (self.wake_read, self.wake_write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self.wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(self.control, selectors.EVENT_READ)
        self.selector.register(self.wake_read, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.control:
                    packet = self.control.recv(MAX_PACKET)
                    if not packet:  # the grader is gone: without walls nothing else would end what runs here
                        for run in list(self.inits):
                            self.handle({"do": "kill", "run": run})
                        return
                    self.handle(json.loads(packet))
                elif key.fileobj != self.wake_read:
                    self.relayed(key.fd, key.data)
                else:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self.wake_read, 4096)
            self.reap()

    def handle(self, packet: dict[str, Any]) -> None:
        """One request: start a kernel or a probe, signal a run, kill a run."""
        if packet["do"] in ("kernel", "probe"):
            self.fork(packet)
        elif packet["run"] in self.inits:
            number = packet["number"] if packet["do"] == "signal" else signal.SIGKILL
            # without a pid namespace of its own, a run is a process group
            send = os.killpg if number == signal.SIGKILL and not self.config["walls"] else os.kill
            with contextlib.suppress(ProcessLookupError):
                send(self.inits[packet["run"]], number)

    def relayed(self, pipe: int, run: str) -> None:
        """Report that the run's init has passed a signal on; until then it might hit what the kernel does next."""
        if os.read(pipe, 64):
            _tell(self.control, event="signalled", run=run)
        else:
            self.selector.unregister(pipe)
            os.close(pipe)

    def fork(self, packet: dict[str, Any]) -> None:
        """Fork the warden of a new run and wait until its walls stand, or say why they do not."""
        read, write = os.pipe()
        relayed, relay = os.pipe()
        try:
            warden = os.fork()
        except OSError as error:  # a run that holds every process its group may have ends none of the others
            for end in (read, write, relayed, relay):
                os.close(end)
            _tell(self.control, event="started", run=packet["run"], error=f"no new process: {error}", probes=None)
            return
        if warden == 0:
            pipes = [key.fd for key in self.selector.get_map().values() if key.fileobj is not self.control]
            self.selector.close()
            for end in (self.control.detach(), read, relayed, self.wake_write, *pipes):
                os.close(end)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _Run(packet, self.config, write, relay).warden()
        os.close(write)
        os.close(relay)
        self.selector.register(relayed, selectors.EVENT_READ, packet["run"])
        self.wardens[warden] = packet["run"]
        with os.fdopen(read, "rb") as pipe:
            lines = [json.loads(line) for line in pipe.read().splitlines()]  # ends when the run lets go of the pipe
        report = {key: value for line in lines for key, value in line.items()}
        if "init" in report:
            self.inits[packet["run"]] = report["init"]
        if "ready" not in report:
            report.setdefault("error", "the run ended before its walls stood")
        _tell(self.control, event="started", run=packet["run"], error=report.get("error"), probes=report.get("ready"))

    def reap(self) -> None:
        """Report every run whose warden has ended."""
        while self.wardens:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            run = self.wardens.pop(pid)
            self.inits.pop(run, None)
            _tell(self.control, event="ended", run=run, status=os.waitstatus_to_exitcode(status) & 255)


class _Run:
    """The three processes of one run; each method runs in the process it names and never returns."""

    def __init__(self, packet: dict[str, Any], config: dict[str, Any], report: int, relay: int) -> None:
        self.packet, self.config, self.report = packet, config, report
        self.relay = relay  # init to zygote: I have passed a signal on
        self.bound_read, self.bound_write = os.pipe()  # kernel to warden: my sockets are bound
        self.go_read, self.go_write = os.pipe()  # warden to kernel: your run folder is sealed

    def say(self, **fields: Any) -> None:
        os.write(self.report, json.dumps(fields).encode() + b"\n")

    def failed(self, error: BaseException) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        self.say(error=f"{type(error).__name__}: {error} (in {last.name})")
        os._exit(SETUP_FAILED)

    def warden(self) -> None:
        try:
            if self.config["walls"]:
                walls.die_with_parent()
                walls.set_dumpable(True)  # or /proc/self/uid_map would belong to root
                walls.enter_namespaces()
                walls.set_dumpable(False)
            else:  # no namespace ends what left its process group: the warden does, to the last
                walls.adopt_orphans()
                signal.signal(signal.SIGTERM, _end_with_children)
                walls.die_with_parent(signal.SIGTERM)
            init = os.fork()
            if init == 0:
                self.init()
            for end in (self.bound_write, self.go_read, self.relay):
                os.close(end)
            self.say(init=init)
            with os.fdopen(self.bound_read, "rb") as bound:
                said = bound.read()  # nothing, when the run failed before its sockets stood
            if said and self.config["walls"]:
                walls.seal_run_folder()
            if said:
                os.write(self.go_write, b"go")
            os.close(self.go_write)
            os.close(self.report)
            status = os.waitstatus_to_exitcode(os.waitpid(init, 0)[1])
            if not self.config["walls"]:
                walls.end_children()  # what the kernel left running
            os._exit(status if status >= 0 else 128 - status)
        except BaseException as error:  # noqa: BLE001 - told to the grader, then the process ends
            self.failed(error)

    def init(self) -> None:
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            walls.die_with_parent()
            walls.set_dumpable(True)  # its /proc files are its own again; nobody else is in here yet
            if not self.config["walls"]:
                os.setpgid(0, 0)
            os.close(self.bound_read)
            os.close(self.go_write)
            _silence_standard_streams()
            if self.config["walls"]:
                config = self.config
                walls.mount_private_files(self.packet["run"], config["disk_bytes"], config["max_files"], config["keep"])
                walls.prefer_to_be_killed()
                walls.drop_everything()
            walls.set_limits(self.config["limits"])
            kernel = os.fork()
            if kernel == 0:
                os.close(self.relay)
                self.kernel() if self.packet["do"] == "kernel" else self.probe()
            walls.set_dumpable(False)
            for end in (self.bound_write, self.go_read, self.report):
                os.close(end)

            def pass_on(number: int, _: object) -> None:
                os.kill(kernel, number)
                os.write(self.relay, b".")

            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, pass_on)
            while True:
                pid, status = os.wait()
                if pid == kernel:
                    code = os.waitstatus_to_exitcode(status)
                    os._exit(code if code >= 0 else 128 - code)
        except BaseException as error:  # noqa: BLE001
            self.failed(error)

    def kernel(self) -> None:
        """Become the student's Jupyter kernel."""
        try:
            walls.die_with_parent()
            from ipykernel.kernelapp import IPKernelApp

            home, work = self.packet["home"], self.packet["work"]
            walls.copy_submission(self.packet["files"], work)
            os.environ.update(self.packet["variables"])
            os.environ.update(HOME=home, PWD=work, IPYTHONDIR=f"{home}/.ipython", MPLCONFIGDIR=f"{home}/.matplotlib")
            os.chdir("/")  # student files beside the notebook must not configure the kernel
            _configure_tensorflow(self.config["threads"])
            app: Any = IPKernelApp.instance()
            app.initialize(["-f", self.packet["connection_file"], "--HistoryManager.hist_file=:memory:"])
            if (pictures := sys.modules.get(PICTURES)) is not None:
                pictures._enable_matplotlib_integration()  # it does so when it is imported, but there was no shell then
            # IPython draws a tip whenever a client asks for its banner: on a busy machine one asks twice, and on some
            # days of the year nothing is drawn. All that Keras draws would follow from that.
            app.shell.enable_tip = False
            agent.install(app.kernel, app.shell.user_ns).seed(self.packet["seed"])
            random.choice(range(NUM_TIPS))  # noqa: S311 - the one draw there used to be: numbers stay what they were
            for name in OURS:
                sys.modules.pop(name, None)  # a student's own agent.py is the one that is imported
            os.write(self.bound_write, b"bound")
            os.close(self.bound_write)
            if os.read(self.go_read, 2) != b"go":
                os._exit(SETUP_FAILED)
            os.close(self.go_read)
            os.chdir(work)
            _look_like_any_kernel(self.packet["connection_file"])
            self.say(ready=True)
            os.close(self.report)
            app.start()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001
            self.failed(error)

    def probe(self) -> None:
        """Try the walls from inside, as student code would."""
        try:
            os.write(self.bound_write, b"bound")
            os.close(self.bound_write)
            if os.read(self.go_read, 2) != b"go":
                os._exit(SETUP_FAILED)
            self.say(ready=probes.attempt_all(self.packet["canary"]))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001
            self.failed(error)


def _end_with_children(number: int, _: object) -> None:
    walls.end_children()
    os._exit(128 + number)


def _silence_standard_streams() -> None:
    nowhere = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _look_like_any_kernel(connection_file: str) -> None:
    """Modules beside the notebook can be imported, as in any kernel, and nothing in `sys.argv` tells whose this one is.

    Python's isolated mode, in which the warm process runs, keeps the working folder off the path. It belongs behind
    the standard library and before installed packages, where IPython puts it.
    """
    sys.argv[:] = ["ipykernel_launcher.py", "-f", connection_file]
    folders = [os.path.basename(path) for path in sys.path]
    packages = [folders.index(name) for name in ("site-packages", "dist-packages") if name in folders]
    if "" not in sys.path:
        sys.path.insert(min(packages, default=len(folders)), "")


def _configure_tensorflow(threads: int) -> None:
    """Fix the number of threads, on which a reduction's order, and with it its last bits, depends; and optimise less.

    TensorFlow's graph optimiser goes over the tiny functions of a data set anew in every epoch, which costs as much as
    the training of a small network; the networks' own graphs are above this limit, and are optimised as ever
    (`make bench-optimiser`).
    """
    if (tensorflow := sys.modules.get("tensorflow")) is not None:
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
        tensorflow.config.experimental.enable_op_determinism()
        tensorflow.config.optimizer.set_experimental_options({"min_graph_nodes": SMALL_GRAPH_NODES})


def _versions(names: list[str]) -> dict[str, str]:
    loaded = [name for name in (*names, "ipykernel") if name in sys.modules]
    found = {name: getattr(sys.modules[name], "__version__", "") for name in loaded}
    return {"python": sys.version.split()[0], **found}


def _tell(control: socket.socket, **fields: Any) -> None:
    control.send(json.dumps(fields).encode())


if __name__ == "__main__":
    main()
