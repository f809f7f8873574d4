"""Notes on what checks measure, for calibration, and for nobody else."""

from __future__ import annotations

import threading

import pytest

from autograder.checks import expect_share, mark_curve, note_measured
from autograder.checks.notes import Measurement, note_asked, taking_notes
from autograder.errors import Failure


def test_a_share_is_noted_exactly_whether_it_is_enough_or_not() -> None:
    with taking_notes() as notes:
        expect_share(0.91234, "a share", zero_at=0.5, full_at=0.9)
        with pytest.raises(Failure, match="received 81%"):
            expect_share(0.81234, "a share", zero_at=0.5, full_at=0.9)
    assert notes.measurements == [Measurement("a share", 0.91234, 0.5, 0.9), Measurement("a share", 0.81234, 0.5, 0.9)]


def test_a_mark_curve_notes_its_ends() -> None:
    with taking_notes() as notes:
        mark_curve(3.0, zero_at=4.0, full_at=2.0, what="an error")
    assert notes.measurements == [Measurement("an error", 3.0, 4.0, 2.0)]


def test_nothing_is_kept_where_nobody_takes_notes() -> None:
    note_measured("a share", 0.5)
    note_asked("model")
    with taking_notes() as notes:
        pass
    note_measured("a share", 0.5)
    assert (notes.measurements, notes.asked) == ([], set())


def test_each_thread_takes_notes_of_its_own() -> None:
    def elsewhere() -> None:
        note_measured("a share", 0.1)

    with taking_notes() as notes:
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
        note_asked("model")
    assert (notes.measurements, notes.asked) == ([], {"model"})
