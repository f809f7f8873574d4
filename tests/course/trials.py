"""A lab under trial, for the tests of labs: opens its course and slots, and tries variants under seeds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from autograder.audit import Laboratory as OpenLaboratory
from autograder.audit import Slots, Trial, Variant
from autograder.course import open_course

SEEDS = (0,)  # `make audit` tries five


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

    def try_all(self, variants: Iterable[Variant], seeds: Iterable[int] = SEEDS) -> list[Trial]:
        """Try each variant, whole, under each seed."""
        asked = [(variant, seed) for variant in variants for seed in seeds]
        return list(self._opened.side_by_side(lambda pair: self._opened.try_variant(*pair), asked))
