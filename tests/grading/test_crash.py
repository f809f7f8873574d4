"""A few of the points that `make crash` tries all of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def crash(*options: str) -> None:
    # in a process of its own: it forks, and takes every orphan for its own
    command = [sys.executable, "-m", "tests.grading.crash", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_a_run_that_is_killed_at_some_time_and_run_again_ends_as_if_it_had_not_been() -> None:
    crash("--points", "1", "--seed", "11", "--saving", "0")


def test_a_grader_that_ends_before_some_change_to_the_disk_loses_and_doubles_nothing() -> None:
    crash("--points", "0", "--saving", "6")
