"""Control groups: tried for real where this machine has them, and on a copy of the files where it has not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.cgroup import ControlGroup, Hierarchy, find_hierarchy, make_control_group, places

MIB = 2**20
USER = 1234
NAME = f"autograder-{os.getpid()}-cgroup-test"
DELEGATED = Path("user.slice/user-7.slice/user@7.service/app.slice")


@pytest.fixture
def group() -> ControlGroup:
    made = make_control_group(NAME, 64 * MIB, 20)
    if made is None:
        pytest.skip("this machine gives us no control group")
    return made


def run_in(group: ControlGroup, code: str) -> int:
    """The exit status of a Python program that joins first."""
    join = f"import os\nfor f in {[str(one) for one in group.joining_files]}: open(f, 'w').write(str(os.getpid()))\n"
    return subprocess.run([sys.executable, "-I", "-c", join + code], check=False).returncode


def test_a_process_of_the_group_that_takes_too_much_is_killed_and_counted(group: ControlGroup) -> None:
    try:
        assert run_in(group, "x = bytearray(16 * 2**20)") == 0
        assert group.memory_kills() == 0
        assert run_in(group, "x = bytearray(128 * 2**20)") == -9
        assert group.memory_kills() == 1
    finally:
        group.remove()
    assert not any(folder.exists() for folder in group.folders)


def test_each_slot_has_an_equal_share_of_the_processors(group: ControlGroup) -> None:
    try:
        if group.version == 1 and find_hierarchy("cpu") is not None:
            assert group.processors is not None
            assert (group.processors / "cpu.shares").read_text().strip() == "1024"
        assert run_in(group, f"assert {group.memory.name!r} in open('/proc/self/cgroup').read()") == 0
        own = "[line for line in open('/proc/self/cgroup') if 'cpu' in line.split(':')[1].split(',')]"
        script = f"assert any({group.memory.name!r} in line for line in {own})"
        assert group.processors is None or run_in(group, script) == 0
    finally:
        group.remove()


def test_the_group_says_where_it_is(group: ControlGroup) -> None:
    group.remove()
    assert group.description == f"cgroup version {group.version}, in {group.memory.parent}"
    assert group.memory.parent in places()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can hand a group on")
def test_an_ordinary_user_makes_groups_in_a_group_that_was_handed_on() -> None:
    hierarchy = find_hierarchy("memory")
    if hierarchy is None:
        pytest.skip("no version 1 memory controller here")
    own = hierarchy.mount / f"{NAME}-handed-on"
    own.mkdir()
    try:
        for file in (own, own / "cgroup.procs"):
            os.chown(file, USER, USER)
        code = (
            "import os\n"
            "from autograder.sandbox.cgroup import make_control_group\n"
            f"open('{own}/cgroup.procs', 'w').write(str(os.getpid()))\n"
            f"os.setgroups([]); os.setgid({USER}); os.setuid({USER})\n"
            f"group = make_control_group('{NAME}', 64 * 2**20, 20)\n"
            f"assert str(group.memory) == '{own}/{NAME}', group\n"
            "assert group.processes is None, 'nobody handed on the other controller'\n"
            "group.remove()\n"
        )
        done = subprocess.run([sys.executable, "-c", code], check=False, stderr=subprocess.PIPE)
        assert done.returncode == 0, done.stderr.decode()
    finally:
        own.rmdir()


def test_version_2_looks_in_the_own_group_and_then_upwards(tmp_path: Path) -> None:
    (tmp_path / "mountinfo").write_text(f"41 31 0:38 / {tmp_path} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n")
    (tmp_path / "cgroup").write_text(f"0::/{DELEGATED}/run-u1.scope\n")
    app = tmp_path / DELEGATED
    (app / "run-u1.scope").mkdir(parents=True)
    found = find_hierarchy("", tmp_path)
    assert found == Hierarchy(2, tmp_path, app / "run-u1.scope")
    assert found.places[:3] == (app / "run-u1.scope", app, app.parent)
    assert found.places[-1] == tmp_path
    assert find_hierarchy("memory", tmp_path) is None


def test_a_group_of_a_container_is_found_below_what_is_mounted_of_it(tmp_path: Path) -> None:
    proc = tmp_path / "proc"
    proc.mkdir()
    (tmp_path / "job").mkdir()
    (proc / "mountinfo").write_text(f"35 31 0:32 /docker/c1 {tmp_path} ro,relatime - cgroup cgroup rw,memory\n")
    (proc / "cgroup").write_text("4:memory:/docker/c1/job\n3:cpu,cpuacct:/\n0::/\n")
    assert find_hierarchy("memory", proc) == Hierarchy(1, tmp_path, tmp_path / "job")
    assert find_hierarchy("pids", proc) is None


def test_without_any_hierarchy_there_is_no_group(tmp_path: Path) -> None:
    (tmp_path / "mountinfo").write_text("23 1 0:20 / / rw - ext4 /dev/root rw\n")
    (tmp_path / "cgroup").write_text("")
    assert make_control_group(NAME, 64 * MIB, 20, proc=tmp_path) is None


def test_a_hierarchy_without_the_memory_controller_gives_no_group(tmp_path: Path) -> None:
    unified = find_hierarchy("")
    if unified is None or "memory" in (unified.mount / "cgroup.controllers").read_text().split():
        pytest.skip("version 2 has the memory controller here, or is not mounted")
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    (tmp_path / "mountinfo").write_text("\n".join(line for line in mounts if " - cgroup2 " in line))
    (tmp_path / "cgroup").write_text("0::/\n")
    assert make_control_group(NAME, 64 * MIB, 20, proc=tmp_path) is None
    assert not (unified.mount / NAME).exists()
