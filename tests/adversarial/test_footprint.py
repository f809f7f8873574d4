"""What the suite uses to find what a command leaves behind does find it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.adversarial.footprint import Footprint


def footprint_of(script: str, scratch: Path) -> Footprint:
    made = Footprint(["sh", "-c", script], dict(os.environ), scratch)
    made.run(seconds=20)
    return made


def test_a_process_that_outlives_its_command_is_found(tmp_path: Path) -> None:
    made = footprint_of("setsid sleep 30 >/dev/null 2>&1 & sleep 1", tmp_path)
    (line,) = made.left_behind()
    assert line.endswith("sleep 30 ")
    os.kill(int(line.split()[1]), signal.SIGKILL)


def test_a_file_that_stays_is_found(tmp_path: Path) -> None:
    made = footprint_of('touch "$TMPDIR/kept"', tmp_path)
    assert made.left_behind() == [f"file {tmp_path / 'kept'}"]


def test_a_command_that_clears_up_leaves_nothing(tmp_path: Path) -> None:
    made = footprint_of('touch "$TMPDIR/kept"; sleep 1; rm "$TMPDIR/kept"', tmp_path)
    assert made.left_behind() == []
    assert made.seen
    assert made.peak_mib > 0


def test_a_child_of_ours_that_was_there_before_is_nobody_elses(tmp_path: Path) -> None:
    with subprocess.Popen(["autograder-like", "60"], executable="/bin/sleep") as child:
        made = footprint_of("true", tmp_path)
        assert child.pid in made.earlier
        assert made.left_behind() == []
        child.kill()
