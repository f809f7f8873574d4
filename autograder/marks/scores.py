"""What marks are computed from: one score for each student and assignment that something is known of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

# In binary floating point a third of a point is not a third any more, and 0.1 + 0.2 is not 0.3. Fractions with
# denominators up to a thousand are a millionth apart or more, so that what comes this close to one was meant to be it.
LARGEST_DENOMINATOR = 1000
CLOSE = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Score:
    """What one student's work on one assignment has earned.

    Attributes:
        student: The student's id.
        assignment: The assignment's id.
        max_points: The points of the assignment.
        points: The points that are decided, extra credit included, before any deduction for lateness.
        open_points: The most that what is not decided yet can add.
        handed_in: When, with time zone; None where nobody wrote it down, which counts as in time.
        waiting: Why the score is not final, a sentence each.
        nbgrader_penalty: What nbgrader's own late penalty would take off, in points. It is no part of `points` and is
            not counted: lateness is course.toml's to decide.
    """

    student: str
    assignment: str
    max_points: Fraction
    points: Fraction
    open_points: Fraction = Fraction(0)
    handed_in: datetime | None = None
    waiting: tuple[str, ...] = ()
    nbgrader_penalty: Fraction = Fraction(0)


def exact(value: float) -> Fraction:
    """A number of the gradebook as the fraction that was meant.

    Within a billionth of a fraction with a denominator of at most a thousand it is that fraction (a third of a point, a
    tenth); otherwise it is the number's shortest decimal. A larger number never becomes a smaller fraction.

    Args:
        value: A finite number.
    """
    written = Fraction(repr(float(value)))
    simple = written.limit_denominator(LARGEST_DENOMINATOR)
    return simple if abs(simple - written) <= CLOSE else written
