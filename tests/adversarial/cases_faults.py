"""Group H: faults around the grader, and whether the checks themselves tell right from wrong."""

from __future__ import annotations

import pytest

from tests.adversarial.case import Case, Outcome, answer, scores, unaffected, zero
from tests.adversarial.cases_packages import untouched


def half_right(outcome: Outcome) -> None:
    """Expect two thirds of `scale`, and the rest as earned."""
    earned = outcome.scores["scale"]
    assert earned == pytest.approx(8 / 3), str(outcome)
    scores(scale=earned)(outcome)


CASES: tuple[Case, ...] = (
    Case(
        72,
        "H",
        "a submission that is killed for its memory is told so, and loses its question",
        answer("scale", "def scale(values):\n    kept = [np.ones(2**20) for _ in range(10**4)]\n    return kept[0]"),
        zero("scale", "memory"),
    ),
    Case(77, "H", "the solution earns everything but the written answer", lambda folder: None, unaffected),
    Case(
        77,
        "H",
        "the empty template earns nothing at all",
        untouched,
        scores(scale=0.0, classify=0.0, report=0.0, plain=0.0),
    ),
    Case(
        77,
        "H",
        "an answer that forgets a special case earns the rest",
        answer("scale", "def scale(values):\n    return (values - values.min()) / (values.max() - values.min())"),
        half_right,
    ),
    Case(
        77,
        "H",
        "an answer that fits the visible tests alone earns nothing",
        answer("scale", "def scale(values):\n    return np.array([0.0, 1.0])"),
        zero("scale", "expected"),
    ),
    Case(
        77,
        "H",
        "a classifier that prefers the wrong classes earns nothing",
        answer(
            "classify",
            "centres = np.zeros((3, 6, 6))\n\ndef classify(images):\n    return np.eye(3)[[0] * len(images)]",
        ),
        zero("classify"),
    ),
    Case(
        77,
        "H",
        "a number that is made up earns nothing",
        answer("report", "def describe():\n    return {'numbers': 7}"),
        zero("report", "not what it should be"),
    ),
    Case(
        77,
        "H",
        "an answer that fits the visible half of a tests cell earns nothing",
        answer("plain", "def double(number):\n    return 4"),
        zero("plain"),
    ),
)
