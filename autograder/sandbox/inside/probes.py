"""Attempts on the walls, made from inside where a student's code will run. Each answers True when its wall holds."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
from collections.abc import Callable

CLONE_NEWUSER = 0x10000000
ENVIRONMENT_CANARY = "AUTOGRADER_CANARY"  # set around bubblewrap, which must clear it


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _status(field: str) -> str:
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return line.split(":", 1)[1].strip()
    return ""


def _connect() -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as client:
        client.settimeout(1.0)
        client.connect(("192.0.2.1", 80))  # TEST-NET-1 (RFC 5737): without a route it is refused at once


def _call(name: str, *arguments: int) -> Callable[[], None]:
    def attempt() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if getattr(libc, name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), name)

    return attempt


def _write(path: str) -> Callable[[], None]:
    def attempt() -> None:
        with open(path, "w"):
            pass

    return attempt


def attempt_all(canary: str) -> dict[str, bool]:
    """Try every wall; `canary` is the path of a file of the grader's outside the sandbox."""
    processes = [name for name in os.listdir("/proc") if name.isdigit()]
    disk = os.statvfs("/tmp")
    return {
        "not root": os.getuid() != 0 and os.geteuid() != 0,
        "no capabilities": all(int(_status(f"Cap{kind}"), 16) == 0 for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")),
        "no new privileges": _status("NoNewPrivs") == "1",
        "seccomp filter": _status("Seccomp") == "2" and _refused(_call("unshare", CLONE_NEWUSER)),
        "no network": _refused(_connect),
        "no hypervisor sockets": _refused(lambda: socket.socket(40, socket.SOCK_STREAM)),
        "own process table": set(processes) <= {"1", "2"},
        "read-only system": _refused(_write("/usr/canary")) and _refused(_write("/canary")),
        "sealed sockets": _refused(_write("/run/kernel/canary")),
        "host files hidden": not os.path.exists(canary),
        "sized disk": 0 < disk.f_blocks * disk.f_frsize < 2**40,
        "clean environment": ENVIRONMENT_CANARY not in os.environ,
    }
