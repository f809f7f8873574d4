"""What a worker says of the cell it runs: now and then, the latest, and never at the cost of the work."""

from __future__ import annotations

import time

from autograder.grading import announcer as announcer_module
from autograder.grading.announcer import Announcer
from autograder.grading.task import Running


def test_of_many_short_cells_few_are_told_and_a_long_one_always_is() -> None:
    told: list[Running] = []
    announcer = Announcer(told.append)
    with announcer.at_work():
        begins = announcer.of("ada", "lab")
        for number in range(200):
            begins(f"cell {number}", False)
            time.sleep(0.001)
        begins("train", True)
        time.sleep(3 * announcer_module.EVERY_SECONDS)
    assert told[-1] == Running(student="ada", notebook="lab", cell="train", checking=True)
    assert 2 <= len(told) <= 5


def test_nothing_is_told_once_the_work_is_done() -> None:
    told: list[Running] = []
    announcer = Announcer(told.append)
    with announcer.at_work():
        pass
    announcer.of("ada", "lab")("late", False)
    with announcer.at_work():
        time.sleep(0.05)
    assert told == []


def test_work_goes_on_when_nothing_can_be_told() -> None:
    def fails(message: Running) -> None:
        raise BrokenPipeError

    announcer = Announcer(fails)
    done = False
    with announcer.at_work():
        announcer.of("ada", "lab")("first", False)
        time.sleep(0.05)
        announcer.of("ada", "lab")("second", False)
        done = True
    assert done


def test_a_name_that_no_message_carries_is_told_as_far_as_it_goes() -> None:
    told: list[Running] = []
    announcer = Announcer(told.append)
    with announcer.at_work():
        announcer.of("ada", "lab")("\ud800" + 200 * "x", False)
        time.sleep(0.05)
    assert told[0].cell == "?" + 79 * "x"
    assert told[0].model_dump_json()
