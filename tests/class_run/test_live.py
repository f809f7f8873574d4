"""The progress of a class as a terminal shows it, at a clock that the test sets."""

from __future__ import annotations

import io

from rich.console import Console

from autograder.class_run.live import LiveProgress
from autograder.grading.grade import Graded
from autograder.grading.task import Running
from tests.reports import samples


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(progress: LiveProgress) -> list[str]:
    console = Console(file=io.StringIO(), width=100)
    with console.capture() as capture:
        console.print(progress.drawn())
    return [" ".join(line.split()) for line in capture.get().splitlines()]


def test_it_shows_how_far_it_is_and_what_each_worker_runs_for_how_long() -> None:
    clock = Clock()
    progress = LiveProgress(Console(file=io.StringIO(), force_terminal=True), "cnn_digits", 10, clock)
    assert lines(progress)[1:] == ["warming sandboxes · 10 waiting"]
    clock.now = 4.0
    progress.begins(0, Running(student="ada"))
    progress.begins(1, Running(student="be[red]la\x1b[2J", notebook="cnn", cell="train\x9b", checking=True))
    for _ in range(3):
        progress.done(Graded(samples.full(), fresh=True))
    progress.done(Graded(samples.unjudged(), fresh=False))
    clock.now = 64.0
    (head, counts, ada, bela) = lines(progress)
    assert head.startswith("cnn_digits ")
    assert head.endswith(" 4/10 0:01:04")
    assert counts == ("2 running · 4 waiting · 1 unchanged · 1 could not be judged · 3.0 per minute · about 2 min left")
    assert ada == "ada starting 60 s"
    assert bela == "be[red]la\N{REPLACEMENT CHARACTER}[2J cnn checks of train\N{REPLACEMENT CHARACTER} 60 s"
    progress.rests(1)
    progress.begins(0, Running(student="ada", notebook="cnn", cell="cell 3"))
    assert lines(progress)[2:] == ["ada cnn cell 3 0 s"]


def test_what_is_left_on_the_terminal_is_the_bar_alone() -> None:
    shown = io.StringIO()
    with LiveProgress(Console(file=shown, force_terminal=True, width=100), "cnn_digits", 1) as progress:
        progress.begins(0, Running(student="ada"))
        progress.done(Graded(samples.full(), fresh=True))
        progress.stop()
        assert len(lines(progress)) == 1
    assert shown.getvalue().endswith("\x1b[?25h")  # the cursor is there again


def test_where_there_is_no_terminal_nothing_is_shown() -> None:
    shown = io.StringIO()
    with LiveProgress(Console(file=shown), "cnn_digits", 1) as progress:
        progress.begins(0, Running(student="ada"))
        progress.done(Graded(samples.full(), fresh=True))
    assert shown.getvalue() == ""
