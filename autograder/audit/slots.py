"""Warm slots, shared by everything an audit runs: opened once, lent to one submission at a time."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from autograder.course import Course
from autograder.grading.basis import course_limits
from autograder.grading.grade import worker_limit
from autograder.sandbox import Limits, Slot, SlotSettings


class Slots:
    """Slots that are warm. Use `Slots.open`.

    Attributes:
        number: How many there are: what can run side by side.
        limits: The limits of a submission, as the course sets them.
    """

    def __init__(self, number: int, limits: Limits) -> None:
        self.number, self.limits = number, limits
        self._idle: queue.Queue[Slot] = queue.Queue()
        self._stack = ExitStack()

    @classmethod
    @contextmanager
    def open(cls, course: Course, number: int | None = None) -> Iterator[Slots]:
        """Slots made as for grading the course; they warm up side by side, and are gone at the end.

        Args:
            course: The course: its limits, and what a slot preloads and hides.
            number: How many; as many as cores and memory allow when None.

        Raises:
            SandboxUnavailable: No sandbox can be made here.
        """
        limits = course_limits(course)
        slots = cls(number or worker_limit(limits), limits)
        settings = SlotSettings(limits=limits, preload=course.preload, hide=course.hide)
        with slots._stack:
            # numbered as the pool of grading does: two graders at a time do not take the same users
            cold = [slots._made(replace(settings, number=place + os.getpid() % 97)) for place in range(slots.number)]
            for slot in cold:
                slot.warm_up()
                slots._idle.put(slot)
            yield slots

    @contextmanager
    def lend(self) -> Iterator[Slot]:
        """Lend an idle slot; one that is lost meanwhile is replaced afterwards."""
        slot = self._idle.get()
        try:
            yield slot
        finally:
            self._idle.put(self._replaced(slot) if slot.lost else slot)

    def _replaced(self, lost: Slot) -> Slot:
        lost.close()
        fresh = self._made(lost.settings)
        fresh.warm_up()
        return fresh

    def _made(self, settings: SlotSettings) -> Slot:
        slot = Slot(settings)
        self._stack.callback(slot.close)
        return slot
