"""The seccomp table against the system's own headers, and the program against a small interpreter."""

from __future__ import annotations

import importlib.util
import re
import struct
from pathlib import Path
from types import ModuleType

import pytest

from autograder.sandbox import wall

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
# names the generic table spells in another way
SPELLINGS = {"umount2": ("umount2", "umount"), "clock_adjtime": ("clock_adjtime",)}


def load_seccomp() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seccomp_inside", wall.INSIDE / "seccomp.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


seccomp = load_seccomp()
CALLS = {**seccomp.REFUSED, **seccomp.ABSENT, **seccomp.WITHOUT_EFFECT}
SPECIAL = ("clone", "socket", "socketpair", "setsockopt", "ioctl", "fcntl")  # their arguments decide


def verdict(machine: str, number: int, arguments: tuple[int, ...] = (0,) * 6, audit: int | None = None) -> int:
    """What the kernel would answer: a classic BPF machine with the six instructions the program is made of."""
    audit = seccomp.ARCHITECTURES[machine]["audit"] if audit is None else audit
    data = struct.pack("<IIQ6Q", number, audit, 0, *arguments)
    code = seccomp.program(machine)
    program = [struct.unpack_from("<HBBI", code, offset) for offset in range(0, len(code), 8)]
    at, register = 0, 0
    while True:
        operation, if_true, if_false, operand = program[at]
        at += 1
        if operation == seccomp.LOAD:
            register = struct.unpack_from("<I", data, operand)[0]
        elif operation == seccomp.RETURN:
            return int(operand)
        else:
            holds = {
                seccomp.JUMP_EQUAL: register == operand,
                seccomp.JUMP_AT_LEAST: register >= operand,
                seccomp.JUMP_ANY_BIT: bool(register & operand),
            }[operation]
            at += if_true if holds else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_numbers_are_those_of_the_systems_header(machine: str) -> None:
    header = HEADERS[machine]
    if not header.exists():
        pytest.skip(f"{header} is not installed (package linux-libc-dev)")
    numbers = {
        name: int(value) for name, value in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    }
    column = seccomp.ARCHITECTURES[machine]["column"]
    ours = {name: found[column] for name, found in CALLS.items() if found[column] is not None}
    ours |= {name: seccomp.ARCHITECTURES[machine][name] for name in SPECIAL}
    wrong = {name: number for name, number in ours.items() if numbers.get(name, number) != number}
    assert wrong == {}
    unknown = {name for name in ours if name not in numbers}
    # younger than the header, or dropped from it
    assert unknown <= {"lookup_dcookie", "memfd_secret", "mount_setattr", "umount2"}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_refused_call_gets_its_error_and_others_pass(machine: str) -> None:
    column = seccomp.ARCHITECTURES[machine]["column"]
    answers = ((seccomp.REFUSED, seccomp.EPERM), (seccomp.ABSENT, seccomp.ENOSYS), (seccomp.WITHOUT_EFFECT, 0))
    for calls, error in answers:
        for name, numbers in calls.items():
            if numbers[column] is not None:
                assert verdict(machine, numbers[column]) == seccomp.ERRNO | error, name
    refused = {numbers[column] for numbers in CALLS.values() if numbers[column] is not None}
    special = {seccomp.ARCHITECTURES[machine][name] for name in SPECIAL}
    for number in range(460):
        if number not in refused | special:
            assert verdict(machine, number) == seccomp.ALLOW, number


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_arguments_decide_on_clone_sockets_ioctl_and_fcntl(machine: str) -> None:
    table = seccomp.ARCHITECTURES[machine]

    def answer(name: str, *arguments: int) -> int:
        return verdict(machine, table[name], (*arguments, 0, 0, 0, 0, 0, 0)[:6])

    assert answer("clone", 0x01200011) == seccomp.ALLOW  # what fork asks for
    assert answer("clone", 0x003D0F00) == seccomp.ALLOW  # what a thread asks for
    for bit in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert answer("clone", 0x11 | bit) == seccomp.ERRNO | seccomp.EPERM
    for family in range(46):
        allowed = family in (1, 2, 10, 16)
        assert answer("socket", family, 1, 0) == (seccomp.ALLOW if allowed else seccomp.ERRNO | seccomp.EAFNOSUPPORT)
        pair = seccomp.ALLOW if family == 1 else seccomp.ERRNO | seccomp.EAFNOSUPPORT
        assert answer("socketpair", family, 1, 0) == pair
    assert answer("socket", 16, 3, 12) == seccomp.ERRNO | seccomp.EAFNOSUPPORT
    assert answer("ioctl", 0, 0x5412) == answer("ioctl", 0, 0x541C) == seccomp.ERRNO | seccomp.EPERM
    assert answer("ioctl", 0, 0x5413) == seccomp.ALLOW
    assert answer("setsockopt", 3, 1, 7) == answer("setsockopt", 3, 1, 32) == seccomp.ERRNO | 0
    for level, option in ((1, 2), (1, 8), (6, 7), (6, 32), (41, 7)):
        assert answer("setsockopt", 3, level, option) == seccomp.ALLOW
    for command in (5, 36, 1024, 1026):  # what others have locked or do, asked of a file that both see
        assert answer("fcntl", 3, command) == seccomp.ERRNO | seccomp.EINVAL
    for command in (0, 1, 2, 3, 4, 6, 7, 37, 38, 1030, 1031):
        assert answer("fcntl", 3, command) == seccomp.ALLOW


def test_calls_of_another_architecture_kill_and_of_the_x32_table_are_absent() -> None:
    assert verdict("x86_64", 1, audit=0x40000003) == seccomp.KILL_PROCESS  # i386
    assert verdict("x86_64", 0x40000000 | 165) == seccomp.ERRNO | seccomp.ENOSYS


def test_a_machine_without_a_table_is_refused() -> None:
    with pytest.raises(OSError, match="expected an x86_64 or aarch64 machine for the seccomp filter, found riscv64"):
        seccomp.program("riscv64")
