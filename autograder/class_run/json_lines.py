"""What a machine reads of grading: a JSON object on each line of standard output, and nothing else there."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.class_run.events import CellEvent, Event, FinishedEvent, JudgedEvent, StartedEvent, StoppedEvent
from autograder.class_run.tally import Tally
from autograder.class_run.view import Summary, View
from autograder.grading.grade import Graded
from autograder.grading.task import Running


class JsonLines(View):
    """Writes every event as it comes; asks nobody, so that marks that would fall stay as they were.

    When nobody reads them any more, grading goes on.

    Args:
        course: nbgrader's course id.
    """

    def __init__(self, course: str) -> None:
        self._course = course
        self._assignment = ""
        self._tally = Tally(0)
        self._begun = 0.0

    @contextmanager
    def shown(self, assignment: str, total: int) -> Iterator[None]:
        """Say that it begins."""
        self._assignment, self._tally, self._begun = assignment, Tally(total), time.monotonic()
        _write(StartedEvent(course=self._course, assignment=assignment, submissions=total))
        yield

    def begins(self, worker: int, running: Running) -> None:
        """Say which cell runs."""
        if running.cell:
            _write(
                CellEvent(
                    assignment=self._assignment,
                    student=running.student,
                    notebook=running.notebook,
                    cell=running.cell,
                    checks=running.checking,
                )
            )

    def done(self, graded: Graded) -> None:
        """Say what came of a submission."""
        self._tally = self._tally.judged(graded)
        result = graded.result
        _write(
            JudgedEvent(
                assignment=self._assignment,
                student=result.student,
                score=result.score if result.notebooks else None,
                max_score=result.max_score,
                status=result.status,
                seconds=result.seconds,
                from_cache=not graded.fresh,
                held=graded.held,
            )
        )

    def finish(self, summary: Summary) -> None:
        """Say how many came to what."""
        tally = self._tally
        _write(
            FinishedEvent(
                assignment=summary.assignment,
                submissions=tally.total,
                run=tally.run,
                from_cache=tally.unchanged,
                unreadable=tally.refused,
                could_not_judge=tally.unjudged,
                held=len(summary.held),
                seconds=round(time.monotonic() - self._begun, 3),
                overview=str(summary.overview),
            )
        )

    def stopped(self, resume: str) -> None:
        """Say how far it came, and how it goes on."""
        tally = self._tally
        _write(StoppedEvent(assignment=self._assignment, done=tally.done, submissions=tally.total, resume=resume))


def _write(event: Event) -> None:
    line = json.dumps(event.model_dump(mode="json"))  # in ASCII: a terminal obeys none of it, whoever chose the names
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # as Python's documentation has it: what is left to be written must not fail either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
