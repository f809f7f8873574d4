"""One notebook in a slot: what its limits cost, and in which words."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.checks import Student
from autograder.sandbox import Slot, SlotSettings
from tests.grading.executions import LIMITS, RIGHT, at_most, check, doubles, half, only, run, sentences, shown
from tests.slots import opened


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    with opened(SlotSettings(limits=LIMITS, preload=("numpy",))) as made:
        yield made


TOO_LONG = "Cell `cell 1` used more than its 2 s and was stopped. Is there a loop that never ends?"


def test_a_cell_that_has_to_wait_for_a_processor_is_not_blamed_for_it(slot: Slot) -> None:
    # one processor for the kernel and for a process that never rests: 1.2 s of work take longer than the limit of 2 s
    allowed = os.sched_getaffinity(slot.warm.pid)
    processor = {min(allowed)}
    hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    os.sched_setaffinity(hog.pid, processor)
    os.sched_setaffinity(slot.warm.pid, processor)
    try:
        work = "import time\nend = time.process_time() + 1.2\nwhile time.process_time() < end: pass\nprint('done')"
        found = run(slot, work, RIGHT, checks=[check(doubles)])
    finally:
        os.sched_setaffinity(slot.warm.pid, allowed)
        hog.kill()
        hog.wait()
    assert (shown(found, 0), sentences(found), only(found).verdict) == ("done", [], "passed")


@pytest.mark.parametrize("loop", ["while True: pass", "import time; time.sleep(10**9)"])
def test_an_endless_cell_is_stopped_and_the_rest_runs(slot: Slot, loop: str) -> None:
    found = run(slot, f"{RIGHT}\nprint('partial')\n{loop}", checks=[check(doubles)])
    assert sentences(found) == [("cell_seconds", TOO_LONG)]
    assert found.cell_seconds["cell 1"] < at_most(2)
    assert shown(found, 0).startswith("partial\nKeyboardInterrupt: ")
    assert (only(found).verdict, shown(found)) == ("passed", "after")


def test_a_question_that_misses_what_an_endless_cell_was_to_define_says_that_a_limit_stopped_it(slot: Slot) -> None:
    found = run(slot, f"while True: pass\n{RIGHT}", checks=[check(doubles)])
    assert only(found).hint == "Look at cell `cell 1` first: it was stopped at a limit, before it was done."


@pytest.mark.parametrize(
    "loop",
    [
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "import time\nwhile True:\n    try: time.sleep(1)\n    except BaseException: pass",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "import hashlib; hashlib.pbkdf2_hmac('sha256', b'x', b'y', 10**9)",  # one long call into C
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    ],
)
def test_a_cell_that_cannot_be_stopped_is_ended_in_time(slot: Slot, loop: str) -> None:
    found = run(slot, f"{RIGHT}\n{loop}", checks=[check(doubles)])
    assert sentences(found) == [("cell_seconds", f"{TOO_LONG} The other cells were run again without it.")]
    assert found.cell_seconds["cell 1"] < at_most(2)
    assert shown(found, 0).startswith(
        ("NotRun: cell `cell 1` could not be stopped", "NotRun: cell `cell 1` had started")
    )
    assert only(found).hint.startswith("Look at cell `cell 1` first: cell `cell 1` ")
    assert shown(found) == "after"


def test_the_whole_notebook_has_its_time_too(slot: Slot) -> None:
    limits = LIMITS.model_copy(update={"cell_seconds": 20.0, "total_seconds": 3.0})
    begun = time.monotonic()
    found = run(slot, "import time; time.sleep(1)", "time.sleep(60)", checks=[check(half)], limits=limits)
    assert time.monotonic() - begun < at_most(3)
    assert sentences(found) == [
        (
            "total_seconds",
            "The notebook used more than its 3 s in total; it was stopped at cell `cell 2`. "
            "Train for fewer epochs, or on less.",
        )
    ]
    assert shown(found) == "NotRun: the notebook had used up its 3 s"
    assert only(found).fraction == 0.5  # what was done until then is judged
    assert any(output.output_type == "error" for output in found.notebook.cells[1].outputs)


def test_a_question_that_takes_too_long_fails_its_check_and_spares_the_next(slot: Slot) -> None:
    slow = "import time\ndef double(x): time.sleep(60)"
    found = run(slot, slow, checks=[check(doubles, seconds=1.0), check(half)]).verdicts["tests"]
    assert found[0].message == "expected an answer within 1 s, received none"
    assert found[1].fraction == 0.5


def test_too_much_memory_is_named(slot: Slot) -> None:
    found = run(slot, "import numpy as np\nx = np.ones(10**9)", checks=[check(half)])
    assert sentences(found) == [
        (
            "memory",
            "Cell `cell 1` asked for more than its 512 MiB of memory. Work on smaller arrays, or on one batch after "
            "the other.",
        )
    ]
    assert shown(found) == "after"


def test_too_much_disk_is_named(slot: Slot) -> None:
    found = run(slot, "for i in range(9): open(str(i), 'wb').write(bytes(2**22))", "open('x', 'wb').truncate(2**30)")
    assert sentences(found) == [
        (
            "disk",
            "Cell `cell 1` wrote more than the 16 MiB of disk, or made more than the 20000 files, there are for "
            "everything together. Write less, or remove what is no longer needed.",
        ),
        ("disk", "Cell `cell 2` wrote a file of more than 8 MiB. Keep each file smaller."),
    ]


def test_too_many_processes_are_named(slot: Slot) -> None:
    threads = "for _ in range(99): t.Thread(target=t.Event().wait, daemon=True).start()"
    found = run(slot, f"import threading as t\nt.stack_size(2**16)  # their memory is another limit's\n{threads}")
    assert sentences(found)[0] == (
        "processes",
        "Cell `cell 1` started more than the 64 processes and threads allowed at a time. Start fewer, and let each end "
        "before the next begins.",
    )


CUT = (
    "output",
    "Cell `cell 1` showed more than 16 KiB; the rest was cut off. Print a summary, or every hundredth line.",
)


@pytest.mark.parametrize(
    "flood",
    [
        "for i in range(10**6): print(i)",
        "for _ in range(3000): display({'text/plain': 'x' * 100}, raw=True)",
        "h = display('x', display_id=True)\nfor i in range(300): h.update('y' * 1000)",
        "for _ in range(100):\n    print('x' * 1000)\n    from IPython.display import clear_output; clear_output()",
        "x = 'x' * 10**5\nx",
    ],
)
def test_a_flood_is_cut_and_named(slot: Slot, flood: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limits = LIMITS.model_copy(update={"cell_seconds": 20.0})
    found = run(slot, RIGHT + "\n" + flood, checks=[check(doubles)], limits=limits)
    assert CUT in sentences(found)
    assert len(str(found.notebook)) < 200_000
    assert only(found).verdict == "passed"
    assert shown(found) == "after"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_the_whole_notebook_shows_only_so_much(slot: Slot) -> None:
    show = "print('x' * 10_000)"
    found = run(slot, *[show] * 60, "raise ValueError('lost')", RIGHT, checks=[check(doubles)])
    [limit, sentence] = sentences(found)[0]
    assert limit == "output"
    assert sentence.startswith("The notebook showed more than 256 KiB in all; what cell `cell 2")
    assert len(str(found.notebook)) < 400_000
    assert shown(found, 60) == "ValueError: lost"
    assert only(found).verdict == "passed"


def test_what_nbgrader_marks_is_kept_however_much_is_shown_before_it(slot: Slot) -> None:
    loud = "print('x' * 10**5)\nimport sys\nprint('bad', file=sys.stderr)\n0.5"
    kinds = [output.get("name", output.output_type) for output in run(slot, loud).notebook.cells[0].outputs]
    assert kinds == ["stderr", "execute_result"]
    assert shown(run(slot, loud), 0) == "bad\n0.5"


def test_an_error_with_an_endless_text_is_kept_in_part(slot: Slot) -> None:
    found = run(slot, "raise ValueError('x' * 10**6)", "raise ValueError('y' * 10**6)")
    assert shown(found, 0).startswith("ValueError: xxxx")
    assert len(str(found.notebook)) < 500_000


@pytest.mark.parametrize("size", ["display({'text/plain': 'x' * (2**24)}, raw=True)", "print('x' * 2**26)"])
def test_a_message_above_the_cap_ends_the_notebook_and_not_the_grader(slot: Slot, size: str) -> None:
    limits = LIMITS.model_copy(update={"cell_seconds": 20.0})
    found = run(slot, size, checks=[check(half)], limits=limits, test="raise AssertionError")
    assert sentences(found) == [
        (
            "message",
            "Cell `cell 1` sent messages of more than 8 MiB, so the notebook's process was ended. "
            "Show less at a time, and smaller pictures. The other cells were run again without it.",
        )
    ]
    assert only(found).verdict == "failed"
    assert [shown(found, index)[:8] for index in (0, 1, 2)] == ["NotRun: ", "AssertionError: "[:8], "after"]


def test_asking_for_input_is_an_error(slot: Slot) -> None:
    found = run(slot, "input('Name?')", "import getpass; getpass.getpass()", "breakpoint()")
    assert shown(found, 0).startswith("StdinNotImplementedError: ")
    assert shown(found, 1).startswith("StdinNotImplementedError: ")
    assert shown(found) == "after"


def test_predictions_of_every_wrong_kind_reach_the_check_as_plain_values(slot: Slot) -> None:
    seen: list[object] = []

    def looks(student: Student) -> None:
        for number in range(6):
            seen.append(student.call("predict", number))

    source = """
    import numpy as np
    class Lies(np.ndarray):
        def __eq__(self, other): return True
    def predict(n):
        return [np.array([np.nan, np.inf]), np.zeros(2).view(Lies), np.array(["a"]), 1j, 10**400, np.float64(2)][n]
    """
    assert only(run(slot, source, checks=[check(looks)])).verdict == "passed"
    assert isinstance(seen[0], np.ndarray)
    assert type(seen[1]) is np.ndarray
    assert [type(one).__name__ for one in seen[2:]] == ["Handle", "Handle", "Handle", "ndarray"]
