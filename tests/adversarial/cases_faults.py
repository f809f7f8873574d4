"""Group H: faults around the grader."""

from __future__ import annotations

from tests.adversarial.case import Case

CASES: tuple[Case, ...] = ()
