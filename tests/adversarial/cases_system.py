"""Group D: the network and the system."""

from __future__ import annotations

from tests.adversarial.case import Case

CASES: tuple[Case, ...] = ()
