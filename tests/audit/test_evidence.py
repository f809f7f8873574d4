"""On what evidence points rest."""

from __future__ import annotations

import pytest

from autograder.audit import points_by_evidence, require_evidence
from autograder.checks import Check, Student
from autograder.errors import CheckError
from autograder.results import Evidence


def judge(student: Student) -> None:
    """It judges."""


def declared(name: str, cell: str, evidence: Evidence, weight: float = 1.0) -> Check:
    return Check(name, cell, "It judges.", judge, weight=weight, evidence=evidence)


CHECKS = (
    declared("accuracy", "model", "measured", weight=3.0),
    declared("history", "model", "reported"),
    declared("budget", "size", "recomputed"),
)


def test_points_are_shared_by_weight_within_each_cell() -> None:
    assert points_by_evidence({"model": 8.0, "size": 2.0, "essay": 5.0}, CHECKS) == {
        "measured": 6.0,
        "recomputed": 2.0,
        "reported": 2.0,
    }


def test_a_lab_that_rests_on_reports_is_refused_with_the_names_of_its_checks() -> None:
    require_evidence("lab", {"model": 8.0, "size": 2.0}, CHECKS)
    require_evidence("lab", {"model": 1.0}, (*CHECKS[:1], declared("said", "model", "reported", weight=3.0)))
    with pytest.raises(CheckError) as refused:
        require_evidence("lab", {"model": 1.0}, (*CHECKS[:1], declared("said", "model", "reported", weight=3.1)))
    assert "received 0.508197 of 1 (said)" in str(refused.value)
