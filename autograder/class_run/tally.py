"""How far the grading of a class has come: counts, the rate, and the time that is left."""

from __future__ import annotations

from dataclasses import dataclass, replace

from autograder.grading.grade import Graded

# One submission may be anything; of a few there is an average.
MIN_RUN = 3


@dataclass(frozen=True)
class Tally:
    """Counts of one run.

    Attributes:
        total: How many submissions there are.
        run: How many were run, and have a result.
        unchanged: How many have one without being run.
        refused: How many cannot be read.
        unjudged: Of all these, how many could not be judged.
        held: Students whose results were held back: their number is in none of the above yet.
        first_run: When the first was given to a worker, in seconds of a clock that only goes forward; None before.
    """

    total: int
    run: int = 0
    unchanged: int = 0
    refused: int = 0
    unjudged: int = 0
    held: frozenset[str] = frozenset()
    first_run: float | None = None

    @property
    def done(self) -> int:
        """How many are over and done with, or only wait for somebody to agree."""
        return self.run + self.unchanged + self.refused + len(self.held)

    def begun(self, now: float) -> Tally:
        """With a submission that was given to a worker."""
        return self if self.first_run is not None else replace(self, first_run=now)

    def held_back(self, student: str) -> Tally:
        """With a result that waits until the end."""
        return replace(self, held=self.held | {student})

    def judged(self, graded: Graded) -> Tally:
        """With a result."""
        result = graded.result
        refused = not result.notebooks and result.status == "needs_review"
        return replace(
            self,
            run=self.run + (graded.fresh and not refused),
            unchanged=self.unchanged + (not graded.fresh),
            refused=self.refused + refused,
            unjudged=self.unjudged + (result.status == "could_not_judge"),
            held=self.held - {result.student},
        )

    def per_minute(self, now: float) -> float | None:
        """Submissions run in a minute, in this run so far; None until there is something to go by."""
        run = self.run + len(self.held)
        if self.first_run is None or run < MIN_RUN or now <= self.first_run:
            return None
        return 60.0 * run / (now - self.first_run)

    def seconds_left(self, now: float) -> float | None:
        """About how long the others take, if all have to be run; None until there is something to go by."""
        rate = self.per_minute(now)
        return None if rate is None else 60.0 * (self.total - self.done) / rate
