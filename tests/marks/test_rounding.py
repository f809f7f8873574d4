from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from autograder.course import Policies
from autograder.marks import exact
from autograder.marks.rounding import equals, figure, letter_of, round_half_away


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [
        ("84.25", 1, "84.3"),
        ("84.35", 1, "84.4"),
        ("84.2499999", 1, "84.2"),
        ("-84.25", 1, "-84.3"),
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("90", 2, "90.00"),
    ],
)
def test_a_half_goes_away_from_zero(value: str, decimals: int, rounded: str) -> None:
    assert f"{round_half_away(Fraction(value), decimals):f}" == rounded


def test_the_letter_follows_from_the_rounded_mark() -> None:
    letters = ({"letter": "A", "at_least": 90.0}, {"letter": "F", "at_least": 0.0})
    policies = Policies.model_validate({"letters": letters})
    assert letter_of(round_half_away(Fraction("89.95"), 1), policies) == "A"
    assert letter_of(Decimal("89.9"), policies) == "F"
    assert letter_of(Decimal(90), Policies()) is None


@pytest.mark.parametrize(
    ("value", "shown"), [(Fraction(2, 3), "≈ 0.6667"), (Fraction(9, 10), "= 0.9"), (Fraction(40), "= 40")]
)
def test_a_figure_says_whether_it_is_exact(value: Fraction, shown: str) -> None:
    assert equals(value) == shown
    assert figure(value) == shown[2:]


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (1 / 3, Fraction(1, 3)),
        (0.1 + 0.2, Fraction(3, 10)),
        (40 * (2 / 3), Fraction(80, 3)),
        (35.0, Fraction(35)),
        (0.91234567, Fraction(91234567, 10**8)),
    ],
)
def test_a_number_of_the_gradebook_is_the_fraction_that_was_meant(value: float, meant: Fraction) -> None:
    assert exact(value) == meant
