"""Group F: files with models and data."""

from __future__ import annotations

from tests.adversarial.case import Case

CASES: tuple[Case, ...] = ()
