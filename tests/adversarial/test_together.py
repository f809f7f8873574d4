"""Number 50: two submissions that are graded at the same time and try to tell each other something."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adversarial.case import HONEST, Outcome, append
from tests.adversarial.classroom import Classroom
from tests.adversarial.courses import KEEPER, make_arena
from tests.adversarial.footprint import wait_for_nothing

CELL_SECONDS = 3.0
NUM_CELLS = 3
# Both: open a file of the system that every sandbox shows, and stay for as long as a cell may take.
BEGIN = f"""
import ctypes, fcntl, json, os, socket, struct, sys, time
begun, path = time.time(), os.__file__
file = open(path, "rb")
locked = open(json.__file__, "rb")  # another one: closing any descriptor of a file gives up the process's locks on it
libc = ctypes.CDLL(None)
def lasting():
    while time.time() < begun + {CELL_SECONDS}:
        yield time.sleep(0.02)
LOCK = struct.Struct("hhqqi4x")
"""
SEND = """
fcntl.flock(file, fcntl.LOCK_EX)
fcntl.fcntl(locked, fcntl.F_SETLK, LOCK.pack(fcntl.F_RDLCK, 0, 0, 0, 0))
name = socket.socket(socket.AF_UNIX)
name.bind("\\0together")
name.listen()
libc.syscall(248, b"user", b"together", b"x", 1, -3)
for place in ("/dev/shm/together", "/tmp/together"):
    open(place, "w").close()
for _ in lasting():
    open(path, "rb").close()
name.close()
file.close()
for place in ("/dev/shm/together", "/tmp/together"):
    os.unlink(place)
print(json.dumps({"from": begun, "to": time.time()}))
"""
RECEIVE = """
seen = set()
news = libc.inotify_init1(os.O_NONBLOCK)
if news >= 0:
    libc.inotify_add_watch(news, path.encode(), 0x20)
for _ in lasting():
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_UN)
    except BlockingIOError:
        seen.add("flock")
    for command in (fcntl.F_GETLK, 36):
        try:
            answer = fcntl.fcntl(locked, command, LOCK.pack(fcntl.F_WRLCK, 0, 0, 0, 0))
            if LOCK.unpack(answer)[0] != fcntl.F_UNLCK: seen.add("lock")
        except OSError: pass
    with socket.socket(socket.AF_UNIX) as other:
        if other.connect_ex("\\0together") == 0: seen.add("name")
    if libc.syscall(249, b"user", b"together", 0, 0) > 0: seen.add("key")
    for place in ("/dev/shm/together", "/tmp/together"):
        if os.path.exists(place): seen.add(place)
    try:
        if news >= 0 and os.read(news, 4096): seen.add("news of a file")
    except BlockingIOError: pass
print(json.dumps({"from": begun, "to": time.time(), "seen": sorted(seen)}))
"""


@pytest.fixture(scope="module")
def pair() -> Iterator[Classroom]:
    """Two submissions alone with two workers, each with the same cell several times over."""
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    try:
        (folder / "tmp").mkdir()
        room = Classroom(make_arena(folder / "course"), folder / "tmp")
        shutil.rmtree(room.arena.course.folder("submitted", KEEPER, room.arena.lab).parent)
        for student, code in (("sender", SEND), ("receiver", RECEIVE)):
            room.arena.hand_in(student, _several(BEGIN + code))
        room.grade()
        yield room
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _several(code: str) -> object:
    def submit(folder: Path) -> None:
        for cell in ("scale", "classify", "plain")[:NUM_CELLS]:
            append(cell, code)(folder)

    return submit


def told(outcome: Outcome) -> list[dict[str, object]]:
    """What each cell of the submission printed of itself."""
    assert outcome.notebook is not None
    texts = [output.get("text", "") for cell in outcome.notebook.cells for output in cell.get("outputs", [])]
    return [json.loads(line) for text in texts for line in text.splitlines() if line.startswith("{")]


def test_two_submissions_at_the_same_time_cannot_signal_to_each_other(pair: Classroom) -> None:
    sent, received = (told(pair.outcome(student)) for student in ("sender", "receiver"))
    assert (len(sent), len(received)) == (NUM_CELLS, NUM_CELLS), pair.outcome("receiver").outputs
    shared = sum(max(0.0, min(a["to"], b["to"]) - max(a["from"], b["from"])) for a in sent for b in received)  # type: ignore
    assert shared > CELL_SECONDS, "they were not graded at the same time"
    assert [one["seen"] for one in received] == [[]] * NUM_CELLS


def test_both_get_their_marks_and_leave_nothing_behind(pair: Classroom) -> None:
    for student in ("sender", "receiver"):
        assert pair.outcome(student).scores == HONEST
    assert pair.footprint is not None
    assert wait_for_nothing(pair.footprint) == []


def test_without_a_sandbox_they_could() -> None:
    command = [sys.executable, "-c"]
    with (
        subprocess.Popen([*command, textwrap.dedent(BEGIN + RECEIVE)], stdout=subprocess.PIPE, text=True) as receiver,
        subprocess.Popen([*command, textwrap.dedent(BEGIN + SEND)], stdout=subprocess.DEVNULL) as sender,
    ):
        shown, _ = receiver.communicate(timeout=30)
        assert sender.wait(timeout=30) == 0
    seen = set(json.loads(shown)["seen"])
    assert {"flock", "lock", "name", "/dev/shm/together", "/tmp/together", "news of a file"} <= seen
