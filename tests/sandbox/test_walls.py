"""The walls, tried from inside by student code."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import Slot, SlotSettings, wall
from tests.sandbox.kernels import Kernel

TRY = """
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def tried(function, *arguments):
    ctypes.set_errno(0)
    result = getattr(libc, function)(*arguments)
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]
def opened(*arguments):
    try:
        with socket.socket(*arguments):
            return "done"
    except OSError as error:
        return errno.errorcode[error.errno]
def attempt(function, *arguments, **named):
    try:
        function(*arguments, **named)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    return "done"
def reach(kind, address):
    with socket.socket(socket.AF_INET, kind) as line:
        line.settimeout(2)
        line.connect(address)
        line.send(b"x")
def write(path):
    with open(path, "w") as file:
        file.write("x")
"""


@pytest.fixture(scope="module")
def inside(slot: Slot) -> Iterator[Kernel]:
    with Kernel(slot) as kernel:
        assert kernel.run(TRY) == ""
        yield kernel


def printed(inside: Kernel, expression: str) -> str:
    return inside.run(f"print(({expression}))")


def test_every_wall_was_tried_before_the_slot_was_used(slot: Slot) -> None:
    assert slot.protection.level in ("strong", "good")
    assert all(held for name, held in slot.protection.holds.items() if name != "memory group")
    assert slot.protection.holds["memory group"] == (slot.protection.level == "strong")
    assert len(slot.protection.holds) == 13


def test_student_code_runs_as_the_slots_own_user(inside: Kernel, slot: Slot) -> None:
    assert printed(inside, "os.getuid(), os.geteuid(), os.getgid()") == str(
        (wall.slot_uid(slot.settings.number),) * 2
        + (wall.slot_uid(slot.settings.number) if os.getuid() == 0 else os.getgid(),)
    )


@pytest.mark.parametrize("call", ["os.setuid(0)", "os.setgid(0)", "os.setgroups([0])", "os.chroot('/tmp')"])
def test_no_right_can_be_regained(inside: Kernel, call: str) -> None:
    # "Invalid argument": its user namespace has no such user
    assert inside.run(call).startswith(("PermissionError: [Errno 1]", "OSError: [Errno 22] Invalid argument"))


def test_a_setuid_program_gives_no_rights(inside: Kernel) -> None:
    setuid = [path for path in Path("/usr/bin").iterdir() if path.is_file() and path.stat().st_mode & stat.S_ISUID]
    if not setuid:
        pytest.skip("this machine has no set-uid program to try")
    code = "import subprocess; print(subprocess.check_output(['grep', 'NoNewPrivs', '/proc/self/status']))"
    assert inside.run(code) == r"b'NoNewPrivs:\t1\n'"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("'unshare', 0x10000000", "EPERM"),
        ("'unshare', 0x00020000", "EPERM"),
        ("'setns', 0, 0", "EPERM"),
        ("'mount', b'none', b'/tmp', b'tmpfs', 0, None", "EPERM"),
        ("'umount2', b'/tmp', 0", "EPERM"),
        ("'ptrace', 0, 0, 0, 0", "EPERM"),
        ("'process_vm_readv', 1, None, 0, None, 0, 0", "EPERM"),
        ("'personality', 0xffffffff", "EPERM"),
        ("'syscall', 250, 0, 0", "EPERM"),  # keyctl
        ("'syscall', 321, 0, 0, 0", "EPERM"),  # bpf
        ("'syscall', 298, 0, 0, 0, 0, 0", "EPERM"),  # perf_event_open
        ("'syscall', 323, 0", "EPERM"),  # userfaultfd
        ("'syscall', 56, 0x10000011, 0, 0, 0, 0", "EPERM"),  # clone with CLONE_NEWUSER
        ("'syscall', 435, 0, 0", "ENOSYS"),  # clone3
        ("'syscall', 425, 8, 0", "ENOSYS"),  # io_uring_setup
        ("'syscall', 447, 0", "ENOSYS"),  # memfd_secret
        ("'syscall', 319, b'x', 0", "ENOSYS"),  # memfd_create
        ("'syscall', 64, 0, 1, 0o1600", "ENOSYS"),  # semget
        ("'syscall', 68, 0, 0o1600", "ENOSYS"),  # msgget
        ("'syscall', 240, b'x', 0o102, 0o600, 0", "ENOSYS"),  # mq_open
        ("'socketpair', 30, 1, 0, 0", "EAFNOSUPPORT"),  # AF_TIPC
        ("'syscall', 0x40000000 + 39", "ENOSYS"),  # the x32 table
        ("'ioctl', 0, 0x5412, b'x'", "EPERM"),  # TIOCSTI
    ],
)
def test_a_call_that_could_reach_out_is_refused(inside: Kernel, call: str, error: str) -> None:
    if "syscall" in call and os.uname().machine != "x86_64":
        pytest.skip("numbers of x86-64")
    assert printed(inside, f"tried({call})") == error


def test_pidfd_and_io_control_of_others_reach_nothing(inside: Kernel) -> None:
    assert printed(inside, "tried('kill', 1, 9)") == "done"  # init of its own pid namespace: the signal has no effect
    assert inside.run("print('still here')") == "still here"


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("40, socket.SOCK_STREAM", "EAFNOSUPPORT"),  # AF_VSOCK
        ("17, socket.SOCK_RAW, 768", "EAFNOSUPPORT"),  # AF_PACKET
        ("38, socket.SOCK_SEQPACKET", "EAFNOSUPPORT"),  # AF_ALG
        ("16, socket.SOCK_RAW, 12", "EAFNOSUPPORT"),  # AF_NETLINK of netfilter
        ("socket.AF_INET, socket.SOCK_RAW, 1", "EPERM"),
        ("socket.AF_UNIX, socket.SOCK_STREAM", "done"),
    ],
)
def test_only_local_sockets_can_be_made(inside: Kernel, family: str, expected: str) -> None:
    assert printed(inside, f"opened({family})") == expected


@pytest.mark.parametrize("address", ["('192.0.2.1', 80)", "('169.254.169.254', 80)", "('8.8.8.8', 53)"])
@pytest.mark.parametrize("kind", ["STREAM", "DGRAM"])
def test_no_address_can_be_reached(inside: Kernel, kind: str, address: str) -> None:
    assert printed(inside, f"attempt(reach, socket.SOCK_{kind}, {address})") == "ENETUNREACH"


def test_no_name_can_be_looked_up(inside: Kernel) -> None:
    found = inside.run("socket.getaddrinfo('keras.io', 443)")
    assert found.startswith("gaierror: ")


def test_a_server_of_the_machines_own_is_not_there(inside: Kernel) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as hidden:
        hidden.bind(f"\0autograder-test-{os.getpid()}")
        hidden.listen()
        port = server.getsockname()[1]
        assert printed(inside, f"attempt(reach, socket.SOCK_STREAM, ('127.0.0.1', {port}))") != "done"
        code = f"attempt(socket.socket(socket.AF_UNIX).connect, '\\0autograder-test-{os.getpid()}')"
        assert printed(inside, code) == "ECONNREFUSED"


def test_only_its_own_processes_are_in_sight(inside: Kernel) -> None:
    assert set(json.loads(printed(inside, "[int(n) for n in os.listdir('/proc') if n.isdigit()]"))) == {1, 2}


@pytest.mark.parametrize("path", ["environ", "cwd", "root", "mem", "maps", "fd"])
def test_the_process_above_it_lets_nobody_look_in(inside: Kernel, path: str) -> None:
    look = "os.listdir" if path == "fd" else "os.readlink" if path in ("cwd", "root") else "lambda p: open(p).read()"
    assert printed(inside, f"attempt({look}, '/proc/1/{path}')") in ("EACCES", "EPERM")


def test_the_environment_holds_what_we_put_there_and_nothing_of_the_graders(inside: Kernel) -> None:
    found = json.loads(printed(inside, "__import__('json').dumps(dict(os.environ))"))
    ours = set(wall.environment(1, "tensorflow")) | {"HOME", "IPYTHONDIR", "MPLCONFIGDIR", "PWD"}
    # what ipykernel and IPython set for themselves
    of_jupyter = {
        "JPY_PARENT_PID",
        "JPY_SESSION_NAME",
        "TERM",
        "CLICOLOR",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
        "PAGER",
        "GIT_PAGER",
        "MPLBACKEND",
        "PYDEVD_USE_FRAME_EVAL",
        "KMP_DUPLICATE_LIB_OK",
        "KMP_INIT_AT_FORK",
    }
    assert set(found) <= ours | of_jupyter, set(found) - ours - of_jupyter
    assert found["HOME"] == "/home/student"


def test_student_code_begins_in_its_own_folder(slot: Slot) -> None:
    with Kernel(slot) as kernel:
        code = "import os, sys; print(os.getcwd(), os.environ.get('PWD', os.getcwd()), '/run/autograder' in sys.path)"
        assert kernel.run(code) == "/home/student/work /home/student/work False"


def test_modules_beside_the_notebook_can_be_imported_and_hide_none_of_the_library(slot: Slot, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("half = 0.5\n")
    (tmp_path / "json.py").write_text("raise ValueError('not the library')\n")
    with Kernel(slot, tmp_path) as kernel:
        assert kernel.run("import sys, helper, json; print(helper.half, json.dumps(sys.argv[0]))") == (
            '0.5 "ipykernel_launcher.py"'
        )


def test_nothing_of_the_grader_is_left_open(inside: Kernel) -> None:
    code = (
        "for name in os.listdir('/proc/self/fd'):\n"
        "    path = f'/proc/self/fd/{name}'\n"
        "    if os.path.lexists(path): print(os.readlink(path))"
    )
    allowed = (
        "/dev/null",
        "/dev/urandom",
        "/dev/random",
        "/proc/",
        "anon_inode:",
        "pipe:",
        "socket:",
        "/home/student",
        "/tmp",
    )
    opened = inside.run(code).splitlines()
    assert [name for name in opened if not name.startswith(allowed)] == []


@pytest.mark.parametrize(
    "path", ["/", "/usr", "/etc", "/dev", "/run", "/run/kernel", "/run/slot", "/home", "/proc", "/proc/sys/kernel"]
)
def test_nothing_outside_its_disk_can_be_written(inside: Kernel, path: str) -> None:
    assert printed(inside, f"attempt(write, '{path}/canary')") in ("EROFS", "EACCES", "ENOENT", "EPERM")


def test_the_files_of_this_machine_are_not_there(inside: Kernel, tmp_path: Path, slot: Slot) -> None:
    (tmp_path / "labels.npy").write_text("secret")
    for path in (
        tmp_path / "labels.npy",
        slot.warm.folder,
        Path(__file__),
        "/etc/shadow",
        Path.home() / ".ssh",
        "/var",
    ):
        assert printed(inside, f"os.path.exists('{path}')") == "False", path


def test_python_and_its_packages_are_there_read_only(inside: Kernel) -> None:
    assert printed(inside, f"os.path.isdir('{sys.prefix}'), os.access('{sys.prefix}', os.W_OK)") == "(True, False)"


def test_the_connection_can_neither_be_replaced_nor_removed(inside: Kernel) -> None:
    assert printed(inside, "attempt(os.unlink, '/run/kernel/k-1')") == "EROFS"
    assert printed(inside, "attempt(os.symlink, '/etc/passwd', '/run/kernel/other')") == "EROFS"


def test_a_core_dump_is_never_written(inside: Kernel) -> None:
    assert printed(inside, "__import__('resource').getrlimit(4)") == "(0, 0)"


def test_what_people_keep_below_usr_is_out_of_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "PRIVATE", ("/usr/share/doc", "/usr/no/such/folder"))
    with Slot.open(SlotSettings()) as slot, Kernel(slot) as kernel:
        assert kernel.run("import os; print(os.listdir('/usr/share/doc'))") == "[]"
        assert kernel.run("open('/usr/share/doc/canary', 'w')").startswith(("OSError", "PermissionError"))
    assert not wall.in_sight(Path("/usr/share/doc/course"))
    assert not wall.in_sight(tmp_path)
    assert wall.in_sight(Path("/usr/local/courses"))
    assert wall.in_sight(Path(sys.prefix) / "reference")


def test_files_of_packages_that_a_course_hides_cannot_be_read() -> None:
    hide = ("sklearn/datasets/data/digits.csv.gz", "no_such_package/*")
    with Slot.open(SlotSettings(hide=hide)) as slot, Kernel(slot) as kernel:
        refused = kernel.run("import sklearn.datasets\nsklearn.datasets.load_digits()")
        assert refused.startswith("PermissionError"), refused
        assert kernel.run("print(len(sklearn.datasets.load_iris().target))").strip() == "150"
