"""Slots that several tests share: making one that has TensorFlow loaded takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.sandbox import Limits, Slot, SlotSettings
from tests.sandbox.kernels import Kernel
from tests.slots import opened

SMALL = Limits(memory_mib=512, processes=64, file_mib=8, disk_mib=16, files=200, message_mib=8)


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    """A slot with small limits that has NumPy loaded."""
    with opened(SlotSettings(limits=SMALL, preload=("numpy",))) as made:
        yield made


@pytest.fixture
def kernel(slot: Slot) -> Iterator[Kernel]:
    with Kernel(slot) as made:
        yield made


@pytest.fixture(scope="module")
def shared(slot: Slot) -> Iterator[Kernel]:
    """A kernel for tests that leave nothing behind in it."""
    with Kernel(slot) as made:
        yield made
