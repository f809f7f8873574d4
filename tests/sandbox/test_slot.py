"""A slot's life: it starts, runs one submission after the other, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from jupyter_client.channels import HBChannel

from autograder.errors import SandboxUnavailable, SlotLost, StudentFault
from autograder.sandbox import Slot, SlotSettings, wall
from autograder.sandbox.cgroup import places
from autograder.sandbox.doctor import examine
from autograder.sandbox.warm import advice
from tests.sandbox.conftest import SMALL
from tests.sandbox.kernels import Kernel, descendants

BARE = SlotSettings(limits=SMALL, preload=(), number=1)


@pytest.fixture
def folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's slots make their folders; the names of sockets are short."""
    folder = tmp_path_factory.mktemp("s")
    folder.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def groups() -> list[Path]:
    return [group for place in places() for group in place.glob(f"autograder-{os.getpid()}-1")]


def mounts() -> int:
    return len(Path("/proc/self/mountinfo").read_text().splitlines())


def test_a_closed_slot_leaves_no_process_mount_folder_or_group_behind(folders: Path) -> None:
    before, mounted = descendants(os.getpid()), mounts()
    with Slot.open(BARE) as slot:
        with Kernel(slot) as kernel:
            assert kernel.run("print(6 * 7)") == "42"
        if slot.protection.level == "strong":
            assert groups()
    assert descendants(os.getpid()) == before
    assert mounts() == mounted
    assert list(folders.iterdir()) == []
    assert groups() == []


def test_an_error_while_a_slot_is_used_leaves_nothing_behind_either(folders: Path) -> None:
    before = descendants(os.getpid())
    with pytest.raises(ZeroDivisionError), Slot.open(BARE) as slot, Kernel(slot):
        1 / 0  # noqa: B018
    assert descendants(os.getpid()) == before
    assert list(folders.iterdir()) == []


def test_a_module_that_is_not_installed_is_named_and_missed_by_nobody_but_who_imports_it() -> None:
    settings = SlotSettings(limits=SMALL, preload=("no_such_module",), number=1)
    with Slot.open(settings) as slot, Kernel(slot) as kernel:
        assert slot.missing == ("no_such_module",)
        assert kernel.run("import no_such_module") == "ModuleNotFoundError: No module named 'no_such_module'"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("bwrap: setting up uid map: Permission denied", "user.max_user_namespaces above 0"),
        ("bwrap: No permissions to create new namespace, likely because the kernel", "in a container allow nested"),
        ("bwrap: Creating new namespace failed: Operation not permitted", "in a container allow nested"),
        ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "an uncovered /proc"),
        ("PermissionError: mount proc on /proc: Operation not permitted (in mount)", "an uncovered /proc"),
        ("anything else", "`autograder doctor` tries each part"),
    ],
)
def test_what_a_system_forbids_comes_with_what_to_do(said: str, told: str) -> None:
    assert told in advice(said)


def test_a_module_that_breaks_when_preloaded_is_named() -> None:
    settings = SlotSettings(limits=SMALL, preload=("antigravity.nothing",), number=1)
    with pytest.raises(SandboxUnavailable, match=r"No module named 'antigravity\.nothing'"), Slot.open(settings):
        pass


def test_without_bubblewrap_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(SandboxUnavailable, match=r"found none; install it .*apt-get install bubblewrap"),
        Slot.open(BARE),
    ):
        pass


def test_a_temporary_folder_whose_name_is_too_long_for_sockets_is_refused(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = folders / ("long" * 20)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with pytest.raises(SandboxUnavailable, match="set TMPDIR to a shorter one"), Slot.open(BARE):
        pass
    assert list(deep.iterdir()) == []


def test_a_later_run_finds_nothing_of_an_earlier_one(slot: Slot) -> None:
    with Kernel(slot) as kernel:
        leave = """
        import builtins, os, subprocess
        for folder in ("/tmp", "/dev/shm", "/home/student", "/home/student/work"):
            open(f"{folder}/left", "w").write("x")
        builtins.left = 1
        os.environ["LEFT"] = "1"
        print(subprocess.Popen(["sleep", "1000"], start_new_session=True).pid > 0)
        """
        assert kernel.run(leave) == "True"
    with Kernel(slot) as kernel:
        look = """
        import builtins, os
        print([f for f in ("/tmp", "/dev/shm", "/home/student", "/home/student/work") if os.path.exists(f"{f}/left")])
        print(hasattr(builtins, "left"), "LEFT" in os.environ, len([n for n in os.listdir("/proc") if n.isdigit()]))
        """
        assert kernel.run(look) == "[]\nFalse False 2"


def test_runs_side_by_side_do_not_see_each_other(slot: Slot) -> None:
    with Kernel(slot) as one, Kernel(slot) as other:
        assert one.run("import os\nopen('/tmp/mine', 'w').write('x')\nprint(os.listdir('/proc').count('3'))") == "0"
        assert one.current.folder != other.current.folder
        look = (
            "import os; print(os.path.exists('/tmp/mine'), os.listdir('/run/slot'), sorted(os.listdir('/run/kernel')))"
        )
        seen = other.run(look)
        assert seen.startswith("False [] ['files'")
        # the same abstract socket name and System V key, each in a world of its own
        bind = "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\\0meet'); print('bound')"
        assert (one.run(bind), other.run(bind)) == ("bound", "bound")


def test_files_lie_beside_the_notebook_and_links_stay_behind(slot: Slot, tmp_path: Path) -> None:
    source, secret = tmp_path / "submission", tmp_path / "labels.csv"
    (source / "tables").mkdir(parents=True)
    secret.write_text("secret")
    (source / "data.csv").write_text("1,2")
    (source / "tables" / "more.csv").write_text("3,4")
    (source / "link.csv").symlink_to(secret)
    (source / "folder").symlink_to(tmp_path)
    (source / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(source / "pipe")
    with Kernel(slot, files=source) as kernel:
        look = """
        import os
        print(sorted(os.path.relpath(os.path.join(f, n)) for f, fs, ns in os.walk(".") for n in [*fs, *ns]))
        open("data.csv", "a").write(",5")
        print(open("data.csv").read(), os.access("tables/more.csv", os.W_OK))
        """
        assert kernel.run(look) == "['data.csv', 'tables', 'tables/more.csv']\n1,2,5 True"
        staged = kernel.current.folder
        assert staged.exists()
    assert not staged.exists()
    assert (source / "data.csv").read_text() == "1,2"


def test_more_files_than_the_disk_holds_are_a_fault_of_the_set_up(slot: Slot, tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(bytes(17 * 2**20))
    with pytest.raises(SlotLost, match="expected at most 16 MiB of files beside the notebook, found more"):
        Kernel(slot, files=tmp_path).__enter__()


def test_files_beside_the_notebook_do_not_configure_the_kernel(slot: Slot, tmp_path: Path) -> None:
    for name in ("ipython_config.py", "ipython_kernel_config.py", "sitecustomize.py", "numpy.py", "json.py"):
        (tmp_path / name).write_text("open('/tmp/ran', 'w')")
    with Kernel(slot, files=tmp_path) as kernel:
        assert kernel.run("import os, json, numpy; print(os.path.exists('/tmp/ran'))") == "False"


def test_an_interrupt_stops_the_cell_and_spares_the_kernel(kernel: Kernel) -> None:
    message = kernel.client.execute("x = 1\nwhile True: pass")
    time.sleep(0.5)
    kernel.slot.signal(kernel.current, signal.SIGINT)
    reply = kernel.wait(kernel.client.get_shell_msg(timeout=20))
    while reply["parent_header"].get("msg_id") != message:
        reply = kernel.wait(kernel.client.get_shell_msg(timeout=20))
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.run("print(x)") == "1"


def test_an_interrupt_for_a_kernel_that_is_idle_does_not_hit_the_next_cell(kernel: Kernel) -> None:
    for number in range(40):  # a relayed signal that nobody waits for hit one cell in ten
        kernel.slot.signal(kernel.current, signal.SIGINT)
        assert kernel.run(f"print({number} + sum(range(100_000)) * 0)") == str(number)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("import os; os._exit(0)", 0),
        ("import os; os._exit(3)", 3),
        ("import os; os.kill(os.getpid(), 9)", 128 + 9),
        ("import ctypes; ctypes.string_at(0)", 128 + 11),
        ("import os; os.abort()", 128 + 6),
    ],
)
def test_the_end_of_a_kernel_is_told_with_its_status(kernel: Kernel, code: str, status: int) -> None:
    kernel.client.execute(code)
    assert kernel.ended() == status
    assert not kernel.current.killed_for_memory
    with pytest.raises(StudentFault, match="the notebook's process"):
        kernel.process.ask("ping", {}, seconds=5)


def test_no_thread_listens_for_a_heartbeat_that_a_dead_kernel_would_leave_hanging(kernel: Kernel) -> None:
    assert [thread for thread in threading.enumerate() if isinstance(thread, HBChannel)] == []
    assert kernel.run("print('alive')") == "alive"


def test_a_killed_run_takes_its_daemons_along(slot: Slot) -> None:
    before = descendants(os.getpid())
    with Kernel(slot) as kernel:
        code = "import subprocess\nfor _ in range(5): subprocess.Popen(['sleep', '999'], start_new_session=True)"
        assert kernel.run(code) == ""
        assert len(descendants(os.getpid())) > len(before) + 5
        slot.kill(kernel.current)
        assert kernel.current.status == 128 + 9
    assert len(descendants(os.getpid())) == len(before)


def test_a_kernel_cannot_signal_its_way_out(kernel: Kernel) -> None:
    code = """
    import os, signal
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for target in (1, -1):
        try: os.kill(target, 9)
        except OSError as error: print(error.strerror)
    print("alive")
    """
    assert kernel.run(code).endswith("alive")
    kernel.slot.kill(kernel.current)
    assert kernel.current.status == 128 + 9


def test_a_slot_that_is_killed_is_lost_and_says_so(folders: Path) -> None:
    with Slot.open(BARE) as slot, Kernel(slot) as kernel:
        os.kill(slot.warm._process.pid, signal.SIGKILL)
        slot.warm._process.wait()
        assert slot.lost
        with pytest.raises(SlotLost, match="expected the slot to live, it ended while a question was open"):
            kernel.process.ask("ping", {}, seconds=5)
        with pytest.raises(SlotLost, match=r"received nothing: exit status -9|expected a slot that listens"):
            slot.start_kernel(slot.new_run(), kernel.current.folder / "kernel.json", 0, {})
    assert list(folders.iterdir()) == []


def test_a_stopped_kernel_is_ended_all_the_same(kernel: Kernel) -> None:
    kernel.client.execute("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)")
    time.sleep(0.3)
    begun = time.monotonic()
    kernel.slot.kill(kernel.current)
    assert time.monotonic() - begun < 5


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives each slot a user of its own")
def test_as_root_each_slot_has_a_user_of_its_own() -> None:
    assert [wall.slot_uid(number) for number in (0, 1, 499, 500)] == [65000, 65001, 65499, 65000]
    with Slot.open(BARE) as slot, Kernel(slot) as kernel:
        assert kernel.run("import os; print(os.getuid(), os.path.expanduser('~student'))") == "65001 /home/student"


def test_without_walls_only_on_demand_and_marked_as_such() -> None:
    with Slot.open(SlotSettings(limits=SMALL, preload=(), sandboxed=False, number=1)) as slot, Kernel(slot) as kernel:
        assert (slot.protection.level, slot.protection.holds) == ("none", {})
        assert kernel.run("print(6 * 7)") == "42"
        folder = kernel.current.folder
        ours = own_processes(kernel)
    assert not folder.exists()
    assert still_running(ours) == []


@pytest.mark.parametrize("end", ["the kernel ends itself", "the run is killed", "the slot is closed"])
def test_without_walls_a_run_takes_its_processes_along_too(end: str) -> None:
    with Slot.open(SlotSettings(limits=SMALL, preload=(), sandboxed=False, number=1)) as slot, Kernel(slot) as kernel:
        notebook, *started = own_processes(kernel)
        if end == "the run is killed":
            slot.kill(kernel.current)
        elif end == "the slot is closed":
            slot.close()
        else:
            kernel.client.execute("import os; os._exit(0)")
            assert kernel.ended() == 0
        assert still_running([notebook, *started]) == []


def own_processes(kernel: Kernel) -> list[int]:
    """The notebook's process, and two that it has started: their ids are ours where there are no walls.

    The second has left its process group, its session and its parent.
    """
    code = """
    import os, subprocess
    shell = ["setsid", "sh", "-c", "sleep 300 > /dev/null 2>&1 & echo $!"]
    daemon = subprocess.run(shell, stdout=subprocess.PIPE, text=True)
    print(os.getpid(), subprocess.Popen(["sleep", "300"]).pid, daemon.stdout)
    """
    return [int(word) for word in kernel.run(code).split()]


def still_running(pids: Iterable[int]) -> list[int]:
    """Which of these processes have not ended a moment later."""
    deadline = time.monotonic() + 10
    while running := [pid for pid in pids if is_running(pid)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return running


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_program_that_only_calls_itself_bwrap_is_no_bubblewrap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in = tmp_path / "bwrap"
    stand_in.write_text("#!/bin/sh\necho 'true (GNU coreutils) 9.1'\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (finding,) = (one for one in examine(SMALL, ()).findings if one.name == "bubblewrap")
    assert not finding.holds
    assert finding.detail.startswith(f"expected {stand_in} to be bubblewrap, it says 'true (GNU coreutils) 9.1'")
