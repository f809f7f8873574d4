"""A slot for tests that need one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autograder.errors import SandboxUnavailable
from autograder.sandbox import Slot, SlotSettings


@contextmanager
def opened(settings: SlotSettings) -> Iterator[Slot]:
    """A slot, as a context; where none can be had, the test is skipped, but not in continuous integration.

    There, a sandbox that no longer starts would turn half of the tests into a green nothing.
    """
    try:
        with Slot.open(settings) as slot:
            yield slot
    except SandboxUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no sandbox here: {error}")
