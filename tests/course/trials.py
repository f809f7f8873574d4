"""A lab under trial, for the tests of labs: opens its course and slots, and audits it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

from autograder.audit import Examination, Slots, Trial, Variant
from autograder.audit import Laboratory as OpenLaboratory
from autograder.course import open_course


class Laboratory:
    """The lab in `folder`, with slots to try its variants in side by side. Use as a context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Beside another file of tests (pytest -n 2), two slots would train on half a core each, against limits in s.
        self.num_slots = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2

    def __enter__(self) -> Laboratory:
        course = open_course(self.folder.parents[1])
        with ExitStack() as stack:
            slots = stack.enter_context(Slots.open(course, self.num_slots))
            self._opened = stack.enter_context(OpenLaboratory.open(course, self.folder.name, slots))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def problems(self) -> list[str]:
        """What the audit finds under one seed, in haste; `make audit` tries five, and shows everything.

        The reference and every right variant have to earn everything, the untouched notebook nothing, and every wrong
        variant has to lose marks where it says.
        """
        audited = Examination(self._opened, hasty=True).variants(num_seeds=1)
        return [problem for variant in audited for problem in variant.problems]

    def hand_in(self, variant: Variant) -> Trial:
        """Try one variant, whole."""
        return self._opened.try_variant(variant, seed=0)
