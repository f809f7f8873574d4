"""What the command line says of a Dask cluster."""

from __future__ import annotations

import importlib.util

import pytest

from autograder.errors import UsageError
from autograder.grading.scheduler import Scheduler


def test_an_address_and_what_a_submission_takes() -> None:
    found = Scheduler.of("tls://192.0.2.7:8786", ["GPU=1", "SANDBOX=0.5"])
    assert found == Scheduler("tls://192.0.2.7:8786", {"GPU": 1.0, "SANDBOX": 0.5})


@pytest.mark.parametrize(
    "address", ["", "192.0.2.7", "192.0.2.7:8786", "tcp://192.0.2.7", "tcp://a b:8786", "gateway://a:80"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"expected --scheduler as tcp://HOST:PORT .*, received "):
        Scheduler.of(address)


@pytest.mark.parametrize("words", ["GPU", "GPU=", "=1", "GPU=one", "GPU=0", "GPU=-1", "GPU=inf", "GPU=nan"])
def test_what_is_no_amount_is_refused(words: str) -> None:
    with pytest.raises(UsageError, match=f"expected --worker-resources as NAME=NUMBER, such as GPU=1, .* '{words}'"):
        Scheduler.of("tcp://192.0.2.7:8786", [words])


def test_without_dask_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)  # the real one would be uninstalled
    with pytest.raises(UsageError, match=r"found no package `distributed`; install keras-autograder\[distributed\]"):
        Scheduler.of("tcp://192.0.2.7:8786")
