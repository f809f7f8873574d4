"""The classes, each graded once; and the table of cases where all of them are asked for (ADVERSARIAL=all)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.adversarial.case import Case
from tests.adversarial.catalogue import CASES
from tests.adversarial.classroom import Classroom, classroom

# Read from the environment: options of pytest's own would only be known when this folder alone is tested.
EVERYTHING = os.environ.get("ADVERSARIAL") == "all"
ONLY = {int(word) for word in os.environ.get("ADVERSARIAL_ONLY", "").split(",") if word}


def chosen(*, keras: bool) -> list[Case]:
    """The cases of one of the two classes that are tried now."""
    if ONLY:
        return [case for case in CASES if case.keras == keras and case.number in ONLY]
    return [case for case in CASES if case.keras == keras and (EVERYTHING or not (case.slow or keras))]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each case: its number, what it does, what came of it."""
    if not EVERYTHING:
        return
    rows = [
        (*(str(value) for _, value in report.user_properties), report.outcome)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call" and report.user_properties
    ]
    if rows:
        terminalreporter.section("cases")
    for student, sentence, promise, outcome, passed in sorted(rows):
        terminalreporter.write_line(f"{student}  {passed:6}  {promise:12}  {outcome:34}  {sentence}")


@pytest.fixture(scope="session")
def numpy_class() -> Iterator[Classroom]:
    # One honest submission behind each case; where time matters, behind every third.
    with classroom(chosen(keras=False), together=1 if EVERYTHING or ONLY else 3) as graded:
        yield graded


@pytest.fixture(scope="session")
def keras_class() -> Iterator[Classroom]:
    with classroom(chosen(keras=True), keras=True) as graded:
        yield graded
