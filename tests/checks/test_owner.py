"""Whose submission it is: told to checks that are declared to depend on it, and to no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from autograder.checks import Failure, Owner, Student, check
from autograder.checks.declare import Check
from autograder.checks.run import Bench, run_checks
from autograder.results import CheckResult
from autograder.sandbox.clock import RunClock
from autograder.sandbox.process import StudentProcess


class Idle:
    """A process that is asked nothing here but whether it is idle."""

    clock = RunClock(lambda: 0.0)

    def idle(self, seconds: float) -> bool:
        return True

    def ask(self, request: str, arguments: dict[str, Any], *, seconds: float) -> None:
        assert request == "seed"


def judged(function: Callable[[Student], float | None], *, personal: bool) -> CheckResult:
    declared = cast(Check, check(cell="x", personal=personal)(function).__autograder_check__)  # type: ignore[attr-defined]
    process = cast(StudentProcess, Idle())
    bench = Bench(process, lambda: process, "seed", {}, 5.0, owner=Owner("ada", ("1a", "2b")))
    return run_checks([declared], bench, {})[0]


def knows_who(student: Student) -> None:
    """It is Ada's."""
    if student.owner != Owner("ada", ("1a", "2b")):
        raise Failure("expected Ada")


def test_a_personal_check_is_told() -> None:
    assert judged(knows_who, personal=True).verdict == "passed"


def test_any_other_check_is_not() -> None:
    result = judged(knows_who, personal=False)
    assert result.verdict == "could_not_judge"
    assert "expected a check declared with personal=True" in result.fault


@pytest.mark.parametrize("passes", [True, False])
def test_a_check_may_remark_and_explain(passes: bool) -> None:
    def remarks(student: Student) -> None:
        """It is right."""
        student.explain("Because.")
        student.remark("read as 3")
        if not passes:
            raise Failure("expected 3, received 4")

    result = judged(remarks, personal=False)
    assert result.explanation == "Because."
    assert result.message == ("read as 3" if passes else "expected 3, received 4")
