"""Group B: reading what is hidden."""

from __future__ import annotations

from tests.adversarial.case import Case

CASES: tuple[Case, ...] = ()
