"""Group D: the network and the system. What is not allowed is refused with an error, and the run goes on.

Number 50, two submissions that work together, is tried in test_together.py.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.adversarial.case import Case, Edit, Outcome, all_of, answer, append, before, scores, unaffected, zero

Expect = Callable[[Outcome], None]

# Tries everything in `attempts` (a dict of functions by name) and tells which of them were not refused.
TELL = """
held, through = [], []
for name, attempt in attempts.items():
    try:
        through.append(f"{name}: {attempt()!r}")
    except Exception as error:
        held.append(name)
print(len(held), "refused; through:", through)
"""
# Calls the system by number: the error's name, or an exception that says it went through.
CALL = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
"""


def attempts(source: str) -> Edit:
    """Behind an honest answer, try what the source's dict `attempts` holds."""
    return append("scale", f"{source}\n{TELL}")


def all_refused(number: int) -> Expect:
    """Expect that each of so many attempts was refused, and that the marks are the honest ones."""

    def told(outcome: Outcome) -> None:
        assert f"{number} refused; through: []" in outcome.outputs, outcome.outputs[:3000]

    return all_of(unaffected, told)


def no_network(outcome: Outcome) -> None:
    """Expect the sentence that says where data has to lie."""
    assert "no" in outcome.limits.get("network", ""), str(outcome)
    assert "beside the notebook" in outcome.limits["network"]
    assert outcome.limits["network"][:30] in outcome.page.replace("<code>", "`").replace("</code>", "`"), outcome.page


CONNECTIONS = """
import socket, urllib.request
def connect(family, kind, address):
    with socket.socket(family, kind) as one:
        one.settimeout(2)
        one.connect(address)
        return one.send(b"x")
def echo():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as one:
        return one.sendto(b"\\x08\\0\\0\\0\\0\\0\\0\\0", ("192.0.2.1", 0))
attempts = {
    "tcp": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
    "tcp over 6": lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::1", 80)),
    "udp": lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
    "the host itself": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 22)),
    "dns": lambda: socket.getaddrinfo("example.org", 80),
    "icmp": echo,
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    "the cloud's metadata": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("169.254.169.254", 80)),
    "a page": lambda: urllib.request.urlopen("http://example.org/", timeout=2),
}
"""
FAMILIES = """
import os, socket
attempts = {
    "vsock": lambda: socket.socket(40, socket.SOCK_STREAM),
    "packet": lambda: socket.socket(17, socket.SOCK_RAW),
    "crypto of the kernel": lambda: socket.socket(38, socket.SOCK_SEQPACKET),
    "bluetooth": lambda: socket.socket(31, socket.SOCK_RAW),
    "netlink audit": lambda: socket.socket(16, socket.SOCK_RAW, 9),
    "tipc": lambda: socket.socket(30, socket.SOCK_SEQPACKET),
    "pair of tipc": lambda: socket.socketpair(30, socket.SOCK_SEQPACKET),
    "xdp": lambda: socket.socket(44, socket.SOCK_RAW),
    "docker": lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock"),
    "bus": lambda: socket.socket(socket.AF_UNIX).connect("/run/dbus/system_bus_socket"),
    "the display's abstract name": lambda: socket.socket(socket.AF_UNIX).connect("\\0/tmp/.X11-unix/X0"),
    "any abstract name": lambda: [
        socket.socket(socket.AF_UNIX).connect("\\0" + line.split("@", 1)[1].strip())
        for line in open("/proc/net/unix") if "@" in line
    ][0],
}
"""
SYSTEM = """
import fcntl, subprocess, sys, termios
own = os.getpid()
def run(*words):
    return subprocess.run(words, check=True, capture_output=True, timeout=3)
def raised():
    if os.getuid() == 0 or os.geteuid() == 0: return "root"
    raise OSError("not root")
attempts = {
    "unshare user": lambda: call(272, 0x10000000),
    "unshare mount": lambda: call(272, 0x00020000),
    "clone into namespaces": lambda: call(56, 0x10000000 | 17, 0, 0, 0, 0),
    "clone3": lambda: call(435, 0, 0),
    "join a namespace": lambda: call(308, os.open("/proc/1/ns/net", os.O_RDONLY), 0),
    "mount": lambda: call(165, b"none", b"/tmp", b"tmpfs", 0, 0),
    "new mount": lambda: call(430, b"tmpfs", 0),
    "unmount": lambda: call(166, b"/tmp", 2),
    "change root": lambda: call(161, b"/tmp"),
    "pivot": lambda: call(155, b"/tmp", b"/tmp"),
    "ptrace parent": lambda: call(101, 16, 1, 0, 0),
    "read another's memory": lambda: call(310, 1, 0, 0, 0, 0, 0),
    "open another's memory": lambda: open("/proc/1/mem", "rb").read(1),
    "bpf": lambda: call(321, 0, 0, 0),
    "keyctl": lambda: call(250, 0, -3, 0),
    "add a key": lambda: call(248, b"user", b"x", b"x", 1, -3),
    "io_uring": lambda: call(425, 1, 0),
    "userfaultfd": lambda: call(323, 0),
    "perf": lambda: call(298, 0, 0, -1, -1, 0),
    "load a module": lambda: call(313, 0, b"", 0),
    "personality": lambda: call(135, 0x0040000),
    "open by handle": lambda: call(304, 0, 0, 0),
    "take another's file": lambda: call(438, 0, 0, 0),
    "set the clock": lambda: call(227, 0, 0),
    "fake input of a terminal": lambda: fcntl.ioctl(0, termios.TIOCSTI, b"x"),
    "a group's terminal": lambda: fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x541C, b"x"),
    "become root": lambda: os.setuid(0),
    "su": lambda: run("su", "-c", "id"),
    "sudo": lambda: run("sudo", "-n", "id"),
    "mount as a program": lambda: run("mount", "-t", "tmpfs", "none", "/tmp"),
    "write to a setting of the kernel": lambda: os.write(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY), b"x"),
    "trigger": lambda: os.write(os.open("/proc/sysrq-trigger", os.O_WRONLY), b"?"),
    "a disk": lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0)),
    "memory of the machine": lambda: open("/dev/mem", "rb"),
    "raise a limit": lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_NPROC, (9999, 9999)),
    "go up in priority": lambda: os.nice(-5),
    "be spared when memory runs out": lambda: os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000"),
    "write to the system": lambda: open("/usr/lib/x", "w"),
    "write to Python": lambda: open(os.__file__, "a"),
    "write to a control group": lambda: open("/sys/fs/cgroup/memory/cgroup.procs", "w").write("1"),
    "i386 calls": raised,
}
"""
INSTALL = """
import subprocess, sys
done = subprocess.run([sys.executable, "-m", "pip", "install", "--retries", "0", "--timeout", "1", "tinynumpy"],
                      capture_output=True, text=True)
print("pip ended with", done.returncode)
"""

CASES: tuple[Case, ...] = (
    Case(
        47,
        "D",
        "no connection of any kind leaves the sandbox",
        attempts(CONNECTIONS),
        all_refused(9),
    ),
    Case(
        47,
        "D",
        "an answer that needs the network is told where data has to lie",
        before(
            "scale", "import urllib.request\nurllib.request.urlretrieve('https://example.org/data.npz', 'data.npz')"
        ),
        all_of(zero("scale", "network"), no_network),
    ),
    Case(
        47,
        "D",
        "a download that no answer depends on costs nothing",
        append("scale", "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=2)"),
        all_of(unaffected, no_network),
    ),
    Case(
        47,
        "D",
        "a function that asks the network when it is asked costs its question",
        answer("scale", "import socket\n\ndef scale(values):\n    socket.create_connection(('192.0.2.1', 80))"),
        zero("scale", "Network is unreachable"),
    ),
    Case(
        47,
        "D",
        "installing a package fails and costs nothing",
        append("scale", INSTALL),
        all_of(unaffected, lambda outcome: _shows(outcome, "pip ended with 1")),
    ),
    Case(
        47,
        "D",
        "data sets that Keras would download are told of as the network that is not there",
        answer("learn", "(images, labels), _ = keras.datasets.mnist.load_data()"),
        all_of(scores(learn=0.0, saved=0.0), no_network),
        keras=True,
    ),
    Case(
        48,
        "D",
        "families of sockets that reach past the sandbox are refused, and sockets of others are not there",
        attempts(FAMILIES),
        all_refused(12),
    ),
    Case(
        49, "D", "calls that would change or look into the system are refused", attempts(CALL + SYSTEM), all_refused(41)
    ),
)


def _shows(outcome: Outcome, text: str) -> None:
    assert text in outcome.outputs, outcome.outputs[:3000]
