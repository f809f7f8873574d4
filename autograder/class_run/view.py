"""What whoever runs `autograder grade` sees of it: a view, told what happens and asked what only they can say."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.grade import Graded
from autograder.grading.watch import Watch
from autograder.results import SubmissionResult


@dataclass(frozen=True)
class Summary:
    """What came of grading one assignment.

    Attributes:
        assignment: The assignment's name.
        graded: What came of each submission of this run.
        records: The results that stand now, marks of people among them, by student id.
        overview: The page about the class.
    """

    assignment: str
    graded: Sequence[Graded]
    records: Sequence[SubmissionResult]
    overview: Path

    @property
    def held(self) -> list[Graded]:
        """Results that would have lowered a mark, and were not saved."""
        return [one for one in self.graded if one.held]

    @property
    def judged(self) -> bool:
        """Whether every submission has been read and judged."""
        return all(result.notebooks and result.status != "could_not_judge" for result in self.records)


class View(Watch):
    """Shows nothing, and agrees to nothing."""

    def shown(self, assignment: str, total: int) -> AbstractContextManager[None]:
        """Show the progress of an assignment with so many submissions while the context lasts."""
        raise NotImplementedError

    def done(self, graded: Graded) -> None:
        """A submission has its result."""

    def agree(self, assignment: str, graded: Sequence[Graded], held: Sequence[Graded]) -> bool:
        """Whether the marks of those that are held back may fall, and everything else is done."""
        return False

    def finish(self, summary: Summary) -> None:
        """Show what came of it all."""

    def stopped(self, resume: str) -> None:
        """The run was ended; `resume` is the sentence that says how it goes on."""
