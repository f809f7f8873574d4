"""The walls one forked child puts around itself before it becomes a student's kernel.

Order matters: namespaces while the process has one thread; mounts while it has capabilities in its new user
namespace; limits; then capabilities, no_new_privs and seccomp, after which nothing of this can be undone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import time
from collections.abc import Mapping

import seccomp

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 4, 24, 38, 1, 36
LAST_CAPABILITY = 63
CAPABILITY_VERSION_3 = 0x20080522
END_SECONDS = 5.0

RUN = "/run/kernel"  # this submission's own folder: connection file, sockets, staged files
SLOTS = "/run/slot"  # all runs of the slot, hidden from every child
KEPT = "/run/kept"  # one empty folder for each folder the scratch disk must not hide
HOME = "/home/student"
WORK = HOME + "/work"

libc = ctypes.CDLL(None, use_errno=True)


def _must(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def set_dumpable(dumpable: bool) -> None:
    """Say whether processes of the same user may look into this one."""
    _must(libc.prctl(PR_SET_DUMPABLE, int(dumpable), 0, 0, 0), "set dumpable")


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal when the thread that forked it ends."""
    _must(libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0), "set the parent-death signal")


def adopt_orphans() -> None:
    """Become the parent of whatever process further below loses its own, wherever it has put itself."""
    _must(libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "adopt orphans")


def end_children() -> None:
    """Kill every child of this process, and each that it inherits by that, until none is left or the time is up."""
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            for pid in file.read().split():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(int(pid), signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
        except ChildProcessError:
            return


def enter_namespaces() -> None:
    """Give the calling process new namespaces; its next fork is pid 1 of a fresh pid namespace."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP
    _must(libc.unshare(flags), "make namespaces")
    for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    arguments = [text.encode() if text is not None else None for text in (source, target, kind)]
    _must(libc.mount(*arguments, flags, options.encode() if options else None), f"mount {kind or source} on {target}")


def mount_private_files(run: str, disk_bytes: int, max_files: int, keep: list[str]) -> None:
    """Private mounts of pid 1: own /proc, one sized scratch disk for everything writable, only its own run folder.

    `keep` names folders (Python's own, when it is installed below /tmp) that the scratch disk must not hide.
    """
    harmless = MS_NOSUID | MS_NODEV
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    _mount("proc", "/proc", "proc", harmless | MS_NOEXEC)
    _mount(f"{SLOTS}/{run}", RUN, None, MS_BIND)
    _mount("tmpfs", SLOTS, "tmpfs", harmless | MS_RDONLY, "size=4k")
    for number, folder in enumerate(keep):
        _mount(folder, f"{KEPT}/{number}", None, MS_BIND | MS_REC)
    # one tmpfs behind /tmp, /dev/shm and the home folder: its size bounds the three together
    _mount("tmpfs", "/run/scratch", "tmpfs", harmless, f"size={disk_bytes},nr_inodes={max_files},mode=0755")
    for name, target, mode in (("tmp", "/tmp", 0o1777), ("shm", "/dev/shm", 0o1777), ("home", HOME, 0o755)):
        os.mkdir(f"/run/scratch/{name}")
        os.chmod(f"/run/scratch/{name}", mode)
        _mount(f"/run/scratch/{name}", target, None, MS_BIND)
    for number, folder in enumerate(keep):
        os.makedirs(folder, exist_ok=True)
        _mount(f"{KEPT}/{number}", folder, None, MS_BIND | MS_REC)


def seal_run_folder() -> None:
    """Make the run folder read-only, once the kernel's sockets are bound in it.

    From then on student code can neither replace a socket nor fill the host's disk.
    """
    # noexec, too: where the host's temporary folder is, a mount without it would be refused
    _mount("none", RUN, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def copy_submission(source: str, target: str) -> None:
    """Copy the staged files into the scratch disk; the grader staged plain files only."""
    os.makedirs(target, exist_ok=True)
    if os.path.isdir(source):
        shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)
    for folder, _, files in os.walk(target):
        os.chmod(folder, 0o755)
        for name in files:
            os.chmod(os.path.join(folder, name), 0o644)


def set_limits(limits: Mapping[str, int]) -> None:
    """Apply the resource limits; `limits` maps RLIMIT names ("DATA", "NPROC", ...) to values."""
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}")
        ceiling = resource.getrlimit(number)[1]
        value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(number, (value, value))


def prefer_to_be_killed() -> None:
    """When memory runs out, the kernel takes this process before the warm one."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def drop_everything() -> None:
    """Give up every capability and the right to regain one, then install the seccomp filter."""
    _must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs")
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # past the last one of this kernel: refused, and harmless
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _must(libc.capset(header, (ctypes.c_uint32 * 6)()), "drop capabilities")
    seccomp.install(seccomp.program())
