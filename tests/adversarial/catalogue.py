"""All cases, and where the numbers are tried that are no single submission."""

from __future__ import annotations

from collections.abc import Mapping

from tests.adversarial import (
    cases_answers,
    cases_edits,
    cases_ends,
    cases_faults,
    cases_floods,
    cases_forging,
    cases_kernels,
    cases_models,
    cases_packages,
    cases_pages,
    cases_reading,
    cases_resources,
    cases_system,
)
from tests.adversarial.case import Case

NUMBERS = range(1, 79)
MODULES = (
    cases_forging,
    cases_answers,
    cases_kernels,
    cases_edits,
    cases_reading,
    cases_ends,
    cases_floods,
    cases_resources,
    cases_system,
    cases_packages,
    cases_models,
    cases_pages,
    cases_faults,
)
CASES: tuple[Case, ...] = tuple(case for module in MODULES for case in module.CASES)

# Numbers that need another flow than grading one submission: the test that tries them, relative to tests/.
ELSEWHERE: Mapping[int, str] = {
    23: "adversarial/test_reading.py",
    24: "adversarial/test_reading.py",
    50: "adversarial/test_together.py",
    51: "adversarial/test_archives.py",
    52: "adversarial/test_archives.py",
    53: "adversarial/test_archives.py",
    56: "adversarial/test_archives.py",
    65: "adversarial/test_pages.py",
    69: "grading/crash.py",
    70: "grading/test_bad_places.py",
    71: "grading/test_gradebook_file.py",
    74: "adversarial/test_faults.py",
    75: "adversarial/test_faults.py",
    76: "adversarial/test_soak.py",
}

# Numbers no test here can try, and why.
NOT_HERE: Mapping[int, str] = {
    37: "needs a GPU: what one submission takes of its memory can only be seen on one",
    73: "needs a GPU: a driver that fails can only be seen on one",
}


def student_of(case: Case) -> str:
    """A student id for the case, in the order of the catalogue."""
    same = [one for one in CASES if one.number == case.number]
    return f"c{case.number:02d}{chr(ord('a') + same.index(case))}"
