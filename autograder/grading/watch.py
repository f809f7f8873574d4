"""Who looks on while a class is graded."""

from __future__ import annotations

from autograder.grading.task import Running


class Watch:
    """Told what happens, in the grader's own thread; this one passes over all of it."""

    def begins(self, worker: int, running: Running) -> None:
        """A worker, by its number, has begun with a submission, a cell of it or the checks of one."""

    def rests(self, worker: int) -> None:
        """A worker has nothing to do at the moment."""

    def held(self, student: str) -> None:
        """A submission has been judged, and its result is held back until the end, because the mark would fall."""
