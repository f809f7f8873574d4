"""Limits, tried by student code that breaks them."""

from __future__ import annotations

import textwrap
import time

import pytest

from autograder.errors import StudentFault
from autograder.sandbox import Limits, Slot, SlotSettings
from autograder.sandbox.guard import MemoryGuard, resident_bytes
from tests.sandbox.conftest import SMALL
from tests.sandbox.kernels import Kernel

MIB = 2**20


def test_too_large_an_array_is_a_memory_error_and_the_kernel_lives(kernel: Kernel) -> None:
    assert kernel.run("import numpy\nx = numpy.ones(2**27)").startswith("MemoryError")
    assert kernel.run("y = bytearray(2**30)").startswith("MemoryError")
    assert kernel.run("print('alive')") == "alive"


def test_processes_that_use_too_much_memory_together_are_ended(slot: Slot) -> None:
    if slot.protection.level != "strong":
        pytest.skip("without a control group, memory is bounded per process and watched from outside")
    with Kernel(slot) as kernel:
        # the largest process goes first: the notebook's own, and the others with it
        code = """
        import os, time
        read, write = os.pipe()
        for _ in range(17):
            if os.fork() == 0:
                keep = b"x" * (100 * 2**20)
                os.write(write, b"x")
                time.sleep(60)
        for _ in range(17):
            os.read(read, 1)
        keep = [b"x" * (10 * 2**20) for _ in range(35)]
        time.sleep(60)
        """
        kernel.client.execute(textwrap.dedent(code))
        assert kernel.ended() == 128 + 9
        assert kernel.current.killed_for_memory
        with pytest.raises(StudentFault, match="used more than its 512 MiB of memory and was ended"):
            kernel.process.ask("ping", {}, seconds=5)
    with Kernel(slot) as kernel:  # the warm process was spared, and the next student is not blamed
        assert kernel.run("print('next')") == "next"
        kernel.client.execute("import os; os.kill(os.getpid(), 9)")
        assert kernel.ended() == 128 + 9
        assert not kernel.current.killed_for_memory


def test_what_waits_in_sockets_counts_as_memory(slot: Slot) -> None:
    code = """
    import os, socket, time
    def fill():
        keep = [end for _ in range(450) for end in socket.socketpair()]
        for one in keep:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**30)
            one.setblocking(False)
            try:
                while True: one.send(bytes(2**12))
            except BlockingIOError: pass
        time.sleep(60)
    for _ in range(24):
        if os.fork() == 0:
            fill()
    time.sleep(60)
    """
    with Kernel(slot) as kernel:
        kernel.client.execute(textwrap.dedent(code))
        deadline = time.monotonic() + 20
        while not slot.memory_kills(kernel.current) and time.monotonic() < deadline:
            slot.poll(kernel.current)
            time.sleep(0.05)
        assert slot.memory_kills(kernel.current) > 0


def test_a_process_too_many_is_refused(kernel: Kernel) -> None:
    code = """
    import os, time
    count = 0
    try:
        while count < 500:
            if os.fork() == 0:
                time.sleep(60)
            count += 1
    except OSError as error:
        print(type(error).__name__, count < 64)
    """
    assert kernel.run(code) == "BlockingIOError True"


def test_a_thread_too_many_is_refused(kernel: Kernel) -> None:
    code = """
    import threading
    done = threading.Event()
    try:
        for count in range(500):
            threading.Thread(target=done.wait).start()
    except RuntimeError as error:
        print(error)
    done.set()
    """
    assert kernel.run(code) == "can't start new thread"


def test_one_file_has_a_largest_size(kernel: Kernel) -> None:
    assert kernel.run("open('/tmp/large', 'wb').write(bytes(9 * 2**20))") == "OSError: [Errno 27] File too large"
    assert kernel.run("open('/tmp/sparse', 'wb').truncate(2**40)") == "OSError: [Errno 27] File too large"
    assert kernel.run("print('alive')") == "alive"


def test_the_whole_disk_has_a_size_however_many_folders_it_is_seen_through(kernel: Kernel) -> None:
    code = """
    total = 0
    try:
        for number in range(9):
            for folder in ("/tmp", "/dev/shm", "/home/student/work"):
                total += open(f"{folder}/{number}", "wb", buffering=0).write(bytes(2**20))
    except OSError as error:
        print(error.strerror)
    print(total <= 16 * 2**20)
    """
    assert kernel.run(code) == "No space left on device\nTrue"


def test_there_is_a_number_of_files(kernel: Kernel) -> None:
    code = """
    try:
        for number in range(1000):
            open(f"/tmp/{number}", "w").close()
    except OSError as error:
        print(error.strerror, number <= 200)
    """
    assert kernel.run(code) == "No space left on device True"


def test_deep_recursion_is_an_error_of_the_students(kernel: Kernel) -> None:
    assert kernel.run("def down(): down()\ndown()").startswith("RecursionError")


def test_asking_for_input_is_an_error_and_no_wait(kernel: Kernel) -> None:
    message = kernel.client.execute("input('Name?')", allow_stdin=False)
    reply = kernel.wait(kernel.client.get_shell_msg(timeout=20))
    while reply["parent_header"].get("msg_id") != message:
        reply = kernel.wait(kernel.client.get_shell_msg(timeout=20))
    assert reply["content"]["ename"] == "StdinNotImplementedError"


def test_a_message_above_the_cap_ends_the_line_and_not_the_grader(slot: Slot) -> None:
    before = resident_bytes()
    with Kernel(slot) as kernel:
        assert not kernel.client.hung_up
        kernel.client.execute("from IPython.display import display\ndisplay({'text/plain': 'x' * 2**26}, raw=True)")
        deadline = time.monotonic() + 20
        while not kernel.client.hung_up and time.monotonic() < deadline:
            time.sleep(0.05)
        assert kernel.client.hung_up
        assert not kernel.wait(kernel.client._async_is_alive())
        assert kernel.process.alive
    assert resident_bytes() - before < 32 * MIB


def test_a_flood_of_messages_below_the_cap_ends_the_run_before_it_fills_the_grader(slot: Slot) -> None:
    before = resident_bytes()
    with Kernel(slot) as kernel, MemoryGuard(slot, kernel.current, allowance_bytes=64 * MIB) as guard:
        # in the thread that the socket belongs to: used from two at a time, it aborts the kernel, or hangs it
        flood = """
        thread = get_ipython().kernel.iopub_thread
        frames = [bytes(2**22)] * 2000
        def flood():
            while True:
                thread.socket.send_multipart(frames)
        thread.schedule(flood)
        """
        kernel.client.execute(textwrap.dedent(flood))
        assert kernel.ended() == 128 + 9
        assert guard.tripped
    assert resident_bytes() - before < 3000 * MIB


def test_the_limits_that_the_system_enforces_follow_from_the_settings() -> None:
    assert SMALL.rlimits() == {"DATA": 512 * MIB, "NPROC": 64, "FSIZE": 8 * MIB, "NOFILE": 1024, "CORE": 0}
    assert Limits().rlimits()["DATA"] == 3072 * MIB


def test_limits_do_not_carry_over_from_the_grader_or_to_it(kernel: Kernel) -> None:
    limits = kernel.run("import resource as r; print(r.getrlimit(r.RLIMIT_DATA), r.getrlimit(r.RLIMIT_NOFILE))")
    assert limits == f"({512 * MIB}, {512 * MIB}) (1024, 1024)"
    assert kernel.run("r.setrlimit(r.RLIMIT_DATA, (2**40, 2**40))").startswith("ValueError: not allowed to raise")


@pytest.mark.parametrize("path", ["/proc/self/oom_score_adj"])
def test_the_student_goes_first_when_memory_runs_out(kernel: Kernel, path: str) -> None:
    assert kernel.run(f"print(open('{path}').read())") == "1000"


def test_a_slot_of_other_limits_takes_them() -> None:
    other = SlotSettings(limits=Limits(memory_mib=256, processes=32), preload=(), number=1)
    with Slot.open(other) as slot, Kernel(slot) as kernel:
        assert kernel.run("import resource as r; print(r.getrlimit(r.RLIMIT_DATA)[0])") == str(256 * MIB)


def test_a_run_that_holds_every_process_it_may_have_leaves_room_for_a_clean_one_beside_it(slot: Slot) -> None:
    with Kernel(slot) as full:
        full.run("""
            import threading
            threading.stack_size(2**16)
            try:
                while True:
                    threading.Thread(target=threading.Event().wait, daemon=True).start()
            except RuntimeError as error:
                print(error)
        """)
        with Kernel(slot) as clean:
            assert clean.run("print(6 * 7)") == "42"
