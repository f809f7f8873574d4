"""The seccomp program a student's kernel runs under, assembled without libseccomp.

Refused calls return an error rather than kill, so that the student sees a Python exception. Numbers are those of
Linux's own syscall tables (x86-64: arch/x86/entry/syscalls/syscall_64.tbl; aarch64: include/uapi/asm-generic/unistd.h).
"""

from __future__ import annotations

import ctypes
import platform
import struct

ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, EINVAL, ENOSYS, EAFNOSUPPORT = 1, 22, 38, 97
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
OFFSET_NR, OFFSET_ARCH = 0, 4
X32_BIT = 0x40000000
NEW_NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}; clone3 alone knows CLONE_NEWTIME
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
AF_UNIX = 1
ALLOWED_SOCKETS = (AF_UNIX, 2, 10)  # AF_UNIX, AF_INET, AF_INET6: there is no route, so the last two reach nothing
AF_NETLINK = 16  # protocol 0 only: libzmq aborts without it
# Ways by which two submissions could signal to each other over a file of the system that both see: asking for locks,
# leases, news of a folder. (Locking itself needs a file one may write to, and each has its own of those.)
F_GETLK, F_OFD_GETLK, F_SETLEASE, F_NOTIFY = 5, 36, 1024, 1026
# What waits in a socket is in nobody's memory. Buffers keep their first size, and the watcher counts sockets.
SOL_SOCKET, SO_SNDBUF, SO_SNDBUFFORCE = 1, 7, 32

# name: (x86-64, aarch64); None where the architecture has no such call
REFUSED = {
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "personality": (135, 92), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    "syslog": (103, 116), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "iopl": (172, None), "ioperm": (173, None), "vhangup": (153, 58),
    "move_pages": (279, 239), "fanotify_init": (300, 262), "lookup_dcookie": (212, 18),
}  # fmt: skip
ABSENT = {  # answered as if the kernel were older, so that libraries fall back
    "clone3": (435, 435), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "memfd_secret": (447, 447),
    # memory that no process limit counts; files in memory belong on the sized scratch disk
    "memfd_create": (319, 279), "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    # tells when somebody in another sandbox opens a file of the system
    "inotify_init": (253, None), "inotify_init1": (294, 26), "inotify_add_watch": (254, 27),
}  # fmt: skip
# Answered as if done: a lock on a file of the system would be seen from other sandboxes, and libraries that lock their
# own files (HDF5) give up when they cannot.
WITHOUT_EFFECT = {"flock": (73, 32)}
ARCHITECTURES = {
    "x86_64": {
        "audit": 0xC000003E,
        "column": 0,
        "clone": 56,
        "socket": 41,
        "socketpair": 53,
        "setsockopt": 54,
        "ioctl": 16,
        "fcntl": 72,
    },
    "aarch64": {
        "audit": 0xC00000B7,
        "column": 1,
        "clone": 220,
        "socket": 198,
        "socketpair": 199,
        "setsockopt": 208,
        "ioctl": 29,
        "fcntl": 25,
    },
}


def _instruction(code: int, jump_true: int, jump_false: int, operand: int) -> bytes:
    return struct.pack("<HBBI", code, jump_true, jump_false, operand & 0xFFFFFFFF)


def _argument(index: int) -> int:
    return 16 + 8 * index


def program(machine: str | None = None) -> bytes:
    """The BPF program for this machine's architecture.

    Raises:
        OSError: The architecture has no table here; the sandbox must not start.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(f"expected an x86_64 or aarch64 machine for the seccomp filter, found {machine}")
    table = ARCHITECTURES[machine]
    out = [
        _instruction(LOAD, 0, 0, OFFSET_ARCH),
        _instruction(JUMP_EQUAL, 1, 0, table["audit"]),
        _instruction(RETURN, 0, 0, KILL_PROCESS),
        _instruction(LOAD, 0, 0, OFFSET_NR),
    ]
    if machine == "x86_64":
        out += [_instruction(JUMP_AT_LEAST, 0, 1, X32_BIT), _instruction(RETURN, 0, 0, ERRNO | ENOSYS)]
    for calls, error in ((REFUSED, EPERM), (ABSENT, ENOSYS), (WITHOUT_EFFECT, 0)):
        for numbers in calls.values():
            if (number := numbers[table["column"]]) is not None:
                out += [_instruction(JUMP_EQUAL, 0, 1, number), _instruction(RETURN, 0, 0, ERRNO | error)]
    # clone with any flag that makes a namespace
    out += [
        _instruction(JUMP_EQUAL, 0, 4, table["clone"]),
        _instruction(LOAD, 0, 0, _argument(0)),
        _instruction(JUMP_ANY_BIT, 0, 1, NEW_NAMESPACE_FLAGS),
        _instruction(RETURN, 0, 0, ERRNO | EPERM),
        _instruction(RETURN, 0, 0, ALLOW),
    ]
    # socket families: AF_VSOCK would reach the hypervisor from an empty network namespace
    families = len(ALLOWED_SOCKETS)
    out += [_instruction(JUMP_EQUAL, 0, families + 6, table["socket"]), _instruction(LOAD, 0, 0, _argument(0))]
    out += [_instruction(JUMP_EQUAL, families - i + 3, 0, family) for i, family in enumerate(ALLOWED_SOCKETS)]
    out += [
        _instruction(JUMP_EQUAL, 0, 2, AF_NETLINK),
        _instruction(LOAD, 0, 0, _argument(2)),
        _instruction(JUMP_EQUAL, 1, 0, 0),
        _instruction(RETURN, 0, 0, ERRNO | EAFNOSUPPORT),
        _instruction(RETURN, 0, 0, ALLOW),
    ]
    # pairs of sockets: any other family would only have the kernel load its module
    out += [
        _instruction(JUMP_EQUAL, 0, 4, table["socketpair"]),
        _instruction(LOAD, 0, 0, _argument(0)),
        _instruction(JUMP_EQUAL, 1, 0, AF_UNIX),
        _instruction(RETURN, 0, 0, ERRNO | EAFNOSUPPORT),
        _instruction(RETURN, 0, 0, ALLOW),
    ]
    # sizes of buffers: answered as if set
    out += [
        _instruction(JUMP_EQUAL, 0, 7, table["setsockopt"]),
        _instruction(LOAD, 0, 0, _argument(1)),
        _instruction(JUMP_EQUAL, 0, 3, SOL_SOCKET),
        _instruction(LOAD, 0, 0, _argument(2)),
        _instruction(JUMP_EQUAL, 2, 0, SO_SNDBUF),
        _instruction(JUMP_EQUAL, 1, 0, SO_SNDBUFFORCE),
        _instruction(RETURN, 0, 0, ALLOW),
        _instruction(RETURN, 0, 0, ERRNO),
    ]
    # questions about locks and the like
    commands = (F_GETLK, F_OFD_GETLK, F_SETLEASE, F_NOTIFY)
    out += [_instruction(JUMP_EQUAL, 0, len(commands) + 3, table["fcntl"]), _instruction(LOAD, 0, 0, _argument(1))]
    out += [_instruction(JUMP_EQUAL, len(commands) - i, 0, command) for i, command in enumerate(commands)]
    out += [_instruction(RETURN, 0, 0, ALLOW), _instruction(RETURN, 0, 0, ERRNO | EINVAL)]
    # terminal injection
    out += [
        _instruction(JUMP_EQUAL, 0, 5, table["ioctl"]),
        _instruction(LOAD, 0, 0, _argument(1)),
        _instruction(JUMP_EQUAL, 1, 0, TIOCSTI),
        _instruction(JUMP_EQUAL, 0, 1, TIOCLINUX),
        _instruction(RETURN, 0, 0, ERRNO | EPERM),
        _instruction(RETURN, 0, 0, ALLOW),
    ]
    out.append(_instruction(RETURN, 0, 0, ALLOW))
    return b"".join(out)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(code: bytes) -> None:
    """Put the calling thread, and whatever it forks, under `code`. Needs no_new_privs.

    Raises:
        OSError: The kernel refused it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(22, 2, ctypes.byref(_Program(len(code) // 8, code)), 0, 0) != 0:  # PR_SET_SECCOMP, filter mode
        raise OSError(ctypes.get_errno(), "the kernel refused the seccomp filter")
