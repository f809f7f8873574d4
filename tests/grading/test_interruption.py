"""An end that is asked for comes when stopping costs nothing, and says how it was asked for."""

from __future__ import annotations

import os
import signal

import pytest

from autograder.grading.interruption import Interruption


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_waits_and_the_second_does_not(number: signal.Signals, status: int) -> None:
    before = signal.getsignal(number)
    with Interruption.awaited() as interruption:
        interruption.check()
        os.kill(os.getpid(), number)
        assert interruption.status == status
        with pytest.raises(KeyboardInterrupt):
            interruption.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before
