"""Group G: what reaches a browser, a spreadsheet, a terminal."""

from __future__ import annotations

from tests.adversarial.case import Case

CASES: tuple[Case, ...] = ()
