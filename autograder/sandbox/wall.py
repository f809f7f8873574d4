"""The bubblewrap command around a slot: what its processes see of this machine, and nothing else.

Two recipes: root makes the mounts itself and drops its uid inside; an ordinary user works in a user namespace.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import SandboxUnavailable

INSIDE = Path(__file__).parent / "inside"
INSIDE_MOUNT = "/run/autograder"
FIRST_UID, NUM_UIDS = 65000, 500
SCRATCH = ("/tmp", "/dev/shm", "/home/student")  # noqa: S108 - inside the sandbox
# Below /usr, and nobody's business: nbgrader's exchange, where everybody hands in, and settings of this machine's.
PRIVATE = ("/usr/local/share/nbgrader", "/usr/local/etc", "/usr/local/src", "/usr/src")
INSTALL_HINT = (
    "install it with the system's package manager (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install "
    "bubblewrap; Arch: pacman -S bubblewrap; Alpine: apk add bubblewrap)"
)

USERS = "root:x:0:0:root:/root:/bin/false\nstudent:x:{uid}:{uid}:student:/home/student:/bin/sh\n"


def require_bubblewrap() -> str:
    """The path of `bwrap`.

    Raises:
        SandboxUnavailable: It is not installed; the message says how to get it.
    """
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxUnavailable(
            f"expected bubblewrap (the program `bwrap`) on this machine, found none; {INSTALL_HINT}"
        )
    return found


def slot_uid(number: int) -> int:
    """The user id inside slot `number`: one of its own per slot as root, our own otherwise."""
    return FIRST_UID + number % NUM_UIDS if os.getuid() == 0 else os.getuid()


def environment(threads: int, backend: str) -> dict[str, str]:
    """The whole environment of a slot; nothing of the grader's own is inherited."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - inside the sandbox; each run gets a home of its own
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "NBGRADER_EXECUTION": "autograde",  # nbgrader documents it, for tests that ask who runs them
        "KERAS_BACKEND": backend,
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",  # TensorFlow's C++ log lines would show up as the student's stderr
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": str(threads),
        # JAX sizes its pool by the first and splits an operation over it unless told otherwise
        "NPROC": str(threads),
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}",
        "OMP_NUM_THREADS": str(threads),  # PyTorch goes by it too
        "OPENBLAS_NUM_THREADS": str(threads),
    }


def command(
    slot_folder: Path, uid: int, variables: dict[str, str], program: Iterable[str], hide: Iterable[str] = ()
) -> list[str]:
    """The command line that runs `program` walled in, with `slot_folder` at /run/slot and `hide` out of sight.

    Raises:
        SandboxUnavailable: bubblewrap is not installed.
    """
    root = os.getuid() == 0
    line = [require_bubblewrap(), "--die-with-parent", "--new-session"]
    line += [
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--hostname",
        "sandbox",
        "--chdir",
        "/",
    ]
    if not root:
        line += ["--unshare-user"]
    line += ["--clearenv", *(word for name, value in variables.items() for word in ("--setenv", name, value))]
    # As root, a /proc that bubblewrap makes is partly covered, and the kernel then refuses each run a fresh one of its
    # own. No student code ever runs where this /proc is visible: every run mounts its own over it.
    line += ["--bind", "/proc", "/proc"] if root else ["--proc", "/proc"]
    line += ["--dev", "/dev", *_system_folders()]
    line += _writable_folders(uid, slot_folder)
    bound = _python_folders()
    line += [*_parents(bound), *(word for folder in bound for word in ("--ro-bind", str(folder), str(folder)))]
    line += [word for path in _files_of_packages(hide) for word in ("--ro-bind", "/dev/null", str(path))]
    for number in range(len(hidden_by_scratch())):
        line += ["--perms", "0755", "--dir", f"/run/kept/{number}"]
    line += ["--ro-bind", str(INSIDE), INSIDE_MOUNT, "--remount-ro", "/dev", "--remount-ro", "/", "--cap-drop", "ALL"]
    if root:
        line += [word for name in ("SETUID", "SETGID", "SETPCAP") for word in ("--cap-add", f"CAP_{name}")]
        line += [_require("setpriv"), f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--inh-caps=-all"]
        line += ["--bounding-set=-all", "--no-new-privs"]
    return [*line, *program]


def _require(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise SandboxUnavailable(
            f"expected the program `{program}` (package util-linux), found none; install util-linux"
        )
    return found


def _system_folders() -> list[str]:
    line = ["--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc"]
    for folder in PRIVATE:
        if Path(folder).is_dir():
            line += ["--perms", "0555", "--size", "4096", "--tmpfs", folder, "--remount-ro", folder]
    for name in ("bin", "lib", "lib64", "lib32", "sbin"):
        path = Path("/") / name
        if path.is_symlink():
            line += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            line += ["--ro-bind", str(path), str(path)]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "fonts"):
        line += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return line


def _writable_folders(uid: int, slot_folder: Path) -> list[str]:
    """Mount points for what each run mounts privately, and the slot's own folder."""
    (slot_folder / "passwd").write_text(USERS.format(uid=uid))
    (slot_folder / "passwd").chmod(0o644)  # whatever the umask
    line = ["--perms", "1777", "--size", str(2**20), "--tmpfs", "/tmp"]  # noqa: S108 - the warm process's own; runs cover it
    line += ["--perms", "1777", "--size", str(2**20), "--tmpfs", "/dev/shm"]  # noqa: S108
    for folder in ("/run", "/run/kernel", "/run/scratch", "/run/slot", "/home", "/home/student"):
        line += ["--perms", "0755", "--dir", folder]
    line += ["--ro-bind", str(slot_folder / "passwd"), "/etc/passwd"]
    return [*line, "--bind", str(slot_folder / "runs"), "/run/slot"]


def _python_folders() -> list[Path]:
    """The folders Python and its packages live in, outside /usr."""
    folders = [Path(sys.prefix), Path(sys.base_prefix).resolve()]
    folders += [Path(os.path.realpath(sys.executable)).parent.parent]
    kept: list[Path] = []
    for folder in folders:
        covered = any(folder.is_relative_to(other) for other in (Path("/usr"), *kept))
        if not covered and folder != Path("/"):
            kept.append(folder)
    return kept


def in_sight(path: Path) -> bool:
    """Whether every submission could read `path`, were it allowed to: it lies below a folder that slots see."""
    real = path.resolve()
    hidden = any(real.is_relative_to(folder) for folder in PRIVATE)
    return not hidden and any(real.is_relative_to(folder) for folder in (Path("/usr"), *_python_folders()))


def _files_of_packages(patterns: Iterable[str]) -> list[Path]:
    """The installed files that match: a package that is not installed has none."""
    folders = sorted({sysconfig.get_path(name) for name in ("purelib", "platlib")})
    found = {path for folder in folders for pattern in patterns for path in Path(folder).glob(pattern)}
    return sorted(path for path in found if path.is_file())


def hidden_by_scratch() -> list[str]:
    """Python's folders that lie below a folder every run mounts its own scratch disk on."""
    return [str(folder) for folder in _python_folders() if any(folder.is_relative_to(top) for top in SCRATCH)]


def _parents(folders: Iterable[Path]) -> list[str]:
    """Make the folders above bound ones readable: bubblewrap would make them 0700, out of the dropped user's reach."""
    parents = {parent for folder in folders for parent in folder.parents if parent != Path("/")}
    return [word for parent in sorted(parents) for word in ("--perms", "0755", "--dir", str(parent))]
