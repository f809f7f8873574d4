"""On what evidence a lab's points rest: most of them may not rest on the word of the student's process."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from autograder.checks import Check
from autograder.errors import CheckError
from autograder.results import Evidence

MOST_REPORTED = 0.5


def points_by_evidence(points: Mapping[str, float], checks: Sequence[Check]) -> dict[Evidence, float]:
    """Share the points that checks decide on by the evidence they rest on.

    Args:
        points: Points of each tests cell by its grade_id.
        checks: The lab's checks.
    """
    found: dict[Evidence, float] = {"measured": 0.0, "recomputed": 0.0, "reported": 0.0}
    for check in checks:
        weight = math.fsum(other.weight for other in checks if other.cell == check.cell)
        found[check.evidence] += points.get(check.cell, 0.0) * check.weight / weight
    return found


def require_evidence(name: str, points: Mapping[str, float], checks: Sequence[Check]) -> None:
    """Refuse a lab whose points rest mostly on reported checks.

    Raises:
        CheckError: They do; the message names the checks.
    """
    found = points_by_evidence(points, checks)
    total = math.fsum(found.values())
    if found["reported"] <= MOST_REPORTED * total:
        return
    reported = ", ".join(check.name for check in checks if check.evidence == "reported")
    raise CheckError(
        f"expected at most half of the points of {name} to rest on what the student's process reports, "
        f"received {found['reported']:g} of {total:g} ({reported}); measure against answers that stay outside, or ask "
        "a copy of the model (`student.rebuild`)"
    )
