"""Group E: what is handed in, and in what shape."""

from __future__ import annotations

from tests.adversarial.case import Case

CASES: tuple[Case, ...] = ()
