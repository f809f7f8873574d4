"""How far a class has come: what counts as done, and a rate only once there is something to go by."""

from __future__ import annotations

from autograder.class_run.tally import Tally
from autograder.grading.grade import Graded
from tests.reports import samples

RIGHT = samples.full()
UNREAD = RIGHT.model_copy(update={"student": "garbage", "status": "needs_review", "notebooks": ()})
LOST = RIGHT.model_copy(update={"student": "lost", "status": "could_not_judge", "notebooks": ()})


def test_each_result_counts_as_what_it_is() -> None:
    tally = Tally(6)
    for graded in (Graded(RIGHT, fresh=True), Graded(RIGHT, fresh=False), Graded(UNREAD, True), Graded(LOST, True)):
        tally = tally.judged(graded)
    assert (tally.done, tally.run, tally.unchanged, tally.refused, tally.unjudged) == (4, 2, 1, 1, 1)


def test_a_result_that_is_held_back_is_done_once() -> None:
    tally = Tally(2).held_back(RIGHT.student)
    assert (tally.done, tally.run) == (1, 0)
    tally = tally.judged(Graded(RIGHT, fresh=True, held=True))
    assert (tally.done, tally.run) == (1, 1)


def test_the_rate_is_of_those_that_were_run_and_comes_with_the_third() -> None:
    tally = Tally(20).judged(Graded(RIGHT, fresh=False)).begun(100.0).begun(105.0)
    for _ in range(2):
        tally = tally.judged(Graded(RIGHT, fresh=True))
    assert (tally.per_minute(112.0), tally.seconds_left(112.0)) == (None, None)
    tally = tally.judged(Graded(RIGHT, fresh=True))
    assert tally.per_minute(112.0) == 15.0  # three in 12 seconds
    assert tally.seconds_left(112.0) == 64.0  # sixteen are left
